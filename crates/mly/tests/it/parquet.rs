//! GeoParquet, read by the reader of its own library; other people's readers are tried in the tests of the command.

#![expect(clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "numbers of tests are small")]

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int64Type};
use arrow_array::{Array, RecordBatch, UInt32Array};
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use mly::sink::Format;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::ColumnOrder;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;
use serde_json::{Value, json};

use crate::files::{position, rows, save, sequences};
use crate::sinks::{batch, entities, points};

fn metadata(path: &Path) -> Arc<ParquetMetaData> {
    let file = File::open(path).unwrap();
    Arc::clone(ParquetRecordBatchReaderBuilder::try_new(file).unwrap().metadata())
}

/// All rows of a file, in its order.
fn read(path: &Path) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = Arc::clone(reader.schema());
    let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
    concat_batches(&schema, &batches).unwrap()
}

/// The metadata that makes it GeoParquet.
fn geo(path: &Path) -> Option<Value> {
    let metadata = metadata(path);
    let pairs = metadata.file_metadata().key_value_metadata().unwrap();
    let geo = pairs.iter().find(|pair| pair.key == "geo")?;
    Some(serde_json::from_str(geo.value.as_ref().unwrap()).unwrap())
}

/// Columns of the rows in the order of a column of whole numbers.
fn by_number(rows: &RecordBatch, name: &str) -> RecordBatch {
    let numbers = rows.column_by_name(name).unwrap().as_primitive::<Int64Type>().values();
    let mut order: Vec<_> = (0..u32::try_from(rows.num_rows()).unwrap()).collect();
    order.sort_by_key(|row| numbers[*row as usize]);
    take_record_batch(rows, &UInt32Array::from(order)).unwrap()
}

/// The columns without the one of boxes.
fn without_boxes(rows: &RecordBatch) -> RecordBatch {
    let last = rows.num_columns() - 1;
    assert_eq!(rows.schema().field(last).name(), "bbox");
    rows.project(&(0..last).collect::<Vec<_>>()).unwrap()
}

#[test]
fn every_type_of_column_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("entities.parquet");
    save(Format::Parquet, &path, &[entities()]).unwrap();
    let back = without_boxes(&by_number(&read(&path), "id"));
    let wanted = by_number(&entities(), "id");
    // Not a number is not equal to itself, so the columns are compared as they print.
    assert_eq!(format!("{:?}", back.columns()), format!("{:?}", wanted.columns()));
    assert_eq!(back.schema().fields(), wanted.schema().fields(), "with the metadata of the fields");

    let path = folder.path().join("rows.parquet");
    save(Format::Parquet, &path, &[rows(5000)]).unwrap();
    assert_eq!(without_boxes(&by_number(&read(&path), "number")).columns(), rows(5000).columns());
}

#[test]
fn the_metadata_describes_each_geometry() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("entities.parquet");
    save(Format::Parquet, &path, &[entities()]).unwrap();
    let entities = geo(&path).unwrap();
    assert_eq!((&entities["version"], &entities["primary_column"]), (&json!("1.1.0"), &json!("geometry")));
    insta::assert_snapshot!(entities["columns"]["computed_geometry"], @r#"{"bbox":[8.5,-0.25,8.5,-0.25],"encoding":"WKB","geometry_types":["Point"]}"#);
    let path = folder.path().join("sequences.parquet");
    save(Format::Parquet, &path, &[sequences()]).unwrap();
    insta::assert_snapshot!(geo(&path).unwrap()["columns"]["geometry"], @r#"{"bbox":[-179.9,-16.5,8.6,47.3],"covering":{"bbox":{"xmax":["bbox","xmax"],"xmin":["bbox","xmin"],"ymax":["bbox","ymax"],"ymin":["bbox","ymin"]}},"encoding":"WKB","geometry_types":["MultiLineString"]}"#);
    let path = folder.path().join("empty.parquet");
    save(Format::Parquet, &path, &[sequences().slice(0, 0)]).unwrap();
    assert_eq!(geo(&path).unwrap()["columns"]["geometry"]["bbox"], Value::Null);
    assert_eq!(read(&path).num_rows(), 0);
}

#[test]
fn rows_without_a_geometry_are_plain_parquet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.parquet");
    let rows = batch(vec![("id", &[], Arc::new(arrow_array::Int64Array::from(vec![3, 1, 2])))]);
    save(Format::Parquet, &path, std::slice::from_ref(&rows)).unwrap();
    assert_eq!(geo(&path), None);
    assert_eq!(read(&path).columns(), rows.columns(), "in their order");
}

#[test]
fn another_column_of_the_name_of_the_boxes_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bbox.parquet");
    let text: arrow_array::ArrayRef = Arc::new(arrow_array::StringArray::from(vec!["mine"]));
    save(
        Format::Parquet,
        &path,
        &[batch(vec![("bbox", &[], text), ("geometry", crate::sinks::POINT, points(&[Some([1.0, 2.0])]))])],
    )
    .unwrap();
    assert_eq!(read(&path).column_by_name("bbox").unwrap().as_string::<i32>().value(0), "mine");
    let covering = &geo(&path).unwrap()["columns"]["geometry"]["covering"]["bbox"];
    assert_eq!(covering["xmin"].to_string(), r#"["bbox_","xmin"]"#);
}

