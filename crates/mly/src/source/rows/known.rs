//! Recognises rows that this library has written by the names of their columns.
//!
//! Formats such as CSV lose types. They are restored from the kind of the rows: `captured_at` of images is a time,
//! although the file has a number.

use std::sync::LazyLock;

use arrow_schema::{Field, SchemaRef};

use super::shape::GeometryKind;
use crate::query::{Entity, Layer, Outlines, Subject};
use crate::rows::DetectionColumns;
use crate::table::{ColumnKind, LAST_CRAWLED, graph_schema, kind_of, last_crawled, schema};

/// The column of marks, which an update adds to rows of any kind.
static MARKS: LazyLock<Field> = LazyLock::new(last_crawled);

/// What is known about rows apart from the names of their columns.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clues {
    pub(super) has_geometry: bool,
    /// The kind of the geometries if it is the same for all.
    pub(super) shape: Option<GeometryKind>,
    /// Whether ids are written as text, if the format shows it.
    pub(super) id_is_text: Option<bool>,
    /// Whether the rows come from look-ups and not from tiles, if the format shows it.
    pub(super) of_graph: Option<bool>,
}

/// The columns of one kind of rows.
pub(super) struct KnownColumns {
    /// The columns that such rows have by default.
    own: SchemaRef,
    /// Further columns that a query can request.
    more: Option<SchemaRef>,
}

impl KnownColumns {
    /// The kind of rows that has most of these names.
    pub(super) fn of(names: &[&str], clues: Clues) -> Option<Self> {
        let fits = |known: &Self| known.fits(clues);
        // Of several kinds with equal counts, the first one is chosen.
        let best = |a: Self, b: Self| if b.count(names) > a.count(names) { b } else { a };
        Self::all().into_iter().filter(fits).reduce(best).filter(|_| names.contains(&"id"))
    }

    /// Whether rows of any kind have a column of this name.
    pub(super) fn have(name: &str) -> bool {
        Self::all().iter().any(|known| known.field(name).is_some())
    }

    fn all() -> Vec<Self> {
        let layer =
            |layer: Layer| Self { own: schema(layer.columns()), more: Entity::of_layer(layer).map(entity) };
        let plain = |own| Self { own, more: None };
        let detections = |outlines| {
            plain(SchemaRef::clone(
                DetectionColumns::new(Subject::DetectionsOfImage, outlines, false).schema(),
            ))
        };
        vec![
            layer(Layer::Images),
            layer(Layer::Sequences),
            layer(Layer::Points),
            plain(entity(Entity::Image)),
            plain(entity(Entity::MapFeature)),
            plain(entity(Entity::Organization)),
            detections(Outlines::Pixels),
            detections(Outlines::Raw),
        ]
    }

    /// How many of the names are columns of this kind, and how many of those are default columns.
    fn count(&self, names: &[&str]) -> (usize, usize) {
        let own = |name: &&&str| self.own.column_with_name(name).is_some();
        let any = |name: &&&str| self.field(name).is_some();
        (names.iter().filter(any).count(), names.iter().filter(own).count())
    }

    fn fits(&self, clues: Clues) -> bool {
        let id = self.own.field_with_name("id").ok();
        let geometry = self.own.field_with_name("geometry").ok();
        let is_of_graph = geometry.is_none_or(Field::is_nullable);
        let id_is_text = matches!(id.and_then(kind_of), Some(ColumnKind::Text | ColumnKind::Id));
        let is_lines = geometry.and_then(GeometryKind::of) == Some(GeometryKind::Lines);
        clues.id_is_text.is_none_or(|text| text == id_is_text)
            && clues.of_graph.is_none_or(|graph| graph == is_of_graph)
            && is_lines == (clues.shape == Some(GeometryKind::Lines))
            && (geometry.is_some() || !clues.has_geometry)
    }

    /// The column of a name.
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        let more = || self.more.as_ref().and_then(|more| more.field_with_name(name).ok());
        let marks = || (name == LAST_CRAWLED).then(|| &*MARKS);
        self.own.field_with_name(name).ok().or_else(more).or_else(marks)
    }

    /// The position of a column in the order in which this library writes them.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        // The geometry is always last.
        let before = self.own.fields().len();
        match self.own.column_with_name(name) {
            Some((at, _)) if name != "geometry" => Some(at),
            Some(_) => Some(usize::MAX),
            None if name == LAST_CRAWLED => Some(usize::MAX - 1),
            None => self.more.as_ref()?.column_with_name(name).map(|(at, _)| before + at),
        }
    }
}

fn entity(entity: Entity) -> SchemaRef {
    graph_schema(entity.columns().iter().map(|column| (column.name, column.kind)))
}
