//! Marks rows of an earlier result that the service shows no more, with the time at which it last showed them.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, ArrayRef, RecordBatch, TimestampMillisecondArray};
use arrow_schema::{ArrowError, DataType, Schema};

use crate::plan::Scope;
use crate::query::Query;
use crate::table::{LAST_CRAWLED, Wkb, last_crawled};
use crate::tile::TileId;

/// Tells which rows of an earlier result a crawl should have found.
#[derive(Debug)]
pub(super) struct CrawlMarks {
    /// What the crawl asks for; `None` if it does not read all tiles of its area.
    asked: Option<Scope>,
    /// What the earlier result was asked for, if its file tells.
    own: Option<Scope>,
    /// When the earlier result was written: the service showed its rows then.
    written_at_ms: i64,
}

impl CrawlMarks {
    pub(super) fn new(query: &Query, earlier: &Schema, written_at_ms: i64) -> Self {
        let asked = query.prune().is_none().then(|| Scope::of_query(query));
        Self { asked, own: Scope::of(earlier), written_at_ms }
    }

    /// Marks the rows that the crawl should have found and has not, unless they have a mark. Rows that the service shows
    /// (`is_shown`) lose their mark. What was not asked for, or lies in a missing tile, stays as it is.
    pub(super) fn mark(
        &self,
        rows: &RecordBatch,
        is_shown: &[bool],
        missing: &[TileId],
    ) -> Result<RecordBatch, ArrowError> {
        let asked = match &self.asked {
            Some(scope) => scope.asks_for(rows, self.own.as_ref()),
            None => vec![false; rows.num_rows()],
        };
        let missing: HashSet<TileId> = missing.iter().copied().collect();
        let mut columns = rows.columns().to_vec();
        let place = rows.schema_ref().column_with_name(LAST_CRAWLED);
        let Some(column) = place.and_then(|(at, _)| columns.get_mut(at)) else { return Ok(rows.clone()) };
        let before = column.as_primitive_opt::<TimestampMillisecondType>();
        let mark = |row: usize| {
            let before = before.filter(|marks| marks.is_valid(row)).map(|marks| marks.value(row));
            match () {
                () if is_shown.get(row).copied().unwrap_or_default() => None,
                () if asked.get(row).copied().unwrap_or_default() && !is_in(&missing, rows, row) => {
                    Some(before.unwrap_or(self.written_at_ms))
                }
                () => before,
            }
        };
        let marks: TimestampMillisecondArray = (0..rows.num_rows()).map(mark).collect();
        let zone = match last_crawled().data_type() {
            DataType::Timestamp(_, zone) => zone.clone(),
            _ => None,
        };
        *column = Arc::new(marks.with_timezone_opt(zone)) as ArrayRef;
        RecordBatch::try_new(rows.schema(), columns)
    }
}

/// Whether a row has a position in one of these tiles.
fn is_in(tiles: &HashSet<TileId>, rows: &RecordBatch, row: usize) -> bool {
    let zooms: HashSet<u8> = tiles.iter().map(|tile| tile.z()).collect();
    let geometries = rows.column_by_name("geometry").and_then(|column| column.as_binary_opt::<i32>());
    let geometry = geometries.filter(|column| !tiles.is_empty() && column.is_valid(row));
    geometry.and_then(|column| Wkb::read(column.value(row))).is_some_and(|geometry| {
        let in_tile = |[lon, lat]: &[f64; 2]| {
            zooms.iter().any(|zoom| tiles.contains(&TileId::containing(*lon, *lat, *zoom)))
        };
        geometry.positions().any(in_tile)
    })
}
