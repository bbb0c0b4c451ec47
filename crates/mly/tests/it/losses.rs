//! What a format cannot hold: it is null or left out, counted and told, and everything else is written.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, BinaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use mly::sink::{self, Destination, Format, Losses};
use mly::{Area, Query};
use mly_mvt::{LayerWriter, TileWriter, Value};
use tempfile::TempDir;

use crate::files::LINES;
use crate::sinks::{JSON, POINT, batch, points};
use crate::support::{Server, ok};

/// Moments that are beyond the years 0 to 9999, one that is not, and none.
const MOMENTS: [Option<i64>; 4] =
    [Some(253_402_300_800_000), Some(-62_167_219_200_001), Some(1_600_000_000_123), None];

/// Writes rows into a file and reads them back, in the order of their ids. Also returns what the format lost.
fn round_trip(format: Format, rows: &RecordBatch) -> (Vec<RecordBatch>, Losses) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows").with_extension(format.extensions()[0]);
    let mut sink = sink::open(format, Destination::file(&path, false).unwrap(), &rows.schema()).unwrap();
    sink.write(rows).unwrap();
    let losses = sink.take_losses();
    assert_eq!(sink.take_losses(), Losses::default(), "each loss is handed over once");
    sink.finish().unwrap();
    (mly::source::rows(&path).unwrap().map(Result::unwrap).collect(), losses)
}

/// Ids 1, 2, ... and a column of values.
fn rows(name: &str, metadata: &[(&str, &str)], values: ArrayRef) -> RecordBatch {
    let count = values.len();
    let ids = Int64Array::from_iter_values((1..).take(count));
    let places: Vec<_> = (0..count).map(|_| Some([9.0, 52.0])).collect();
    batch(vec![("id", &[], Arc::new(ids)), (name, metadata, values), ("geometry", POINT, points(&places))])
}

/// The values of a column by the ids of their rows; a column that is not there has no values.
fn by_id<T>(
    batches: &[RecordBatch],
    name: &str,
    get: impl Fn(&ArrayRef, usize) -> T,
) -> Vec<(i64, Option<T>)> {
    let mut found = Vec::new();
    for rows in batches {
        let ids = rows.column_by_name("id").unwrap().as_primitive::<Int64Type>();
        for row in 0..rows.num_rows() {
            let column = rows.column_by_name(name).filter(|column| column.is_valid(row));
            found.push((ids.value(row), column.map(|column| get(column, row))));
        }
    }
    found.sort_by_key(|(id, _)| *id);
    found
}

fn told(losses: &Losses) -> Vec<String> {
    losses
        .first
        .iter()
        .map(|loss| format!("{}{}: {}", loss.id, if loss.is_row { "!" } else { "" }, loss.why))
        .collect()
}

#[test]
fn a_time_that_a_format_has_no_date_for_is_null_and_the_rest_is_written() {
    let times = TimestampMillisecondArray::from(MOMENTS.to_vec()).with_timezone("UTC");
    let rows = rows("captured_at", &[], Arc::new(times));
    for format in Format::of_any_rows().filter(|format| format.can_be_read()) {
        let (back, losses) = round_trip(format, &rows);
        let found = by_id(&back, "captured_at", |column, row| match column.data_type() {
            arrow_schema::DataType::Int64 => column.as_primitive::<Int64Type>().value(row),
            _ => column.as_primitive::<TimestampMillisecondType>().value(row),
        });
        let has_dates = matches!(format, Format::GeoPackage | Format::FlatGeobuf);
        let want = MOMENTS.map(|ms| ms.filter(|ms| !has_dates || *ms == 1_600_000_000_123));
        assert_eq!(found, [1, 2, 3, 4].into_iter().zip(want).collect::<Vec<_>>(), "{format}");
        let why = "captured_at is outside of the years 0 to 9999";
        let want = if has_dates { vec![format!("1: {why}"), format!("2: {why}")] } else { vec![] };
        assert_eq!(told(&losses), want, "{format}");
        assert_eq!((losses.values, losses.rows), (want.len() as u64, 0));
    }
}

