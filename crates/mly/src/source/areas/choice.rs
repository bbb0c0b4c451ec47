//! The layer of a file that has several.

use crate::error::{Error, Result, unknown};

/// Most layers that a message names.
const SHOWN: usize = 8;

/// The number of the layer to read: the wanted one, or the only one there is.
///
/// # Errors
/// When there is none, none of that name, or a choice to make.
pub(super) fn one_layer(file: &str, names: &[&str], wanted: Option<&str>) -> Result<usize> {
    match (wanted, names) {
        (_, []) => Err(Error::query(format!("the {file} has no layer with geometries"))
            .with_hint("an area has a polygon, line or point")),
        (Some(wanted), names) => {
            names.iter().position(|name| *name == wanted).ok_or_else(|| unknown("layer", wanted, names))
        }
        (None, [_]) => Ok(0),
        (None, several) => {
            let shown: Vec<_> =
                several.iter().take(SHOWN).map(|name| name.escape_debug().to_string()).collect();
            let what = format!("the {file} has {} layers: {}", several.len(), shown.join(", "));
            Err(Error::query(what).with_hint(format!("choose one of them: FILE#{}", several[0])))
        }
    }
}
