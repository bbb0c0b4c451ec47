//! Pages of files, and what is in a page.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use mly_map::{MapError, Page};
use serde_json::Value;

/// A page whose layers are these GeoJSON files, each a name and the text of its features.
pub(crate) fn page_of(files: &[(&str, String)]) -> Result<Page, MapError> {
    let folder = tempfile::tempdir().unwrap();
    files.iter().try_fold(Page::new("town"), |page, (name, features)| {
        let path = folder.path().join("rows.geojson");
        std::fs::write(&path, format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#)).unwrap();
        with_file(page, name, &path)
    })
}

/// A page with the rows of a file as another layer.
pub(crate) fn with_file(page: Page, name: &str, path: &Path) -> Result<Page, MapError> {
    let rows = mly::source::rows(path)?;
    page.with_layer(name, &rows.schema(), rows)
}

pub(crate) fn html(page: &Page) -> String {
    let mut bytes = Vec::new();
    page.write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The data of a page, as its script reads them.
pub(crate) fn data(page: &Page) -> Value {
    let html = html(page);
    let (_, after) = html.split_once(r#"id="mly-data">"#).unwrap();
    serde_json::from_str(after.split_once("</script>").unwrap().0).unwrap()
}

/// The values of a column, read as the page reads them.
pub(crate) fn column(layer: &Value, name: &str) -> Vec<Option<String>> {
    let columns = layer["columns"].as_array().unwrap();
    let column = columns.iter().find(|column| column["name"] == name).unwrap();
    let bytes = |key: &str| BASE64_STANDARD.decode(column[key].as_str()?).ok();
    let text = |word: &Value| word.as_str().map_or_else(|| word.to_string(), str::to_owned);
    if let Some(words) = column["words"].as_array() {
        let width = usize::try_from(column["width"].as_u64().unwrap()).unwrap();
        let code = |bytes: &[u8]| bytes.iter().rev().fold(0, |code, byte| code << 8 | usize::from(*byte));
        let codes = bytes("codes").unwrap();
        let codes = codes.chunks_exact(width).map(code);
        return codes.map(|code| Some(text(&words[code.checked_sub(1)?]))).collect();
    }
    let nulls = bytes("nulls");
    let is_null = |row: usize| nulls.as_ref().is_some_and(|nulls| nulls[row] == 1);
    let ints = bytes("ints").map(|bytes| texts(&bytes, i64::from_le_bytes));
    let all = ints.unwrap_or_else(|| texts(&bytes("floats").unwrap(), f64::from_le_bytes));
    all.into_iter().enumerate().map(|(row, text)| (!is_null(row)).then_some(text)).collect()
}

fn texts<T: ToString>(bytes: &[u8], read: fn([u8; 8]) -> T) -> Vec<String> {
    bytes.chunks_exact(8).map(|bytes| read(bytes.try_into().unwrap()).to_string()).collect()
}

/// The numbers of all positions of a layer.
pub(crate) fn positions(layer: &Value) -> Vec<f64> {
    let bytes = BASE64_STANDARD.decode(layer["shapes"]["positions"].as_str().unwrap()).unwrap();
    bytes.chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap())).collect()
}

/// A sign as a feature.
pub(crate) fn sign(id: i64, value: &str, [lon, lat]: [f64; 2]) -> String {
    let value = Value::from(value);
    format!(
        r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{lon},{lat}]}},"properties":{{"id":{id},"value":{value},"first_seen_at":1600000000000,"last_seen_at":1700000000000}}}}"#
    )
}