#[test]
fn a_number_that_is_none_is_null_where_a_format_has_no_word_for_it() {
    let values = [f64::NAN, f64::INFINITY, 0.5];
    let rows = rows("compass_angle", &[], Arc::new(Float64Array::from(values.to_vec())));
    for format in Format::of_any_rows().filter(|format| format.can_be_read()) {
        let (back, losses) = round_trip(format, &rows);
        let found = by_id(&back, "compass_angle", |column, row| {
            column.as_primitive::<Float64Type>().value(row).to_string()
        });
        let lost: &[usize] = match format {
            Format::GeoJson | Format::GeoJsonSeq | Format::Csv => &[0, 1],
            Format::GeoPackage => &[0],
            _ => &[],
        };
        for (at, (_, value)) in found.iter().enumerate() {
            let want = (!lost.contains(&at)).then(|| values[at].to_string());
            assert_eq!(*value, want, "{format} {at}");
        }
        assert_eq!(losses.values, lost.len() as u64, "{format}");
    }
}

#[test]
fn a_text_that_would_end_early_is_null() {
    let rows = rows("make", &[], Arc::new(StringArray::from(vec!["a\0b", "c"])));
    for format in Format::of_any_rows().filter(|format| format.can_be_read()) {
        let (back, losses) = round_trip(format, &rows);
        let found = by_id(&back, "make", |column, row| column.as_string::<i32>().value(row).to_owned());
        let is_lost = matches!(format, Format::GeoPackage | Format::Csv);
        assert_eq!(found[0].1.as_deref(), (!is_lost).then_some("a\0b"), "{format}");
        assert_eq!(found[1].1.as_deref(), Some("c"), "{format}");
        assert_eq!(told(&losses), ["1: make has a character NUL"][..usize::from(is_lost)]);
    }
}

#[test]
fn text_that_claims_to_be_json_does_not_break_json() {
    let rows = rows("mesh", JSON, Arc::new(StringArray::from(vec![Some("{\"id\":"), Some("{}"), None])));
    for format in [Format::GeoJson, Format::GeoJsonSeq] {
        let text = crate::sinks::written(format, std::slice::from_ref(&rows)).unwrap();
        for line in std::str::from_utf8(&text).unwrap().lines().filter(|_| format == Format::GeoJsonSeq) {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        let (_, losses) = round_trip(format, &rows);
        assert_eq!(told(&losses), ["1: mesh is not valid JSON"]);
    }
    assert!(round_trip(Format::Parquet, &rows).1.first.is_empty());
}

/// A point, a polygon without rings, a point that is infinitely far away, and lines.
fn geometries() -> Vec<Vec<u8>> {
    let point = |lon: f64| [&[1, 1, 0, 0, 0][..], &lon.to_le_bytes(), &52_f64.to_le_bytes()].concat();
    vec![
        point(9.0),
        vec![1, 3, 0, 0, 0, 0, 0, 0, 0],
        point(f64::INFINITY),
        crate::files::lines_wkb(&[&[[9.0, 52.0], [9.1, 52.0]]]),
    ]
}

#[test]
fn a_geometry_that_results_do_not_have_is_null_or_its_row_is_left_out() {
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3, 4]));
    let shapes = geometries();
    let shapes: ArrayRef = Arc::new(BinaryArray::from_iter_values(shapes.iter().map(Vec::as_slice)));
    let nullable = batch(vec![("id", &[], Arc::clone(&ids)), ("geometry", POINT, Arc::clone(&shapes))]);
    let fields: Vec<_> =
        nullable.schema().fields().iter().map(|field| field.as_ref().clone().with_nullable(false)).collect();
    let always =
        RecordBatch::try_new(Arc::new(arrow_schema::Schema::new(fields)), vec![ids, shapes]).unwrap();
    for format in Format::of_any_rows().filter(|format| format.can_be_read() && *format != Format::Arrow) {
        // In JSON each geometry has its own type.
        let lost = if matches!(format, Format::GeoJson | Format::GeoJsonSeq) { 2 } else { 3 };
        let (back, losses) = round_trip(format, &nullable);
        let placed = by_id(&back, "geometry", |_, _| ()).iter().filter(|(_, place)| place.is_some()).count();
        assert_eq!((placed, losses.values, losses.rows), (4 - lost, lost as u64, 0), "{format}");
        assert_eq!(losses.first[0].why, "geometry is no point, points or lines");
        let (back, losses) = round_trip(format, &always);
        let count: usize = back.iter().map(RecordBatch::num_rows).sum();
        assert_eq!((count, losses.values, losses.rows), (4 - lost, 0, lost as u64), "{format}");
        assert_eq!(told(&losses)[0], "2!: geometry is no point, points or lines");
    }
}

