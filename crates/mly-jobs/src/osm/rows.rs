//! The table of what was found.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BinaryArray, Float64Array, StringArray, UInt32Array};
use arrow_schema::{Field, Schema};
use arrow_select::take::take;
use mly::sink::{with_description, with_layer};
use mly::{ColumnKind, Error, Result, Wkb};
use serde_json::{Map, Value};

use super::element::Element;
use super::finding::{Finding, OsmStatus};
use super::mapped_sign::{MappedSigns, internal};
use crate::openstreetmap::OsmTags;
use crate::table::Table;

/// The columns that stand before those of the signs.
const COLUMNS: [(&str, ColumnKind); 5] = [
    ("status", ColumnKind::Text),
    ("osm_id", ColumnKind::Text),
    ("osm_tags", ColumnKind::Json),
    ("suggested_tags", ColumnKind::Json),
    ("distance_m", ColumnKind::Float),
];

/// The table of signs and of what was found of each, and of things that are not seen any more.
pub(super) fn table(signs: &MappedSigns, findings: &[Finding], gone: &[&Element]) -> Result<Table> {
    let count = findings.len() + gone.len();
    let texts = |of_sign: &dyn Fn(&Finding) -> Option<String>,
                 of_gone: &dyn Fn(&Element) -> Option<String>|
     -> ArrayRef {
        let all = findings.iter().map(of_sign).chain(gone.iter().map(|element| of_gone(element)));
        Arc::new(all.collect::<StringArray>())
    };
    let status = |finding: &Finding| Some(finding.status.name().to_owned());
    let gone_status = |_: &Element| Some(OsmStatus::MaybeRemoved.name().to_owned());
    let id = |finding: &Finding| finding.element.as_ref().map(|(id, _)| id.to_string());
    let tags = |finding: &Finding| finding.element.as_ref().map(|(_, tags)| tags_json(tags));
    let suggested = |finding: &Finding| suggested_json(finding);
    let distances = findings.iter().map(|finding| finding.distance_m).chain(gone.iter().map(|_| None));
    let mut columns: Vec<ArrayRef> = vec![
        texts(&status, &gone_status),
        texts(&id, &|element| Some(element.id.to_string())),
        texts(&tags, &|element| Some(tags_json(&element.info.tags))),
        texts(&suggested, &|_| None),
        Arc::new(distances.collect::<Float64Array>()),
    ];
    let mut fields = COLUMNS.map(|(name, kind)| kind.field(name, name != "status")).to_vec();
    let sign_count = u32::try_from(findings.len()).unwrap_or(u32::MAX);
    let order: UInt32Array =
        (0..count).map(|row| u32::try_from(row).ok().filter(|row| *row < sign_count)).collect();
    let is_ours = |name: &str| COLUMNS.iter().any(|(ours, _)| *ours == name);
    for (field, column) in signs.rows.schema_ref().fields().iter().zip(signs.rows.columns()) {
        if field.name() == "geometry" || is_ours(field.name()) {
            continue;
        }
        fields.push(Field::clone(field).with_nullable(true));
        columns.push(take(column, &order, None).map_err(internal)?);
    }
    let places = signs.all.iter().map(|sign| sign.at).chain(gone.iter().map(|element| element.at));
    fields.push(ColumnKind::Point.field("geometry", false));
    columns.push(Arc::new(places.map(|at| Some(Wkb::Point(at).bytes())).collect::<BinaryArray>()));
    let names: Vec<_> = fields.iter().map(|field| field.name().clone()).collect();
    let schema = Arc::new(Schema::new(fields));
    let text = "signs compared with OpenStreetMap";
    let schema = with_description(
        &with_layer(&schema, "osm")?,
        text,
        "CC BY-SA 4.0 and ODbL 1.0",
        "Mapillary, OpenStreetMap contributors",
    );
    let mut metadata = schema.metadata().clone();
    metadata.insert("mly:fields".to_owned(), names.join(","));
    let schema = Arc::new(Schema::new_with_metadata(schema.fields().clone(), metadata));
    if columns.iter().any(|column| column.len() != count) {
        return Err(Error::internal("the columns of a job have different lengths"));
    }
    Table::of_columns(schema, columns)
}

/// Tags as a JSON object.
pub(super) fn tags_json(tags: &OsmTags) -> String {
    object(tags.iter())
}

/// The suggested tags as a JSON object, where there are any and it is not there already.
pub(super) fn suggested_json(finding: &Finding) -> Option<String> {
    let is_open = !matches!(finding.status, OsmStatus::Confirmed | OsmStatus::Unmapped);
    (is_open && !finding.suggested.is_empty())
        .then(|| object(finding.suggested.iter().map(|(key, value)| (key.as_str(), value.as_str()))))
}

fn object<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let sorted: BTreeMap<&str, &str> = pairs.collect();
    let map: Map<String, Value> = sorted.into_iter().map(|(k, v)| (k.to_owned(), Value::from(v))).collect();
    Value::Object(map).to_string()
}
