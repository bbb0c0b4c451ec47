//! Text for notebooks.

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Text with the special characters of HTML escaped.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Rows as a table.
pub(crate) fn table(names: &[&str], rows: &[Bound<'_, PyDict>]) -> PyResult<String> {
    let mut text = String::from("<table><thead><tr>");
    for name in names {
        text.extend(["<th>", &escaped(name), "</th>"]);
    }
    text.push_str("</tr></thead><tbody>");
    for row in rows {
        text.push_str("<tr>");
        for name in names {
            let value = row.get_item(name)?.map(|value| value.str().map(|text| text.to_string()));
            text.extend(["<td>", &escaped(&value.transpose()?.unwrap_or_default()), "</td>"]);
        }
        text.push_str("</tr>");
    }
    text.push_str("</tbody></table>");
    Ok(text)
}
