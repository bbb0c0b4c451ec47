//! Why a result is empty, in the words of the command.

use mly::{Area, EmptyReason};

/// The likely reason in one line.
pub(super) fn line(reason: &EmptyReason) -> String {
    match &reason.exchanged {
        Some(exchanged) => format!("{}; {}", reason.what, question(exchanged)),
        None => reason.what.clone(),
    }
}

/// Asks whether an area with latitude and longitude exchanged was meant.
fn question(exchanged: &Area) -> String {
    let text = exchanged.to_string();
    let option = match (text.strip_prefix("bbox "), text.split_once(" m around ")) {
        (Some(sides), _) => format!("--bbox {sides}"),
        (None, Some((_, at))) if at.contains(',') => format!("--near {at}"),
        _ => return "or are latitude and longitude exchanged in the file?".to_owned(),
    };
    format!("or are latitude and longitude exchanged? then {option}")
}
