//! A crawl written in one format and converted to another is the crawl written in the other, but for what texts do not
//! hold: what the file is, and which columns were named.

use std::path::Path;

use arrow_array::RecordBatch;
use futures_util::TryStreamExt;
use mly::sink::{self, Destination, Format};
use mly::{Lookup, Outlines, Plan, Query, Subject};
use mly_emulator::Emulator;
use serde_json::Value;

use super::{convert, file, read};
use crate::support::{client, demo, town};

/// Formats with an index, whose rows lie along the Hilbert curve.
const INDEXED: [Format; 3] = [Format::Parquet, Format::FlatGeobuf, Format::GeoPackage];
const TEXTS: [Format; 3] = [Format::GeoJson, Format::GeoJsonSeq, Format::Csv];

/// Ids that the demo world's tiles show.
async fn ids(emulator: &Emulator, query: &Query) -> Vec<String> {
    let client = client(emulator);
    let rows: Vec<_> = client.run(&query.plan().unwrap()).try_collect().await.unwrap();
    let ids = |batch: &RecordBatch| {
        let column =
            arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Int64Type>(batch.column(0));
        column.values().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    rows.iter().flat_map(ids).collect()
}

/// Everything that can be asked, with a name.
async fn questions(emulator: &Emulator) -> Vec<(&'static str, Plan)> {
    let images = ids(emulator, &Query::images(town()).with_limit(60)).await;
    let signs = ids(emulator, &Query::signs(town()).with_limit(20)).await;
    let organizations = ["2647395818226401", "541903776120854"];
    let lookup = |subject, ids: &[String]| Lookup::new(subject, ids);
    let detections =
        |outlines| lookup(Subject::DetectionsOfImage, &images).with_outlines(outlines).plan().unwrap();
    let everything = [
        "detections.value",
        "sfm_cluster",
        "camera_parameters",
        "mesh",
        "creator",
        "computed_geometry",
        "thumb_256_url",
    ];
    vec![
        ("images", Query::images(town()).with_limit(300).plan().unwrap()),
        ("sequences", Query::sequences(town()).with_limit(20).plan().unwrap()),
        ("points", Query::points(town()).with_limit(200).plan().unwrap()),
        ("signs", Query::signs(town()).with_limit(200).plan().unwrap()),
        (
            "more of images",
            Query::images(town())
                .with_limit(100)
                .with_fields([
                    "captured_at",
                    "sequence_id",
                    "make",
                    "mesh",
                    "computed_geometry",
                    "camera_parameters",
                ])
                .plan()
                .unwrap(),
        ),
        ("image", lookup(Subject::Image, &images).plan().unwrap()),
        ("all of an image", lookup(Subject::Image, &images[..9]).with_fields(everything).plan().unwrap()),
        ("feature", lookup(Subject::MapFeature, &signs).plan().unwrap()),
        ("organization", Lookup::new(Subject::Organization, organizations).plan().unwrap()),
        ("detections", detections(Outlines::Normalised)),
        ("detections in pixels", detections(Outlines::Pixels)),
        ("raw detections", detections(Outlines::Raw)),
        ("detections of signs", lookup(Subject::DetectionsOfMapFeature, &signs).plan().unwrap()),
    ]
}

fn save(
    rows: &[RecordBatch],
    schema: &arrow_schema::SchemaRef,
    format: Format,
    path: &Path,
) -> Result<(), mly::Error> {
    let mut sink = sink::open(format, Destination::file(path, true)?, schema)?;
    rows.iter().try_for_each(|rows| sink.write(rows))?;
    sink.finish()
}

/// Lines of text in an order that does not depend on the rows'.
fn sorted(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let mut lines: Vec<_> = text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect();
    lines.sort_unstable();
    lines
}

/// The features of GeoJSON in their order, without properties that are null.
fn features(text: &[u8]) -> Vec<Value> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let lines = text
        .lines()
        .map(|line| line.trim_end_matches(','))
        .filter(|line| line.starts_with("{\"type\":\"Feature\","));
    let mut features: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    for feature in &mut features {
        feature["properties"].as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    features
}

/// Rows as GeoJSON, sorted, and their columns.
fn contents(path: &Path) -> (Vec<arrow_schema::FieldRef>, Vec<String>) {
    let rows = read(path).unwrap();
    let schema = mly::source::rows(path).unwrap().schema();
    let schema = std::sync::Arc::new(arrow_schema::Schema::new(schema.fields().clone()));
    let folder = tempfile::tempdir().unwrap();
    let text = file(folder.path(), "rows", Format::GeoJsonSeq);
    save(&rows, &schema, Format::GeoJsonSeq, &text).unwrap();
    (schema.fields().to_vec(), sorted(&std::fs::read(text).unwrap()))
}

/// A crawl written in every format, and the folder.
struct Written {
    name: &'static str,
    folder: tempfile::TempDir,
    rows: u64,
    formats: Vec<Format>,
}

impl Written {
    async fn of(emulator: &Emulator, name: &'static str, plan: &Plan) -> Self {
        let batches = client(emulator).run(plan);
        let schema = batches.schema();
        let rows: Vec<_> = batches.try_collect().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let has_geometry = schema.column_with_name("geometry").is_some();
        let fits = |format: &Format| has_geometry || *format != Format::FlatGeobuf;
        let is_read = |format: &Format| format.can_be_read();
        let formats: Vec<_> = Format::of_any_rows().filter(is_read).filter(fits).collect();
        for format in &formats {
            save(&rows, &schema, *format, &file(folder.path(), "direct", *format)).unwrap();
        }
        Self { name, folder, rows: rows.iter().map(|rows| rows.num_rows() as u64).sum(), formats }
    }

    fn check(&self, from: Format, to: Format) {
        let Self { name, folder, .. } = self;
        let (source, direct) = (file(folder.path(), "direct", from), file(folder.path(), "direct", to));
        let through = file(folder.path(), "through", to);
        let count = convert(&source, to, &through).unwrap_or_else(|e| panic!("{name} {from} {to}: {e}"));
        assert_eq!(count, self.rows, "{name} {from} {to}");
        let [got, want] = [&through, &direct].map(|path| std::fs::read(path).unwrap());
        // Files with an index have their own order, and keep it in a file without one.
        let keeps_order = TEXTS.contains(&from) || from == Format::Arrow || INDEXED.contains(&to);
        let loses_columns = TEXTS.contains(&from) && !TEXTS.contains(&to);
        match to {
            Format::GeoJson | Format::GeoJsonSeq if TEXTS.contains(&from) => {
                assert!(features(&got) == features(&want), "{name} {from} {to}");
            }
            _ if keeps_order && !loses_columns => assert!(got == want, "{name} {from} {to}"),
            _ if TEXTS.contains(&to) => assert_eq!(sorted(&got), sorted(&want), "{name} {from} {to}"),
            _ => {
                let ((columns, rows), (all, want)) = (contents(&through), contents(&direct));
                assert_eq!(rows, want, "{name} {from} {to}");
                // Columns without any value are left out of texts, and all others are as they were.
                let is_fine = |column| all.contains(column);
                assert!(columns.iter().all(is_fine), "{name} {from} {to}: {columns:#?} {all:#?}");
                assert!(loses_columns || columns == all, "{name} {from} {to}");
            }
        }
    }
}

#[tokio::test]
async fn what_went_through_another_format_is_what_is_written_at_once() {
    let emulator = demo();
    for (name, plan) in questions(&emulator).await {
        let written = Written::of(&emulator, name, &plan).await;
        assert!(written.rows > 1, "{name}");
        for from in &written.formats {
            written.formats.iter().for_each(|to| written.check(*from, *to));
        }
    }
}
