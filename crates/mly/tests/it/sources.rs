//! Ids read back from what sinks and other programs wrote.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Int64Array, LargeStringArray, RecordBatch, StringArray, StringViewArray, UInt64Array,
};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use insta::assert_snapshot;
use mly::sink::Format;
use mly::source::{self, Ids, Kind};
use mly::{Error, Query};
use proptest::prelude::*;

use crate::sinks::{batch, points, written};
use crate::support::{demo, features, options, town, write};

/// Formats that ids are read from.
const READ: [Format; 4] = [Format::GeoJson, Format::GeoJsonSeq, Format::Csv, Format::Arrow];

const ALL: [Kind; 5] = [Kind::Image, Kind::Sequence, Kind::MapFeature, Kind::Detection, Kind::Organization];

fn ids(input: impl AsRef<[u8]>, wanted: &[Kind]) -> Vec<String> {
    source::ids(input.as_ref(), wanted).unwrap().ids
}

/// What is said about an input, with its hint.
fn said(input: impl AsRef<[u8]>, wanted: &[Kind]) -> String {
    said_of_input(source::ids(input.as_ref(), wanted).unwrap_err())
}

/// An error of input with its cause and its hint, but without the path of its file.
pub(crate) fn said_of_input(error: Error) -> String {
    let Error::Input { at, what, hint, source, .. } = error else { panic!("{error:?}") };
    let at = at.map(|at| format!("{at}: ")).unwrap_or_default();
    let source = source.map(|source| format!(": {source}")).unwrap_or_default();
    let hint = hint.map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
    format!("{at}{what}{source}{hint}")
}

#[tokio::test]
async fn ids_come_back_from_every_format_that_sinks_write() {
    let emulator = demo();
    for (query, entity) in [
        (Query::images(town()), Kind::Image),
        (Query::sequences(town()), Kind::Sequence),
        (Query::points(town()), Kind::MapFeature),
        (Query::signs(town()), Kind::MapFeature),
    ] {
        let rows = features(options(&emulator), &query).await.unwrap();
        let text = |id: &serde_json::Value| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let want: Vec<_> = rows.iter().map(|row| text(&row["properties"]["id"])).collect();
        for format in READ {
            let (bytes, _) = write(options(&emulator), &query, format).await.unwrap();
            let got = source::ids(bytes.as_slice(), &ALL).unwrap();
            assert!(got.ids == want, "{query} {format}");
            assert_eq!((got.kind, got.skipped), (Some(entity), 0), "{query} {format}");
            assert!(source::ids(bytes.as_slice(), &[Kind::Organization]).is_err());
        }
        assert_eq!(ids(want.join("\n"), &[entity]), want);
    }
}

/// Above 2^53, where floating point numbers have gaps.
const BIG: i64 = 9_007_199_254_740_993;

/// Detections, one of them without an image, as look-ups give them.
fn detections() -> RecordBatch {
    let text: &[_] = &[("as_text", "true")];
    let ints = |values: [Option<i64>; 3]| -> ArrayRef { Arc::new(Int64Array::from(values.to_vec())) };
    batch(vec![
        ("id", text, ints([Some(1), Some(BIG), Some(3)])),
        ("image_id", text, ints([Some(BIG), None, Some(BIG)])),
        ("map_feature_id", text, ints([None, None, Some(9)])),
        ("value", &[], Arc::new(StringArray::from(vec!["void", "a,\"b\"\n\u{1e}", "c"]))),
        ("geometry", &[("geometry_type", "Point")], points(&[None, Some([1.0, 2.0]), None])),
    ])
}

#[test]
fn detections_give_what_is_wanted_of_them() {
    let big = BIG.to_string();
    for format in READ {
        let bytes = written(format, &[detections()]).unwrap();
        let read = |wanted: &[Kind]| {
            let Ids { ids, kind, skipped, .. } = source::ids(bytes.as_slice(), wanted).unwrap();
            (ids.join(" "), kind.unwrap(), skipped)
        };
        assert_eq!(read(&[Kind::Image]), (format!("{big} {big}"), Kind::Image, 1), "{format}");
        let both = [Kind::MapFeature, Kind::Image];
        assert_eq!(read(&both), (format!("{big} {big}"), Kind::Image, 1), "{format}");
        assert_eq!(read(&[Kind::MapFeature]), ("9".to_owned(), Kind::MapFeature, 2), "{format}");
        let own = [Kind::Image, Kind::Detection];
        assert_eq!(read(&own), (format!("1 {big} 3"), Kind::Detection, 0), "{format}");
    }
}