#[test]
fn points_in_place_of_lines_that_lead_nowhere_are_held_by_every_format() {
    let point = [&[1, 1, 0, 0, 0][..], &9_f64.to_le_bytes(), &52_f64.to_le_bytes()].concat();
    let points = [&[1, 4, 0, 0, 0, 1, 0, 0, 0][..], &point].concat();
    let lines = crate::files::lines_wkb(&[&[[9.0, 52.0], [9.1, 52.0]]]);
    for shapes in [vec![points.clone(), lines.clone()], vec![lines], vec![points]] {
        let ids: Vec<_> = (0..shapes.len()).map(|at| format!("sequence{at}AAAAAAAAAAAAA")).collect();
        let shapes = BinaryArray::from_iter_values(shapes.iter().map(Vec::as_slice));
        let rows = batch(vec![
            ("id", &[], Arc::new(StringArray::from(ids))),
            ("image_id", &[], Arc::new(Int64Array::from_iter_values((1..).take(shapes.len())))),
            ("geometry", LINES, Arc::new(shapes)),
        ]);
        for format in Format::of_any_rows().filter(|format| format.can_be_read()) {
            let (back, losses) = round_trip(format, &rows);
            assert_eq!(losses, Losses::default());
            let back = arrow_select::concat::concat_batches(&back[0].schema(), &back).unwrap();
            assert_eq!(
                back.schema().field_with_name("geometry").unwrap().metadata()["geometry_type"],
                "MultiLineString"
            );
            let of = |rows: &RecordBatch| {
                let ids = rows.column(0).as_string::<i32>();
                let shapes = rows.column_by_name("geometry").unwrap().as_binary::<i32>();
                let mut all: Vec<_> = (0..rows.num_rows())
                    .map(|row| (ids.value(row).to_owned(), shapes.value(row).to_vec()))
                    .collect();
                all.sort();
                all
            };
            assert_eq!(of(&back), of(&rows), "{format}");
        }
    }
}

/// A tile with images, the first of which is from the future.
fn tile() -> Vec<u8> {
    let mut images = LayerWriter::new("image", 4096);
    for (id, ms) in [(1, 253_402_300_800_000), (2, 1_600_000_000_000), (3, 1_600_000_000_001)] {
        let at = [i32::try_from(id).unwrap(), 7];
        images.point(None, at, &[("id", Value::Int(id)), ("captured_at", Value::Int(ms))]);
    }
    let mut tile = TileWriter::new();
    tile.layer(images);
    tile.finish()
}

#[tokio::test]
async fn a_run_counts_what_its_file_cannot_hold_however_often_it_was_stopped() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(|request| {
        if request.target.contains("/14/8601/") {
            ok(tile())
        } else {
            crate::support::status("403 Forbidden")
        }
    });
    let query = Query::images(Area::tile("13/4300/2705".parse().unwrap()));
    let path = folder.path().join("images.gpkg");
    let plan = query.plan().unwrap();
    for _ in 0..2 {
        server.client().run(&plan).write_file(&path, Format::GeoPackage, false).await.unwrap_err();
    }
    let whole = Server::start(|_| ok(tile()));
    let done = whole.client().run(&plan).write_file(&path, Format::GeoPackage, false).await.unwrap();
    assert_eq!((done.rows, done.losses.values, done.losses.rows), (3, 1, 0));
    assert_eq!(told(&done.losses), ["1: captured_at is outside of the years 0 to 9999"]);
    let json = done.to_json();
    assert_eq!(json["losses"]["values"], 1);
    assert_eq!(json["losses"]["first"][0]["id"], "1");
}
