//! The layer of a file that has several: `FILE#LAYER`.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result, unknown};

/// Most layers that a message names.
const SHOWN: usize = 8;

/// The number of the layer to read: the wanted one, or the only one there is.
///
/// # Errors
/// When there is none, none of that name, or a choice to make.
pub(super) fn one_layer(file: &str, names: &[&str], wanted: Option<&str>) -> Result<usize> {
    match (wanted, names) {
        (_, []) => Err(Error::input(format!("the {file} has no layer with geometries"))
            .with_hint("name a file that has one")),
        (Some(wanted), names) => names
            .iter()
            .position(|name| *name == wanted)
            .ok_or_else(|| of_input(unknown("layer", wanted, names))),
        (None, [_]) => Ok(0),
        (None, several) => {
            let shown: Vec<_> =
                several.iter().take(SHOWN).map(|name| name.escape_debug().to_string()).collect();
            let what = format!("the {file} has {} layers: {}", several.len(), shown.join(", "));
            Err(Error::input(what).with_hint(format!("choose one of them: FILE#{}", several[0])))
        }
    }
}

/// What is wrong with the name of a layer is wrong with that of the file.
fn of_input(error: Error) -> Error {
    match error {
        Error::InvalidQuery { what, hint: Some(hint) } => Error::input(what).with_hint(hint),
        other => other,
    }
}

/// Refuses a layer of a file whose format has no layers.
pub(super) fn only_layer(wanted: Option<&str>) -> Result<()> {
    let Some(wanted) = wanted else { return Ok(()) };
    let what = format!("there is no layer {}: this format has only one", wanted.escape_debug());
    Err(Error::input(what).with_hint("name the file alone"))
}

/// The file and the layer of `FILE#LAYER`. A name with a `#` of its own is a file if there is one.
pub fn file_and_layer(path: &Path) -> (PathBuf, Option<String>) {
    let whole = (path.to_owned(), None);
    if path.exists() {
        return whole;
    }
    match path.to_str().and_then(|text| text.rsplit_once('#')) {
        Some((file, layer)) if !layer.is_empty() => (PathBuf::from(file), Some(layer.to_owned())),
        _ => whole,
    }
}
