//! Small towns and drives, in metres around a corner of the map, as tables that the job reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::Schema;
use mly::{ColumnKind, Wkb};
use mly_jobs::{StreetAnswer, Streets, Table};

/// Metres to the east and to the north of the corner.
pub(crate) type Metres = (f64, f64);

/// The corner of the map.
const CORNER: [f64; 2] = [9.0, 52.0];

/// Metres of a degree at the corner, from the formulas of the ellipsoid of WGS 84 at 52 degrees north.
const DEGREE_M: [f64; 2] = [68_677.55, 111_267.33];

/// A moment in 2025, in milliseconds since 1970.
pub(crate) const NOON: i64 = 1_750_000_000_000;

/// A year, nearly.
pub(crate) const YEAR: i64 = 365 * 86_400_000;

/// Longitude and latitude.
pub(crate) fn at((east, north): Metres) -> [f64; 2] {
    [CORNER[0] + east / DEGREE_M[0], CORNER[1] + north / DEGREE_M[1]]
}

/// A street: its id, its line, and tags.
#[derive(Clone, Debug)]
pub(crate) struct Street {
    pub(crate) id: i64,
    pub(crate) line: Vec<[f64; 2]>,
    pub(crate) tags: BTreeMap<&'static str, String>,
}

/// A residential street.
pub(crate) fn street(id: i64, line: &[Metres]) -> Street {
    let tags = BTreeMap::from([("highway", "residential".to_owned())]);
    Street { id, line: line.iter().copied().map(at).collect(), tags }
}

impl Street {
    pub(crate) fn tag(mut self, key: &'static str, value: &str) -> Self {
        self.tags.insert(key, value.to_owned());
        self
    }
}

/// An image.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Image {
    pub(crate) id: i64,
    pub(crate) sequence: Option<String>,
    pub(crate) at: [f64; 2],
    pub(crate) captured_at: Option<i64>,
    pub(crate) compass: Option<f64>,
    pub(crate) is_pano: Option<bool>,
    pub(crate) on_foot: Option<bool>,
    pub(crate) quality: Option<f64>,
}

/// One image that belongs to no sequence.
pub(crate) fn lone(id: i64, place: Metres) -> Image {
    Image {
        id,
        sequence: None,
        at: at(place),
        captured_at: Some(NOON),
        compass: None,
        is_pano: Some(false),
        on_foot: Some(false),
        quality: None,
    }
}

/// Images of one sequence along a line, so many metres apart, ten metres a second; ids count on from a thousand times the
/// number of the sequence.
pub(crate) fn drive(sequence: i64, line: &[Metres], step_m: f64) -> Vec<Image> {
    let mut images = Vec::new();
    let (mut next_m, mut driven_m) = (0.0, 0.0);
    for pair in line.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length_m = (x1 - x0).hypot(y1 - y0);
        while next_m <= driven_m + length_m + 1e-6 {
            let share = (next_m - driven_m) / length_m;
            let place = (x0 + share * (x1 - x0), y0 + share * (y1 - y0));
            let number = i64::try_from(images.len()).unwrap();
            #[allow(clippy::cast_possible_truncation, reason = "milliseconds")]
            let captured_at = Some(NOON + (next_m * 100.0) as i64);
            let sequence_id = Some(format!("sequence {sequence}"));
            images.push(Image {
                captured_at,
                sequence: sequence_id,
                ..lone(sequence * 1000 + number, place)
            });
            next_m += step_m;
        }
        driven_m += length_m;
    }
    images
}

/// The table of streets.
pub(crate) fn roads(streets: &[Street]) -> Table {
    let mut names: Vec<&str> = streets.iter().flat_map(|street| street.tags.keys().copied()).collect();
    names.sort_unstable();
    names.dedup();
    let mut fields = vec![ColumnKind::Int.field("id", true)];
    let mut columns: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from_iter_values(streets.iter().map(|s| s.id)))];
    for name in names {
        let values = streets.iter().map(|street| street.tags.get(name).map(String::as_str));
        fields.push(ColumnKind::Text.field(name, true));
        columns.push(Arc::new(values.collect::<StringArray>()));
    }
    let lines = streets.iter().map(|street| Wkb::Lines(vec![street.line.clone()]).bytes());
    fields.push(ColumnKind::Lines.field("geometry", true));
    columns.push(Arc::new(BinaryArray::from_iter_values(lines)));
    table(fields, columns)
}

