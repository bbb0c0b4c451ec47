//! Questions of every kind about the demo town.

use mly::sink::Format;
use mly::source::AreaReader;
use mly::{Area, FilterValue, Lookup, Outlines, Plan, Query, Subject};
use std::sync::LazyLock;

use crate::support::truth::features_around;
use crate::support::{demo, town};

/// A question and the formats that can hold its answer.
pub(super) struct Question {
    pub(super) name: &'static str,
    pub(super) plan: Plan,
    pub(super) formats: Vec<Format>,
    /// Requests that make one piece of work, and are in flight together.
    pub(super) at_once: usize,
}

/// Ids that the tiles show.
fn ids(set: &str, layer: &str, property: &str) -> Vec<String> {
    let emulator = demo();
    let found = features_around(&emulator, set, layer, crate::support::TOWN);
    let text = |id: &serde_json::Value| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let mut ids: Vec<String> = found.iter().map(|f| text(&f["properties"][property])).collect();
    ids.sort();
    ids.dedup();
    ids
}

pub(super) fn image_ids() -> &'static [String] {
    static IDS: LazyLock<Vec<String>> = LazyLock::new(|| ids("mly1_public", "image", "id"));
    &IDS
}

/// The town with empty land around it.
pub(super) fn land() -> Area {
    Area::bbox(8.9, 51.93, 9.12, 52.06).unwrap()
}

/// Two roads of the town with what is beside them, and their names.
fn roads(column: &str) -> Area {
    let line = |name: &str, line: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{"name":"{name}"}},"geometry":{{"type":"LineString","coordinates":{line}}}}}"#
        )
    };
    let text = [line("main", "[[8.985,51.985],[9.02,52]]"), line("side", "[[8.985,52],[9.025,51.985]]")];
    AreaReader::new().with_buffer_m(60.0).with_column(column).text(&text.join("\n")).unwrap()
}

/// Places all over the town, whose surroundings lie in several tiles.
fn crossings() -> Area {
    let places = (0..40).map(|i| {
        let (column, row) = (f64::from(i % 8), f64::from(i / 8));
        format!("POINT ({} {})", 8.985 + column * 0.005, 51.984 + row * 0.005)
    });
    let places = places.collect::<Vec<_>>().join("\n");
    AreaReader::new().with_buffer_m(500.0).with_column("index").text(&places).unwrap()
}

fn nearest_of_a_make() -> Query {
    Query::images(crossings()).with_nearest(2).with_filter("make", "GoPro").unwrap()
}

/// Ids of which some are listed again and some are of nothing.
fn listed() -> Vec<String> {
    let mut ids: Vec<String> = image_ids().iter().step_by(9).cloned().collect();
    for at in [3, 60, 61, 200, 300] {
        ids.insert(at, format!("77{at}"));
        ids.insert(at + 5, ids[at / 2].clone());
    }
    let again: Vec<_> = ids.iter().step_by(17).cloned().collect();
    ids.extend(again);
    ids
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn sequences() -> Vec<String> {
    let mut ids = ids("mly1_public", "sequence", "id");
    ids.insert(4, "nothing-of-this-name-0".to_owned());
    ids.insert(9, ids[1].clone());
    ids.truncate(30);
    ids
}

/// All questions.
pub(super) fn questions() -> &'static [Question] {
    static ALL: LazyLock<Vec<Question>> = LazyLock::new(all);
    &ALL
}

/// Requests of one piece of work that are in flight at once: for several batches of the images of a sequence, and for
/// detections and the images that they are in.
fn at_once(name: &str) -> usize {
    match name {
        "detections" | "pixels" => 2,
        "drives" | "sequences" | "pruned sequences" | "some sequences" | "sequences along roads" => 3,
        _ => 1,
    }
}

fn all() -> Vec<Question> {
    let area = |query: Query| query.plan().unwrap();
    let images = || Query::images(town());
    let signs = ids("mly_map_feature_traffic_sign", "traffic_sign", "id");
    let seen: Vec<_> = image_ids().iter().step_by(29).cloned().collect();
    let small = Area::bbox(9.0, 51.99, 9.01, 52.0).unwrap();
    let any = vec![
        ("images", area(images())),
        ("sequences", area(Query::sequences(town()))),
        ("cut sequences", area(Query::sequences(town()).with_cut(true))),
        ("points", area(Query::points(town()))),
        ("signs", area(Query::signs(town()))),
        ("images with fields", area(Query::images(small.clone()).with_fields(["make", "model", "altitude"]))),
        ("pruned images", area(Query::images(land()).with_prune(10))),
        ("pruned sequences", area(Query::sequences(land()).with_prune(12))),
        ("spaced images", area(images().with_filter("spacing", FilterValue::Metres(30.0)).unwrap())),
        (
            "spaced images with fields",
            area(
                Query::images(small.clone())
                    .with_filter("spacing", FilterValue::Metres(20.0))
                    .unwrap()
                    .with_fields(["make"]),
            ),
        ),
        ("a make", area(images().with_filter("make", "GoPro").unwrap())),
        ("some makes", area(images().with_filter("make", names(&["GoPro", "Apple"])).unwrap())),
        (
            "creators in a country",
            area(
                Query::images(Area::bbox(5.0, 47.0, 15.0, 55.0).unwrap())
                    .with_filter("creator-username", names(&["nordlicht23", "nobody", "pano_pete"]))
                    .unwrap(),
            ),
        ),
        ("a near circle", area(Query::images(Area::near(9.005, 51.998, 49.0).unwrap()))),
        ("a wide circle", area(Query::images(Area::near(9.005, 51.998, 1400.0).unwrap()))),
        ("some images", area(images().with_limit(1234))),
        ("some sequences", area(Query::sequences(town()).with_limit(40))),
        ("a part", images().plan().unwrap().partitions(2).unwrap().remove(1)),
        (
            "ids",
            Lookup::new(Subject::Image, listed())
                .with_fields(["captured_at", "make", "geometry"])
                .plan()
                .unwrap(),
        ),
        (
            "drives",
            Lookup::new(Subject::Sequence, sequences())
                .with_fields(["captured_at", "geometry"])
                .plan()
                .unwrap(),
        ),
        (
            "features",
            Lookup::new(Subject::MapFeature, signs.iter())
                .with_fields(["object_value", "geometry"])
                .plan()
                .unwrap(),
        ),
        ("detections", Lookup::new(Subject::DetectionsOfImage, seen.iter()).plan().unwrap()),
    ];
    let mut all: Vec<_> = any
        .into_iter()
        .map(|(name, plan)| Question {
            name,
            plan,
            formats: Format::of_any_rows().collect(),
            at_once: at_once(name),
        })
        .collect();
    let pixels =
        Lookup::new(Subject::DetectionsOfImage, seen.iter()).with_outlines(Outlines::Pixels).plan().unwrap();
    all.push(Question {
        name: "pixels",
        plan: pixels,
        formats: vec![Format::Coco, Format::Csv, Format::Parquet],
        at_once: at_once("pixels"),
    });
    let near = [
        ("images along roads", area(Query::images(roads("index")))),
        ("sequences along roads", area(Query::sequences(roads("name")))),
        ("nearest images", area(Query::images(crossings()).with_nearest(3))),
        ("nearest images of a make", area(nearest_of_a_make())),
    ];
    all.extend(near.map(|(name, plan)| Question {
        name,
        plan,
        formats: Format::of_any_rows().collect(),
        at_once: at_once(name),
    }));
    all
}

/// The question of a name.
pub(super) fn question(name: &str) -> &'static Question {
    questions().iter().find(|question| question.name == name).unwrap()
}
