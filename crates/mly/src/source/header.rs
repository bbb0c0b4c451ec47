//! Judges the header of a table: whether commas separate its fields, and whether it is a header at all.

use crate::error::{Error, Place};

/// What separates the fields of tables that are not read, and what it is called.
const SEPARATORS: [(char, &str); 3] = [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")];

/// Names of columns that tell a header from other text.
const TELLING: [&str; 6] = ["id", "image_id", "map_feature_id", "longitude", "latitude", "wkt"];

/// The error for a header whose fields have something else than commas between them, in line `number`.
///
/// A text without any comma is one of those if it has another separator. With commas, or if the text is not `surely` a
/// header, its names have to show it, since a name may contain a semicolon.
pub(super) fn other_separator(text: &str, number: u64, surely: bool) -> Option<Error> {
    let is_named = |name: &str| TELLING.contains(&name.trim().trim_matches('"').trim());
    if text.split(',').any(is_named) {
        return None;
    }
    let is_it = |separator: char| {
        let may_be = surely && !text.contains(',') && text.contains(separator);
        may_be || text.contains(separator) && text.split(separator).any(is_named)
    };
    let (_, name) = SEPARATORS.into_iter().find(|(separator, _)| is_it(*separator))?;
    let error = Error::input(format!("the fields have {name} between them, and commas are expected"));
    Some(error.with_place(Place::Line(number)).with_hint("save the table as comma-separated CSV (RFC 4180)"))
}

/// Whether a name shows that it is one of a header: of a column of ids, or of a part of a position.
pub(super) fn is_telling(name: &str) -> bool {
    let ends =
        |part: &str| name.strip_suffix(part).is_some_and(|before| before.is_empty() || before.ends_with('_'));
    TELLING.contains(&name) || ends("longitude") || ends("latitude") || ends("wkt")
}
