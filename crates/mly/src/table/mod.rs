//! Columns of tables: their kinds, their Arrow types, and the encoding of geometries.

mod kind;
mod rings;
mod schema;
mod wkb;

pub(crate) use kind::column;
pub use kind::{Column, ColumnKind};
pub(crate) use rings::{Rings, RingsBuilder, append_rings, rings_builder};
pub(crate) use schema::{AS_TEXT, GEOMETRY, GEOMETRY_TYPE, JSON, UTC, field, graph_schema, kind_of, schema};
pub(crate) use wkb::{Wkb, lines as lines_wkb, point as point_wkb, points as points_wkb};