#[test]
fn features_of_others_are_read_too() {
    let image = [Kind::Image];
    for text in [
        r#"{"type":"Feature","properties":{"id":9007199254740993},"geometry":null}"#,
        r#"{"properties":{"id":"9007199254740993","x":{"id":5,"features":[1]}},"geometry":null,"type":"Feature"}"#,
        r#"{"type":"Feature","id":9007199254740993,"properties":null,"geometry":{"type":"Point","coordinates":[1,2]}}"#,
        r#"{"type":"Feature","properties":{"id":9007199254740993},"id":"feature-1","features":[{"id":3}]}"#,
        r#"{"features":[{"type":"Feature","properties":{"id":9007199254740993}}],"type":"FeatureCollection","crs":{}}"#,
        "\u{feff}  {\"type\":\r\n\"Feature\",\"properties\":{\"id\":9007199254740993}}\r\n\r\n",
        "\u{1e}{\"type\":\"Feature\",\"properties\":{\"\\u0069d\":9007199254740993}}\n",
    ] {
        assert_eq!(ids(text, &image), [BIG.to_string()], "{text}");
    }
    let two = "\u{1e}{\"type\":\"Feature\",\"id\":2}\n\u{1e}{\"type\":\"Feature\",\"id\":1}{\"type\":\"Feature\",\"id\":2}";
    assert_eq!(ids(two, &image), ["2", "1", "2"]);
    assert_eq!(ids(r#"{"type":"FeatureCollection","features":[]}"#, &image), [""; 0]);
}

#[test]
fn tables_of_others_are_read_too() {
    let read = |text: &str| ids(text, &[Kind::Image]);
    assert_eq!(read("name,id\nx,1\ny,2\n"), ["1", "2"]);
    assert_eq!(read("\u{feff}\"id\",\"text\"\r\n\"1\",\"a\r\n\"\"b\"\", c\"\r\n2,"), ["1", "2"]);
    assert_eq!(read("# made by hand\n\n id , x\n 7 , 8\n\n 9 ,\n"), ["7", "9"]);
    assert_eq!(read("id\n"), [""; 0]);
    assert_eq!(read("id\n5"), ["5"]);
}

#[test]
fn image_id_alone_names_the_images_in_every_format() {
    let ids_of = |name: &str| {
        batch(vec![
            ("note", &[], Arc::new(StringArray::from(vec!["a", "b"])) as ArrayRef),
            (name, &[], Arc::new(Int64Array::from(vec![7, BIG]))),
        ])
    };
    let want = ["7".to_owned(), BIG.to_string()];
    for format in Format::of_any_rows().filter(|format| format.can_be_read() && *format != Format::FlatGeobuf)
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for (name, kind) in [("image_id", Kind::Image), ("map_feature_id", Kind::MapFeature)] {
            let _ = std::fs::remove_file(&path);
            crate::files::save(format, &path, &[ids_of(name)]).unwrap();
            let found =
                source::ids(std::fs::File::open(&path).unwrap(), &[Kind::Image, Kind::MapFeature]).unwrap();
            assert_eq!((found.ids.as_slice(), found.kind), (&want[..], Some(kind)), "{format} {name}");
        }
    }
    // With a value it is a detection, whose own id is elsewhere.
    let detections = "image_id,value\n7,void\n,void\n";
    let found = source::ids(detections.as_bytes(), &[Kind::Image]).unwrap();
    assert_eq!((found.ids, found.skipped), (vec!["7".to_owned()], 1));
    assert_eq!(ids("\"image_id\"\n7\n", &[Kind::Image]), ["7"]);
}

#[test]
fn plain_lists_are_read_as_people_write_them() {
    let text = "\u{feff}\r\n# images\r\n 3 \r\n\r\n1 # broken\n\t2\n3";
    assert_eq!(ids(text, &[Kind::Image]), ["3", "1", "2", "3"]);
    let found = source::ids("id-_0123456789abcDEF42".as_bytes(), &ALL).unwrap();
    assert_eq!((found.ids.len(), found.kind), (1, None));
    for nothing in ["", "\u{feff}", " \r\n\t\n", "# only words\n#"] {
        assert_eq!(ids(nothing, &[Kind::Image]), [""; 0], "{nothing:?}");
    }
}

#[test]
fn arrow_of_others_is_read_in_both_forms_and_all_types_of_ids() {
    let columns: [ArrayRef; 5] = [
        Arc::new(Int64Array::from(vec![3, BIG])),
        Arc::new(UInt64Array::from(vec![3, 9_007_199_254_740_993])),
        Arc::new(StringArray::from(vec!["3", "9007199254740993"])),
        Arc::new(LargeStringArray::from(vec!["3", "9007199254740993"])),
        Arc::new(StringViewArray::from(vec!["3", "9007199254740993"])),
    ];
    for column in columns {
        let before: ArrayRef = Arc::new(StringArray::from(vec!["some", "text"]));
        let rows = batch(vec![("name", &[], before), ("id", &[], column)]);
        let mut file = FileWriter::try_new(Vec::new(), &rows.schema()).unwrap();
        let mut stream = StreamWriter::try_new(Vec::new(), &rows.schema()).unwrap();
        for _ in 0..2 {
            file.write(&rows).unwrap();
            stream.write(&rows).unwrap();
        }
        for bytes in [file.into_inner().unwrap(), stream.into_inner().unwrap()] {
            let want = ["3", "9007199254740993", "3", "9007199254740993"];
            assert_eq!(ids(bytes, &[Kind::Image]), want, "{:?}", rows.schema());
        }
    }
}

#[test]
fn rows_of_another_kind_are_refused_with_what_to_do() {
    let sign = "id,value,first_seen_at\n1,a,2\n";
    let sequence = r#"{"type":"Feature","properties":{"id":"a"},"geometry":{"coordinates":[],"type":"MultiLineString"}}"#;
    let image = r#"{"type":"Feature","properties":{"id":1,"captured_at":2}}"#;
    let mixed =
        format!("{image}\n{image}\n{}", r#"{"type":"Feature","properties":{"id":1,"object_value":""}}"#);
    let late = format!(
        "{}\n{}",
        r#"{"type":"Feature","id":1}"#, r#"{"type":"Feature","properties":{"image_id":1,"value":""}}"#
    );
    let cases = [
        said(sign, &[Kind::Image]),
        said(sequence, &[Kind::Image, Kind::MapFeature]),
        said("id,image_id,captured_at,wkt\nabc,1,2,\n", &[Kind::Image]),
        said(image, &[Kind::Sequence]),
        said("slug,id\na,1", &[Kind::Sequence]),
        said(mixed, &ALL),
        said(late, &[Kind::Image]),
    ];
    assert_snapshot!(cases.join("\n"), @r#"
    these are map features, and images are expected
      hint: their detections tell the images that show them
    these are sequences, and images or map features are expected
      hint: look up the images of the sequences first
    these are sequences, and images are expected
      hint: look up the images of the sequences first
    these are images, and sequences are expected
      hint: their sequences are in the column sequence_id
    these are organizations, and sequences are expected
      hint: only ids of what is wanted can be read
    feature 3: a map feature after rows that are images
      hint: give rows of one kind at a time
    feature 2: a detection after rows that are something else
      hint: give rows of one kind at a time
    "#);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let image = &[Kind::Image];
    let wide = batch(vec![("id", &[], Arc::new(arrow_array::Float64Array::from(vec![1.0])) as ArrayRef)]);
    let other = batch(vec![("name", &[], Arc::new(Int64Array::from(vec![1])) as ArrayRef)]);
    let whole = written(Format::Arrow, &[detections()]).unwrap();
    let cases = [
        said("1\n\nabc\n", image),
        said("1\n-2\n", image),
        said("1\na b\n", &[Kind::Image, Kind::Sequence]),
        said("0", image),
        said("9223372036854775808", image),
        said("name;id\n", image),
        said("id\tmake\n1\ta\n", image),
        said("1,2,3\n", image),
        said("1;2;3\n", image),
        said("\n\n\u{7}\u{1b}[31m\n", image),
        said(b"\xFF\xFE1\x000", image),
        said("#\nid,x\n1,2\n3\n", image),
        said("id,captured_at\n1.76E+14,1\n", image),
        said("id,x\n\"1\n\",2\n,3\n", image),
        said("[1,2]", image),
        said("{\"id\":\"1\"}", image),
        said("{\"type\":\"Polygon\",\"coordinates\":[]}", image),
        said("{\"type\":\"FeatureCollection\"}", image),
        said(
            "{\"type\":\"FeatureCollection\",\"features\":[\n{\"type\":\"Feature\",\"id\":1},\n{\"type\":\"Feature\"}]}",
            image,
        ),
        said("{\"type\":\"FeatureCollection\",\"features\":[\n{\"type\":\"Feature\",\"id\":1}", image),
        said("\n{\"type\":\"Feature\",\"id\":1}\n{\"type\":\"Feature\",\"id\":1.0}", image),
        said("{\"type\":\"Feature\",\"id\":1}\n{\"type\":\"Feature\",\n\"id\":}", image),
        said("{\"type\":\"Feature\",\"id\":[1]}", image),
        said("{\"type\":\"Feature\",\"properties\":{\"id\":true}}", &[Kind::Sequence]),
        said(written(Format::Arrow, &[wide]).unwrap(), image),
        said(written(Format::Arrow, &[other]).unwrap(), image),
        said(&whole[..whole.len() / 2], image),
        said(b"PAR1\x15\x04", image),
        said(b"\x1F\x8B\x08\x00", image),
    ];
    assert_snapshot!(cases.join("\n"), @r"
    line 3: `abc` is not the id of any image
      hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage
    line 2: `-2` is not the id of any image
      hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage
    line 2: `a b` is not the id of any image or sequence
      hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage
    line 1: `0` is not the id of any image
      hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage
    line 1: `9223372036854775808` is not the id of any image
      hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage
    line 1: the fields have semicolons between them, and commas are expected
      hint: save the table as comma-separated CSV (RFC 4180)
    line 1: the fields have tabs between them, and commas are expected
      hint: save the table as comma-separated CSV (RFC 4180)
    line 1: `1,2,3` is not the id of any image
      hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage
    line 1: `1;2;3` is not the id of any image
      hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage
    line 3: `\u{7}\u{1b}[31m` is not the id of any image
      hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage
    line 1: `��1\00` is not the id of any image
      hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage
    line 4: the header has 2 fields, this line has 1
    line 2: `1.76E+14` is not the id of any image
    line 4: there is no id
    line 1: the GeoJSON cannot be read: invalid type: sequence, expected a GeoJSON FeatureCollection or Feature, at column 1
    line 1: the GeoJSON cannot be read: found `no type`, expected a GeoJSON FeatureCollection or Feature, at column 10
    line 1: the GeoJSON cannot be read: found `Polygon`, expected a GeoJSON FeatureCollection or Feature, at column 35
    line 1: the GeoJSON cannot be read: a FeatureCollection without features, at column 28
    feature 2: there is no id
    line 2: the GeoJSON cannot be read: EOF while parsing a list, at column 25
    feature 2: `1.0` is not the id of any image
    line 3: the GeoJSON cannot be read: expected value, at column 6
    feature 1: `[...]` is not the id of any image
    feature 1: `(true)` is not the id of any sequence
    column id is of type Float64
      hint: ids are whole numbers or text
    there is no column id or image_id
      hint: the columns are: name
    after row 0: the Arrow data cannot be read: it ends too early
    after row 0: the Parquet file cannot be read: EOF: Parquet file too small. Size is 6 but need 8
    this is packed with gzip, which cannot be read
      hint: unpack it
    ");
}

/// A reader that gives little at a time and then fails.
struct Slow<'a>(Cursor<&'a [u8]>, bool);

impl Read for Slow<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let room = bytes.len().min(1);
        match self.0.read(&mut bytes[..room])? {
            0 if self.1 => Err(io::Error::other("the cable is out")),
            length => Ok(length),
        }
    }
}

#[test]
fn an_input_that_fails_is_never_a_shorter_list() {
    let mut inputs: Vec<_> = READ.map(|format| written(format, &[detections()]).unwrap()).into();
    inputs.extend([b"1\n2\n".to_vec(), b"\n".to_vec(), vec![]]);
    for bytes in inputs {
        let whole = source::ids(bytes.as_slice(), &[Kind::Image]).unwrap();
        let slowly = source::ids(Slow(Cursor::new(&bytes), false), &[Kind::Image]).unwrap();
        assert_eq!(slowly, whole);
        // Arrow tells where it ends and is not read on.
        if !bytes.starts_with(&[0xFF; 4]) {
            let error = source::ids(Slow(Cursor::new(&bytes), true), &[Kind::Image]).unwrap_err();
            assert_eq!(said_of_input(error), "the input cannot be read: the cable is out");
        }
    }
}

fn arrow_file(rows: &RecordBatch) -> Vec<u8> {
    let mut file = FileWriter::try_new(Vec::new(), &rows.schema()).unwrap();
    file.write(rows).unwrap();
    file.into_inner().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_without_a_panic(
        kind in 0..5_usize, changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(), is_cut in any::<bool>(),
    ) {
        let mut bytes = match READ.get(kind) {
            Some(format) => written(*format, &[detections()]).unwrap(),
            None => arrow_file(&detections()),
        };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(end.index(bytes.len()));
        }
        if let Ok(found) = source::ids(bytes.as_slice(), &[Kind::Image, Kind::Sequence]) {
            prop_assert!(found.ids.len() <= 100);
        }
    }
}
