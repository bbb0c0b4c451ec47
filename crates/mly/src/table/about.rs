//! What a result is: its layer, the question that it answers, and whom to name.
//!
//! It travels in the metadata of the schema. Formats that have a place for it write it down, and readers of files bring
//! it back, so that it survives conversions.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_schema::{Metadata, Schema, SchemaRef};
use serde_json::Value;

/// The licence of everything that the service publishes (<https://www.mapillary.com/terms>).
pub(crate) const LICENSE: &str = "CC BY-SA 4.0";
pub(crate) const LICENSE_URL: &str = "https://creativecommons.org/licenses/by-sa/4.0/";

/// Whom the licence asks to name.
pub(crate) const ATTRIBUTION: &str = "Mapillary";
pub(crate) const ATTRIBUTION_URL: &str = "https://www.mapillary.com";

/// Keys of the metadata.
pub(crate) const ATTRIBUTION_KEY: &str = "attribution";
pub(crate) const LICENSE_KEY: &str = "license";
/// The question in words.
pub(crate) const DESCRIPTION_KEY: &str = "description";
/// Name of the layer.
pub(crate) const LAYER_KEY: &str = "mly:layer";
/// The question as JSON, as a stored plan has it.
pub(crate) const QUESTION_KEY: &str = "mly:question";
/// The fields that the question names, with commas between them.
pub(crate) const FIELDS_KEY: &str = "mly:fields";

const KEYS: [&str; 6] = [ATTRIBUTION_KEY, DESCRIPTION_KEY, LICENSE_KEY, FIELDS_KEY, LAYER_KEY, QUESTION_KEY];

/// Name of a layer that has none of its own.
const UNNAMED: &str = "features";

/// Most bytes of the name of a layer.
const LONGEST_LAYER: usize = 200;

/// Names that begin so belong to the databases that layers are tables of (GeoPackage 1.4, `SQLite`).
const RESERVED: [&str; 3] = ["gpkg_", "sqlite_", "rtree_"];

/// The table in which QGIS keeps styles.
const STYLES: &str = "layer_styles";

/// What the metadata of a schema say about a result.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a>(&'a Metadata);

impl<'a> About<'a> {
    pub(crate) fn of(schema: &'a Schema) -> Self {
        Self(schema.metadata())
    }

    fn text(self, key: &str) -> Option<&'a str> {
        self.0.get(key).map(String::as_str)
    }

    /// Name of the layer, if it has one that databases accept.
    pub(crate) fn own_layer(self) -> Option<&'a str> {
        self.text(LAYER_KEY).filter(|name| is_layer_name(name))
    }

    /// Name of the layer, or `features` if it has none.
    pub(crate) fn layer(self) -> &'a str {
        self.own_layer().unwrap_or(UNNAMED)
    }

    /// Whether the rows are under a licence, as those of the service are.
    pub(crate) fn is_licensed(self) -> bool {
        self.0.contains_key(LICENSE_KEY)
    }

    /// Whether the question names its columns, so that all of them are written even if no row has a value.
    pub(crate) fn are_columns_named(self) -> bool {
        self.0.contains_key(FIELDS_KEY)
    }

    /// The question as JSON, as a stored plan has it.
    pub(crate) fn question(self) -> Option<&'a str> {
        self.text(QUESTION_KEY)
    }

    /// The licence, and whom to name.
    pub(crate) fn attribution(self) -> Option<String> {
        match (self.text(LICENSE_KEY), self.text(ATTRIBUTION_KEY)) {
            (Some(license), Some(name)) => Some(format!("{license}, {name}")),
            (one, other) => one.or(other).map(str::to_owned),
        }
    }

    /// The question in words, and whom to name.
    pub(crate) fn description(self) -> Option<String> {
        let parts = [self.text(DESCRIPTION_KEY).map(str::to_owned), self.attribution()];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
        Some(text).filter(|text| !text.is_empty())
    }

    /// The keys and values that describe a result, sorted.
    pub(crate) fn pairs(self) -> BTreeMap<&'a str, &'a str> {
        let of_ours = |(key, value): (&'a String, &'a String)| (key.as_str(), value.as_str());
        self.0.iter().map(of_ours).filter(|(key, _)| KEYS.contains(key)).collect()
    }

    /// [`About::pairs`] as a JSON object; `None` when there are none.
    pub(crate) fn to_json(self) -> Option<Value> {
        let pairs = self.pairs();
        (!pairs.is_empty()).then(|| pairs.into_iter().collect())
    }
}

/// The keys and values of a JSON object that describe a result; what else is in it is ignored.
pub(crate) fn about_pairs(json: &str) -> BTreeMap<String, String> {
    let pairs: BTreeMap<String, Value> = serde_json::from_str(json).unwrap_or_default();
    let text = |(key, value): (String, Value)| match value {
        Value::String(text) if KEYS.contains(&key.as_str()) => Some((key, text)),
        _ => None,
    };
    pairs.into_iter().filter_map(text).collect()
}

/// A schema with further metadata.
pub(crate) fn with_pairs(schema: &SchemaRef, pairs: impl IntoIterator<Item = (String, String)>) -> SchemaRef {
    let mut metadata = schema.metadata().clone();
    metadata.extend(pairs);
    if metadata == *schema.metadata() {
        return SchemaRef::clone(schema);
    }
    Arc::new(Schema::new_with_metadata(schema.fields().clone(), metadata))
}

/// Whether databases accept the name of a layer.
pub(crate) fn is_layer_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !name.trim().is_empty()
        && name.len() <= LONGEST_LAYER
        && !name.chars().any(char::is_control)
        && !RESERVED.iter().any(|reserved| lower.starts_with(reserved))
        && lower != STYLES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(pairs: &[(&str, &str)]) -> Schema {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Schema::empty().with_metadata(pairs.collect::<Metadata>())
    }

    #[test]
    fn a_layer_has_the_name_that_it_was_given_if_databases_accept_it() {
        for (name, want) in [
            ("signs", "signs"),
            ("My signs; \"2\"", "My signs; \"2\""),
            ("", "features"),
            (" ", "features"),
            ("a\0b", "features"),
            ("GPKG_contents", "features"),
            ("sqlite_schema", "features"),
            ("Layer_Styles", "features"),
        ] {
            assert_eq!(About::of(&described(&[(LAYER_KEY, name)])).layer(), want, "{name}");
        }
        assert_eq!(About::of(&Schema::empty()).layer(), "features");
    }

    #[test]
    fn what_describes_a_result_comes_back_from_json_and_nothing_else() {
        let schema = described(&[(LAYER_KEY, "signs"), ("pandas", "{}"), (LICENSE_KEY, "none")]);
        let json = About::of(&schema).to_json().unwrap().to_string();
        assert_eq!(json, r#"{"license":"none","mly:layer":"signs"}"#);
        let pairs = about_pairs(r#"{"mly:layer":"signs","mly:fields":1,"other":"x"}"#);
        assert_eq!(pairs, BTreeMap::from([(LAYER_KEY.to_owned(), "signs".to_owned())]));
        assert!(about_pairs("[").is_empty() && About::of(&Schema::empty()).to_json().is_none());
    }
}
