//! A question about things that are known by id.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::entity::Entity;
use super::ids::{check_number, check_sequence_id};
use crate::error::{Error, Result};

/// What is asked of each id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// The image of this id, one row.
    Image,
    /// The map feature of this id, one row.
    MapFeature,
    /// The organization of this id, one row.
    Organization,
    /// The images of the sequence of this id in order of capture, one row each.
    Sequence,
    /// What was seen in the image of this id, one row a detection.
    DetectionsOfImage,
    /// What the map feature of this id was derived from, one row a detection.
    DetectionsOfMapFeature,
}

/// How outlines of detections are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outlines {
    /// Rings of x and y in 0..1 of the image's width and height, y down from the top left corner.
    #[default]
    Normalised,
    /// Rings in pixels of the original image, with its width, height and sequence in columns of their own.
    Pixels,
    /// As the service sends them: a vector tile in base64.
    Raw,
}

/// A question about ids. Each id is asked once and answered as often as it is listed, in that order.
///
/// ```
/// use mly::{Lookup, Subject};
///
/// let lookup = Lookup::new(Subject::Image, ["1933525276802129", "503148450834482"]).with_fields(["captured_at", "make"]);
/// assert_eq!(lookup.plan()?.cost().entities, 1);
/// # Ok::<(), mly::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "a lookup does nothing until a client runs it"]
pub struct Lookup {
    subject: Subject,
    ids: Vec<String>,
    fields: Option<Vec<String>>,
    outlines: Outlines,
    limit: Option<u64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    with_empty: bool,
}

impl Lookup {
    /// A question about these ids.
    pub fn new<S: ToString>(subject: Subject, ids: impl IntoIterator<Item = S>) -> Self {
        let ids = ids.into_iter().map(|id| id.to_string()).collect();
        Self { subject, ids, fields: None, outlines: Outlines::Normalised, limit: None, with_empty: false }
    }

    /// Only these fields, besides `id` and `geometry`: columns, fields of the service, or paths into them.
    ///
    /// Names that this version does not know are passed on, and their values come back as JSON. Names of the tiles stand for
    /// the fields that hold the same: `sequence_id` for `sequence`, `value` for `object_value`.
    pub fn with_fields<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let own = |name: S| self.subject.own_name(&name.into()).to_owned();
        self.fields = Some(names.into_iter().map(own).collect());
        self
    }

    /// How outlines are given (detections).
    pub fn with_outlines(mut self, outlines: Outlines) -> Self {
        self.outlines = outlines;
        self
    }

    /// Also a row for each image without detections (detections of images). It has the id of the image, and none of a
    /// detection.
    pub fn with_empty(mut self, with_empty: bool) -> Self {
        self.with_empty = with_empty;
        self
    }

    /// At most this many rows.
    pub fn with_limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// What is asked of each id.
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// The ids, as they were given.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The fields asked for, if not all.
    pub fn fields(&self) -> Option<&[String]> {
        self.fields.as_deref()
    }

    /// How outlines are given.
    pub fn outlines(&self) -> Outlines {
        self.outlines
    }

    /// Whether images without detections have a row.
    pub fn is_with_empty(&self) -> bool {
        self.with_empty
    }

    /// The most rows wanted, if not all.
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Checks everything that can be wrong with a lookup, as [`Lookup::plan`] does.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when an id cannot be one, or fields or outlines do not fit.
    pub fn check(&self) -> Result<()> {
        self.ids.iter().try_for_each(|id| match self.subject {
            Subject::Sequence => check_sequence_id(id),
            _ => check_number(id, self.subject.whose()),
        })?;
        let detections = self.subject.entity().is_none();
        if detections && self.fields.is_some() {
            return Err(
                Error::query("fields do not fit detections").with_hint("detections have fixed columns")
            );
        }
        if !detections && self.outlines != Outlines::Normalised {
            return Err(Error::query(format!("outlines do not fit {}", self.subject))
                .with_hint("only detections have outlines"));
        }
        if self.with_empty && self.subject != Subject::DetectionsOfImage {
            return Err(Error::query(format!("rows without detections do not fit {}", self.subject))
                .with_hint("only images can be without detections"));
        }
        match self.fields.iter().flatten().find(|name| !is_field(name)) {
            Some(name) => Err(Error::query(format!("`{name}` is not the name of a field"))
                .with_hint("names have letters, digits, _ and dots")),
            None => Ok(()),
        }
    }
}

impl Subject {
    /// The field that a name stands for: the tiles call some things otherwise than the graph.
    fn own_name(self, name: &str) -> &str {
        match (self, name) {
            (Self::Image | Self::Sequence, "sequence_id") => "sequence",
            (Self::MapFeature, "value") => "object_value",
            _ => name,
        }
    }

    /// What the rows are, as entities; detections are none.
    pub(crate) fn entity(self) -> Option<Entity> {
        match self {
            Self::Image | Self::Sequence => Some(Entity::Image),
            Self::MapFeature => Some(Entity::MapFeature),
            Self::Organization => Some(Entity::Organization),
            Self::DetectionsOfImage | Self::DetectionsOfMapFeature => None,
        }
    }

    /// Name of the rows, a plural.
    pub fn rows(self) -> &'static str {
        match self {
            Self::Image | Self::Sequence => "images",
            Self::MapFeature => "map features",
            Self::Organization => "organizations",
            Self::DetectionsOfImage | Self::DetectionsOfMapFeature => "detections",
        }
    }

    /// What the ids are, with an article.
    pub(crate) fn whose(self) -> &'static str {
        match self {
            Self::Image | Self::DetectionsOfImage => "an image",
            Self::MapFeature | Self::DetectionsOfMapFeature => "a map feature",
            Self::Organization => "an organization",
            Self::Sequence => "a sequence",
        }
    }
}

/// Whether a text is one field, such as `make`, `creator.username` or `creator{id,username}`.
pub(super) fn is_field(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "_.{},".contains(c);
    let mut depth = 0_u32;
    let is_one = text.chars().all(|c| {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => return false,
            '}' => depth -= 1,
            _ => {}
        }
        known(c)
    });
    is_one && depth == 0 && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Image => "images",
            Self::MapFeature => "map features",
            Self::Organization => "organizations",
            Self::Sequence => "images of sequences",
            Self::DetectionsOfImage => "detections of images",
            Self::DetectionsOfMapFeature => "detections of map features",
        })
    }
}

impl fmt::Display for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.ids.len();
        write!(f, "{} by {count} id{}", self.subject, if count == 1 { "" } else { "s" })?;
        match self.limit {
            Some(limit) => write!(f, ", at most {limit}"),
            None => Ok(()),
        }
    }
}