/// West, south, east, north of a row group by the statistics of its boxes.
fn sides(metadata: &ParquetMetaData, group: usize) -> [f32; 4] {
    let group = metadata.row_group(group);
    let of = |name: &str, is_max: bool| {
        let column = group.columns().iter().find(|c| c.column_path().string() == name).unwrap();
        let Some(Statistics::Float(statistics)) = column.statistics() else { panic!("{name}") };
        *if is_max { statistics.max_opt() } else { statistics.min_opt() }.unwrap()
    };
    [of("bbox.xmin", false), of("bbox.ymin", false), of("bbox.xmax", true), of("bbox.ymax", true)]
}

#[test]
fn statistics_of_row_groups_find_every_row_of_an_area_and_skip_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    // Rows come roughly along the curve: four quarters, each in any order.
    let all = rows(250_000);
    let quarter = |row: &u32| {
        position(*row as usize).map_or(4, |[lon, lat]| usize::from(lon > 8.5) + 2 * usize::from(lat > 47.5))
    };
    let mut order: Vec<_> = (0..250_000_u32).collect();
    order.sort_by_key(quarter);
    save(Format::Parquet, &path, &[take_record_batch(&all, &UInt32Array::from(order)).unwrap()]).unwrap();

    let metadata = metadata(&path);
    let counts: Vec<_> = metadata.row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(counts, [100_000, 100_000, 50_000]);
    let back = read(&path);
    assert_eq!(without_boxes(&by_number(&back, "number")).columns(), all.columns());

    let numbers = back.column_by_name("number").unwrap().as_primitive::<Int64Type>();
    let boxes = back.column_by_name("bbox").unwrap().as_struct();
    let side = |at: usize, row: usize| f64::from(boxes.column(at).as_primitive::<Float32Type>().value(row));
    let areas = [[8.1, 47.1, 8.2, 47.2], [8.9, 47.9, 8.95, 47.99], [8.45, 47.45, 8.55, 47.55]];
    for [west, south, east, north] in areas {
        let mut passed_over = 0;
        for group in 0..3 {
            let [w, s, e, n] = sides(&metadata, group).map(f64::from);
            let is_near = w <= east && west <= e && s <= north && south <= n;
            passed_over += usize::from(!is_near);
            for row in 100_000 * group..(100_000 * (group + 1)).min(250_000) {
                let place = position(numbers.value(row) as usize);
                assert_eq!(place.is_some(), boxes.is_valid(row));
                let Some([lon, lat]) = place else { continue };
                assert!(
                    side(0, row) <= lon && lon <= side(2, row) && side(1, row) <= lat && lat <= side(3, row)
                );
                let is_inside = west <= lon && lon <= east && south <= lat && lat <= north;
                assert!(is_near || !is_inside, "row {row} would not be found");
            }
        }
        assert!(passed_over > 0 || west == 8.45, "{west}: every row group is read");
    }
}

#[test]
fn statistics_are_in_the_order_that_all_readers_know() {
    let folder = tempfile::tempdir().unwrap();
    for (number, rows) in [rows(10), rows(0), entities(), sequences()].iter().enumerate() {
        let path = folder.path().join(format!("{number}.parquet"));
        save(Format::Parquet, &path, std::slice::from_ref(rows)).unwrap();
        let metadata = metadata(&path);
        let orders = metadata.file_metadata().column_orders().unwrap();
        assert_eq!(orders.len(), metadata.file_metadata().schema_descr().num_columns());
        assert!(orders.iter().all(|order| matches!(order, ColumnOrder::TYPE_DEFINED_ORDER(_))), "{orders:?}");
    }
}

#[test]
fn neighbours_in_a_row_group_are_neighbours_on_the_ground() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    save(Format::Parquet, &path, &[rows(50_000)]).unwrap();
    let back = read(&path);
    let numbers = back.column_by_name("number").unwrap().as_primitive::<Int64Type>().values();
    let places: Vec<_> = numbers.iter().map(|number| position(*number as usize)).collect();
    let known = places.iter().take_while(|place| place.is_some()).count();
    assert_eq!(known, 49_000, "those without a place are last");
    let steps = places[..known].windows(2).map(|pair| {
        let ([a, b], [c, d]) = (pair[0].unwrap(), pair[1].unwrap());
        (a - c).hypot(b - d)
    });
    // In a square of side 1 the mean distance of any two is 0.52, and of neighbours on the curve about 1/sqrt(n).
    let mean = steps.sum::<f64>() / known as f64;
    assert!(mean < 2.0 / (known as f64).sqrt(), "{mean}");
}