/// The table of images.
pub(crate) fn images(all: &[Image]) -> Table {
    let fields = vec![
        ColumnKind::Int.field("id", true),
        ColumnKind::Text.field("sequence_id", true),
        ColumnKind::Time.field("captured_at", true),
        ColumnKind::Float.field("compass_angle", true),
        ColumnKind::Bool.field("is_pano", true),
        ColumnKind::Float.field("quality_score", true),
        ColumnKind::Bool.field("foot", true),
        ColumnKind::Point.field("geometry", true),
    ];
    let times = all.iter().map(|image| image.captured_at).collect::<TimestampMillisecondArray>();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(all.iter().map(|image| image.id))),
        Arc::new(all.iter().map(|image| image.sequence.as_deref()).collect::<StringArray>()),
        Arc::new(times.with_timezone("UTC")),
        Arc::new(all.iter().map(|image| image.compass).collect::<Float64Array>()),
        Arc::new(all.iter().map(|image| image.is_pano).collect::<BooleanArray>()),
        Arc::new(all.iter().map(|image| image.quality).collect::<Float64Array>()),
        Arc::new(all.iter().map(|image| image.on_foot).collect::<BooleanArray>()),
        Arc::new(BinaryArray::from_iter_values(all.iter().map(|image| Wkb::Point(image.at).bytes()))),
    ];
    table(fields, columns)
}

pub(crate) fn table(fields: Vec<arrow_schema::Field>, columns: Vec<ArrayRef>) -> Table {
    let schema = Arc::new(Schema::new(fields));
    Table::new(Arc::clone(&schema), vec![RecordBatch::try_new(schema, columns).unwrap()])
}

/// What the job answers, with the streets for cars.
pub(crate) fn answer(streets: &[Street], shots: &[Image]) -> StreetAnswer {
    Streets::new(roads(streets), images(shots)).run().unwrap()
}

/// The rows of the streets by `edge_id`.
pub(crate) fn run(streets: &[Street], shots: &[Image]) -> BTreeMap<String, Row> {
    by_edge(&answer(streets, shots).streets)
}

pub(crate) fn by_edge(table: &Table) -> BTreeMap<String, Row> {
    rows(table).into_iter().map(|row| (row.text("edge_id").unwrap(), row)).collect()
}

/// The rows of a table.
pub(crate) fn rows(table: &Table) -> Vec<Row> {
    let of_batch = |batch: &RecordBatch| {
        let batch = batch.clone();
        (0..batch.num_rows()).map(move |row| Row { batch: batch.clone(), row }).collect::<Vec<_>>()
    };
    table.batches().iter().flat_map(of_batch).collect()
}

/// A row of a result.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    batch: RecordBatch,
    row: usize,
}

impl Row {
    fn column(&self, name: &str) -> Option<&ArrayRef> {
        let column = self.batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"));
        column.is_valid(self.row).then_some(column)
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        Some(self.column(name)?.as_string::<i32>().value(self.row).to_owned())
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        Some(self.column(name)?.as_primitive::<Int64Type>().value(self.row))
    }

    pub(crate) fn float(&self, name: &str) -> Option<f64> {
        Some(self.column(name)?.as_primitive::<Float64Type>().value(self.row))
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        Some(self.column(name)?.as_boolean().value(self.row))
    }

    pub(crate) fn time(&self, name: &str) -> Option<i64> {
        Some(self.column(name)?.as_primitive::<TimestampMillisecondType>().value(self.row))
    }

    pub(crate) fn line(&self) -> Vec<[f64; 2]> {
        let wkb = self.column("geometry").unwrap().as_binary::<i32>().value(self.row);
        Wkb::read(wkb).unwrap().positions().copied().collect()
    }

    /// A length that the row tells as a share of its edge, in metres.
    pub(crate) fn metres(&self, name: &str) -> f64 {
        self.float(name).unwrap_or_default() * self.float("length_m").unwrap()
    }
}

/// Whether two numbers differ by less than a hundredth.
pub(crate) fn is_near(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.01
}
