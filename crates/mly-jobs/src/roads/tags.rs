//! What tags say about a street.

/// In which direction of its line a street is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oneway {
    No,
    Forward,
    /// Against the direction of the line.
    Backward,
}

impl Oneway {
    /// From the tags `oneway` and `junction`: a roundabout is driven in the direction of its line.
    pub(super) fn of(oneway: Option<&str>, junction: Option<&str>) -> Self {
        match oneway.map(str::to_ascii_lowercase).as_deref() {
            Some("yes" | "true" | "1") => Self::Forward,
            Some("-1" | "reverse") => Self::Backward,
            None if matches!(junction, Some("roundabout" | "circular")) => Self::Forward,
            _ => Self::No,
        }
    }

    /// From the column `oneway` of the extracts of Geofabrik: `F` and `T` stand for forward and backward, `B` for both.
    pub(super) fn of_letter(letter: Option<&str>) -> Self {
        match letter {
            Some("F") => Self::Forward,
            Some("T") => Self::Backward,
            _ => Self::No,
        }
    }
}

/// The first entry of a list as Python writes it, such as `['residential', 'tertiary']`: osmnx joins ways of several
/// classes. Any other text is the entry.
pub(super) fn first_of_list(text: &str) -> &str {
    let Some(list) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { return text };
    list.split(',').next().unwrap_or(list).trim().trim_matches(['\'', '"'])
}
