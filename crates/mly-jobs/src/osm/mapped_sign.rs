//! The signs that are looked for in OpenStreetMap.

use arrow_array::{Array, RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use mly::{Error, Result};

use crate::assets::{check_columns, nothing_usable};
use crate::columns::{Columns, Id, LAST_CRAWLED};
use crate::input::{Input, InputRows};
use crate::metric::Position;

/// A row of signs or of an inventory.
#[derive(Clone, Debug)]
pub(super) struct MappedSign {
    pub(super) id: i64,
    /// The map features that stand for it.
    pub(super) features: Vec<i64>,
    pub(super) value: String,
    pub(super) at: Position,
    /// Direction from the sign to those who read it.
    pub(super) facing: Option<f64>,
    pub(super) images: Option<usize>,
    pub(super) image: Option<i64>,
    /// The photos that show it, as far as its row tells, ascending.
    pub(super) photos: Box<[i64]>,
    /// First and last moment at which it was seen.
    pub(super) seen: Option<[i64; 2]>,
}

/// All signs, sorted by id, and their rows in the same order.
#[derive(Debug)]
pub(super) struct MappedSigns {
    pub(super) all: Vec<MappedSign>,
    pub(super) rows: RecordBatch,
    pub(super) skipped: u64,
    /// Rows of features that the service shows no more.
    pub(super) gone: u64,
}

impl MappedSigns {
    /// Reads signs. Dates after `as_of_ms` count as unknown.
    pub(super) fn read(input: &Input, as_of_ms: Option<i64>) -> Result<Self> {
        let InputRows { schema, batches } = input.rows()?;
        let hint = "give a result of mly signs, mly points or mly assets";
        check_columns(&schema, input, &["id", "asset_id"], hint)?;
        let batches: Vec<_> = batches.collect::<Result<_>>()?;
        let rows = concat_batches(&schema, &batches).map_err(internal)?;
        let mut found: Vec<(MappedSign, u32)> = Vec::new();
        let (mut skipped, mut gone) = (0, 0);
        let last_crawled = Columns(&rows).times(LAST_CRAWLED);
        let sign_of = reader(Columns(&rows), as_of_ms.unwrap_or(i64::MAX));
        for row in 0..rows.num_rows() {
            match (sign_of(row), u32::try_from(row)) {
                _ if last_crawled(row).is_some() => gone += 1,
                (Some(sign), Ok(row)) => found.push((sign, row)),
                _ => skipped += 1,
            }
        }
        if found.is_empty() && skipped > 0 {
            return Err(nothing_usable(input));
        }
        found.sort_by(|(a, _), (b, _)| {
            let place = |sign: &MappedSign| sign.at.map(f64::to_bits);
            let newest = |sign: &MappedSign| sign.seen.map(|[first, last]| (last, first));
            (a.id.cmp(&b.id))
                .then_with(|| newest(b).cmp(&newest(a)))
                .then_with(|| a.value.cmp(&b.value))
                .then_with(|| place(a).cmp(&place(b)))
        });
        found.dedup_by_key(|(sign, _)| sign.id);
        let order: UInt32Array = found.iter().map(|(_, row)| *row).collect();
        let rows = take_record_batch(&rows, &order).map_err(internal)?;
        Ok(Self { all: found.into_iter().map(|(sign, _)| sign).collect(), rows, skipped, gone })
    }
}

pub(super) fn internal(error: ArrowError) -> Error {
    Error::internal("rows of signs cannot be put together").with_source(error)
}

/// What reads the sign of a row.
fn reader(columns: Columns<'_>, as_of_ms: i64) -> impl Fn(usize) -> Option<MappedSign> {
    let (ids, assets) = (columns.ids("id"), columns.ids("asset_id"));
    let values = columns.texts("value").or_else(|| columns.texts("object_value"));
    let (first, last) = (columns.times("first_seen_at"), columns.times("last_seen_at"));
    let (facing, directions) = (columns.numbers("facing"), columns.numbers("aligned_direction"));
    let (lists, counts) = (columns.texts("images"), columns.numbers("images"));
    let members = columns.texts("members");
    let (best, geometries) = (columns.ids("best_image_id"), columns.geometries());
    move |row| {
        let text = |texts: Option<&arrow_array::StringArray>| {
            texts.filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row).to_owned())
        };
        let Id::Number(id) = ids.get(row).or_else(|| assets.get(row))? else { return None };
        let at = geometries.point(row).filter(|at| at[0].abs() <= 180.0 && at[1].abs() <= 90.0)?;
        let date = |ms: Option<i64>| ms.filter(|ms| (0..=as_of_ms).contains(ms) && *ms > 0);
        let (first, last) = (date(first(row)), date(last(row)));
        let photos = text(lists).and_then(|list| crate::assets::photo_ids(&list));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts of photos are small"
        )]
        let count = counts(row).filter(|count| *count >= 0.0).map(|count| count as usize);
        let features = text(members).and_then(|list| serde_json::from_str::<Vec<i64>>(&list).ok());
        let count = photos.as_ref().map(Vec::len).or(count);
        let photos = photos.unwrap_or_default();
        let best = match best.get(row) {
            Some(Id::Number(image)) => Some(image),
            _ => None,
        };
        Some(MappedSign {
            id,
            features: features.unwrap_or_else(|| vec![id]),
            value: text(values)?,
            at,
            facing: facing(row).or_else(|| directions(row)).filter(|degrees| degrees.is_finite()),
            images: count,
            image: best.or_else(|| photos.first().copied()),
            photos: photos.into(),
            seen: first.or(last).zip(last.or(first)).map(|(a, b)| [a.min(b), a.max(b)]),
        })
    }
}
