//! Columns of tables: their kinds, their Arrow types, the encoding of geometries, and what a table says of itself.

mod about;
mod kind;
mod rings;
mod schema;
mod wkb;

pub(crate) use about::{
    ATTRIBUTION, ATTRIBUTION_KEY, ATTRIBUTION_URL, About, DESCRIPTION_KEY, FIELDS_KEY, LAYER_KEY, LICENSE,
    LICENSE_KEY, LICENSE_URL, QUESTION_KEY, about_pairs, is_layer_name, with_pairs,
};
pub(crate) use kind::column;
pub use kind::{Column, ColumnKind};
pub(crate) use rings::{Rings, RingsBuilder, append_rings, rings_builder};
pub(crate) use schema::{
    AS_TEXT, GEOMETRY, GEOMETRY_TYPE, JSON, LAST_CRAWLED, UTC, field, graph_schema, kind_of, last_crawled,
    schema,
};
pub use wkb::Wkb;
pub(crate) use wkb::{point as point_wkb, points as points_wkb, track as track_wkb};
