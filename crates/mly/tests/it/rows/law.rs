//! A crawl written in one format and converted to another is the crawl written in the other.

use std::path::Path;

use arrow_array::RecordBatch;
use futures_util::TryStreamExt;
use mly::sink::{self, Destination, Format};
use mly::{Client, Lookup, Outlines, Plan, Query, Subject};
use mly_emulator::{Emulator, World};

use super::{convert, file, read};
use crate::run::{options, town};

const TYPED: [Format; 4] = [Format::Arrow, Format::Parquet, Format::FlatGeobuf, Format::GeoPackage];
const TEXTS: [Format; 3] = [Format::GeoJson, Format::GeoJsonSeq, Format::Csv];

/// Ids that the demo world's tiles show.
async fn ids(emulator: &Emulator, query: &Query) -> Vec<String> {
    let client = Client::new(options(emulator)).unwrap();
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
    let images = ids(emulator, &Query::images(town()).limit(60)).await;
    let signs = ids(emulator, &Query::signs(town()).limit(20)).await;
    let organizations = ["2647395818226401", "541903776120854"];
    let lookup = |subject, ids: &[String]| Lookup::new(subject, ids);
    let detections =
        |outlines| lookup(Subject::DetectionsOfImage, &images).outlines(outlines).plan().unwrap();
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
        ("images", Query::images(town()).limit(300).plan().unwrap()),
        ("sequences", Query::sequences(town()).limit(20).plan().unwrap()),
        ("points", Query::points(town()).limit(200).plan().unwrap()),
        ("signs", Query::signs(town()).limit(200).plan().unwrap()),
        (
            "more of images",
            Query::images(town())
                .limit(100)
                .fields([
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
        ("all of an image", lookup(Subject::Image, &images[..9]).fields(everything).plan().unwrap()),
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

/// Rows as GeoJSON, sorted, and their columns.
fn contents(path: &Path) -> (Vec<arrow_schema::FieldRef>, Vec<String>) {
    let rows = read(path).unwrap();
    let schema = mly::source::rows(path).unwrap().schema();
    let folder = tempfile::tempdir().unwrap();
    let text = file(folder.path(), "rows", Format::GeoJsonSeq);
    save(&rows, &schema, Format::GeoJsonSeq, &text).unwrap();
    (schema.fields().to_vec(), sorted(&std::fs::read(text).unwrap()))
}

#[tokio::test]
async fn what_went_through_another_format_is_what_is_written_at_once() {
    let emulator = Emulator::start(World::demo()).unwrap();
    for (name, plan) in questions(&emulator).await {
        let folder = tempfile::tempdir().unwrap();
        let client = Client::new(options(&emulator)).unwrap();
        let batches = client.run(&plan);
        let schema = batches.schema();
        let rows: Vec<_> = batches.try_collect().await.unwrap();
        let count = rows.iter().map(RecordBatch::num_rows).sum::<usize>();
        assert!(count > 1, "{name}");
        let has_geometry = schema.column_with_name("geometry").is_some();
        let formats =
            || Format::ALL.into_iter().filter(|format| has_geometry || *format != Format::FlatGeobuf);
        for format in formats() {
            save(&rows, &schema, format, &file(folder.path(), "direct", format)).unwrap();
        }
        for from in formats() {
            for to in formats() {
                let (source, direct) =
                    (file(folder.path(), "direct", from), file(folder.path(), "direct", to));
                let through = file(folder.path(), "through", to);
                let converted =
                    convert(&source, to, &through).unwrap_or_else(|e| panic!("{name} {from} {to}: {e}"));
                assert_eq!(converted, count as u64, "{name} {from} {to}");
                let [through_bytes, direct_bytes] =
                    [&through, &direct].map(|path| std::fs::read(path).unwrap());
                if TYPED.contains(&from) {
                    // Rows keep their order in files without an index, and get the same one in files with one.
                    let is_same_order = from == Format::Arrow
                        || ![Format::Arrow, Format::GeoJson, Format::GeoJsonSeq, Format::Csv].contains(&to);
                    let same = match to {
                        _ if is_same_order => through_bytes == direct_bytes,
                        Format::Arrow => contents(&through) == contents(&direct),
                        _ => sorted(&through_bytes) == sorted(&direct_bytes),
                    };
                    if !same {
                        let (a, b) = (contents(&through), contents(&direct));
                        for (x, y) in a.0.iter().zip(&b.0) {
                            assert_eq!(x, y, "{name} {from} {to}");
                        }
                        for (x, y) in a.1.iter().zip(&b.1) {
                            assert_eq!(x, y, "{name} {from} {to}");
                        }
                    }
                    assert!(same, "{name} {from} {to}");
                } else if TEXTS.contains(&to) {
                    if through_bytes != direct_bytes {
                        let (a, b) = (sorted(&through_bytes), sorted(&direct_bytes));
                        for (x, y) in a.iter().zip(&b) {
                            assert_eq!(x, y, "{name} {from} {to}");
                        }
                    }
                    assert!(through_bytes == direct_bytes, "{name} {from} {to}");
                } else {
                    let ((fields, rows), (all, want)) = (contents(&through), contents(&direct));
                    assert_eq!(rows, want, "{name} {from} {to}");
                    // Columns without any value are left out, and all others are of their types.
                    assert!(
                        fields.iter().all(|field| all.contains(field)),
                        "{name} {from} {to}: {fields:#?} {all:#?}"
                    );
                }
            }
        }
    }
}
