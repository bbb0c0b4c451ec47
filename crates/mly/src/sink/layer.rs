//! The name of the layer of a result: the table of a GeoPackage, and the layer of a FlatGeobuf file.

use arrow_schema::{Schema, SchemaRef};

use crate::error::{Error, Result};
use crate::table::{
    ATTRIBUTION_KEY, About, DESCRIPTION_KEY, LAYER_KEY, LICENSE_KEY, is_layer_name, with_pairs,
};

/// The name of the layer that a schema tells, such as `images`; `None` if it tells none.
///
/// Results of plans are named after what they hold. Rows from files keep the name that their file has for them.
pub fn layer_of(schema: &Schema) -> Option<&str> {
    About::of(schema).own_layer()
}

/// The schema with a name for the layer.
///
/// # Errors
/// [`Error::InvalidQuery`] when databases do not accept the name.
pub fn with_layer(schema: &SchemaRef, name: &str) -> Result<SchemaRef> {
    check_layer(name)?;
    Ok(with_pairs(schema, [(LAYER_KEY.to_owned(), name.to_owned())]))
}

/// The schema with a description of its rows, the licence that they are under, and whom to name.
///
/// Formats that have a place for it write it down.
pub fn with_description(schema: &SchemaRef, text: &str, license: &str, attribution: &str) -> SchemaRef {
    let pairs = [(DESCRIPTION_KEY, text), (LICENSE_KEY, license), (ATTRIBUTION_KEY, attribution)];
    with_pairs(schema, pairs.map(|(key, value)| (key.to_owned(), value.to_owned())))
}

/// Checks the name of a layer.
///
/// # Errors
/// [`Error::InvalidQuery`] when databases do not accept it.
pub fn check_layer(name: &str) -> Result<()> {
    if is_layer_name(name) {
        return Ok(());
    }
    Err(Error::query(format!("`{}` cannot be the name of a layer", name.escape_debug()))
        .with_hint("names have up to 200 characters, do not begin with gpkg_, sqlite_ or rtree_, and are not layer_styles"))
}
