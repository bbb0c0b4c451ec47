//! `mly streets`: from roads to a table of edges in one command.

use std::fs;
use std::path::{Path, PathBuf};

use mly_emulator::Fault;
use tempfile::TempDir;

use crate::support::{TOWN, demo, mly, names_in, own_demo, without_folder};

/// The demo town's streets, in a folder.
fn town(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let roads = folder.path().join(name);
    mly("emulate --osm").arg(&roads).done();
    (folder, roads)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// The values of a column of a CSV, as text.
fn column(csv: &str, name: &str) -> Vec<String> {
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let at = rows.headers().unwrap().iter().position(|found| found == name).unwrap();
    rows.records().map(|row| row.unwrap()[at].to_owned()).collect()
}

#[test]
fn signs_are_no_images_of_streets() {
    let (folder, roads) = town("town.osm.pbf");
    for name in ["signs.csv", "signs.parquet"] {
        let signs = folder.path().join(name);
        mly(&format!("signs {TOWN}")).to(&signs).at(demo()).done();
        let failed = mly("streets").arg(&roads).arg("--images").arg(&signs).arg("-q").fails(2);
        assert!(failed.err.contains("these are no images"), "{}", failed.err);
    }
}

#[test]
fn one_command_leads_from_roads_to_the_answer() {
    let (folder, roads) = town("town.osm.pbf");
    let path = |name: &str| folder.path().join(name);
    let said = mly("streets")
        .arg(&roads)
        .to(&path("a.csv"))
        .arg("--gaps")
        .arg(path("gaps.gpkg"))
        .at(demo())
        .done()
        .err;
    let said = without_folder(&said, folder.path());
    assert!(said.starts_with("images in 45 m around "), "{said}");
    assert!(
        said.contains("\nkm ") && said.contains("images on streets") && said.contains(" -> a.csv\n"),
        "{said}"
    );
    assert!(said.contains("\nfresh: since 20") && said.contains("; stale: older; as of 20"), "{said}");
    assert_eq!(names_in(folder.path()), ["a.csv", "a.images.parquet", "gaps.gpkg", "town.osm.pbf"]);
    let csv = read(&path("a.csv"));
    let header = "edge_id,way_id,name,class,length_m,oneway,layer,covered,covered_forward,covered_backward,\
                  covered_pano,covered_fresh,newest,oldest,dated_share,tier,images,sequences,passes,passes_forward,\
                  passes_backward,pano_share,foot_share,quality_p10,quality_p50,quality_p90,ambiguous,status,wkt";
    assert_eq!(csv.lines().next(), Some(header));
    let images: u64 = column(&csv, "images").iter().map(|count| count.parse::<u64>().unwrap()).sum();
    assert!(images > 1000, "{images} images are on streets");
    assert!(column(&csv, "status").iter().all(|status| status == "ok"));
    let tiers = column(&csv, "tier");
    assert!(["fresh", "aging", "stale"].iter().all(|tier| tiers.iter().any(|found| found == tier)));
}

#[test]
fn the_same_inputs_give_the_same_bytes_in_any_form() {
    let (folder, roads) = town("town.osm.pbf");
    let path = |name: &str| folder.path().join(name);
    mly("emulate --osm").arg(path("town.json")).done();
    mly(&format!("images {TOWN}")).to(&path("images.parquet")).at(demo()).done();
    mly("convert").arg(path("images.parquet")).arg(path("images.geojson")).done();
    let run = |roads: &Path, images: &str, out: &str| {
        mly("streets --ways all -q").arg(roads).arg("--images").arg(path(images)).to(&path(out)).done();
    };
    run(&roads, "images.parquet", "a.csv");
    run(&path("town.json"), "images.geojson", "b.csv");
    assert!(read(&path("a.csv")) == read(&path("b.csv")));
    for name in ["c.parquet", "c.gpkg", "c.fgb", "c.arrow"] {
        run(&roads, "images.parquet", name);
        mly("convert -q --overwrite").arg(path(name)).arg(path("c.csv")).done();
        let sorted = |csv: String| {
            let mut lines: Vec<_> = csv.lines().map(str::to_owned).collect();
            lines.sort_unstable();
            lines
        };
        assert!(sorted(read(&path("c.csv"))) == sorted(read(&path("a.csv"))), "{name}");
    }
}

#[test]
fn what_takes_many_tiles_is_told_and_not_sent_without_a_yes() {
    let folder = tempfile::tempdir().unwrap();
    let roads = folder.path().join("long.geojson");
    let line = r#"{"type":"LineString","coordinates":[[0,50],[15,50]]}"#;
    fs::write(
        &roads,
        format!(r#"{{"type":"Feature","properties":{{"highway":"trunk"}},"geometry":{line}}}"#),
    )
    .unwrap();
    let emulator = own_demo();
    let out = folder.path().join("a.csv");
    let outcome = mly("streets").arg(&roads).to(&out).at(&emulator).run();
    assert_eq!(outcome.code, 2, "{}", outcome.err);
    assert!(
        outcome.err.contains("error: the images around these streets take 684 tiles\n"),
        "{}",
        outcome.err
    );
    assert!(outcome.err.contains("hint: add --yes"), "{}", outcome.err);
    assert_eq!((emulator.requests(), names_in(folder.path())), (vec![], vec!["long.geojson".to_owned()]));
    mly("streets --yes --tiles-per-minute 0").arg(&roads).to(&out).at(&emulator).done();
    assert_eq!(emulator.requests().len(), 684);
}

#[test]
fn an_interrupted_run_goes_on_and_ends_in_the_same_bytes() {
    let (folder, roads) = town("town.json");
    let path = |name: &str| folder.path().join(name);
    let emulator = own_demo();
    mly("streets -q").arg(&roads).to(&path("whole.csv")).at(&emulator).done();
    let all = emulator.requests().len();
    emulator.fail(Fault::status(500).every(4));
    let first =
        mly("streets -q --retries 0 --concurrency 1").arg(&roads).to(&path("parts.csv")).at(&emulator).run();
    assert_eq!(first.code, 5, "{}", first.err);
    assert!(!path("parts.csv").exists());
    emulator.clear_faults();
    let before = emulator.requests().len();
    mly("streets -q").arg(&roads).to(&path("parts.csv")).at(&emulator).done();
    assert!(emulator.requests().len() - before < all, "what was fetched is not fetched again");
    assert!(read(&path("whole.csv")) == read(&path("parts.csv")));
    // Images of a finished run are used again when only the streets are missing.
    fs::remove_file(path("parts.csv")).unwrap();
    let before = emulator.requests().len();
    let said = mly("streets").arg(&roads).to(&path("parts.csv")).at(&emulator).done().err;
    assert!(said.starts_with("the images are those in "), "{said}");
    assert_eq!(emulator.requests().len(), before);
    // But not for other streets.
    fs::remove_file(path("parts.csv")).unwrap();
    let said =
        mly("streets --ways residential").arg(&roads).to(&path("parts.csv")).at(&emulator).fails(2).err;
    assert!(said.contains("has the images around other streets"), "{said}");
}

#[test]
fn streets_beyond_the_area_of_the_images_are_not_measured() {
    let (folder, roads) = town("town.osm.pbf");
    let path = |name: &str| folder.path().join(name);
    mly("images --bbox 8.98,51.98,9.005,52.01").to(&path("west.parquet")).at(demo()).done();
    mly("streets -q").arg(&roads).arg("--images").arg(path("west.parquet")).to(&path("a.csv")).done();
    let csv = read(&path("a.csv"));
    for (status, (wkt, covered)) in
        column(&csv, "status").iter().zip(column(&csv, "wkt").iter().zip(column(&csv, "covered")))
    {
        let lons =
            wkt.split(['(', ',']).filter_map(|part| part.trim().split(' ').next()?.parse::<f64>().ok());
        let is_inside = lons.into_iter().all(|lon| lon <= 9.005);
        assert_eq!((status == "ok", covered.is_empty()), (is_inside, !is_inside), "{wkt}");
    }
    let statuses = column(&csv, "status");
    assert!(statuses.iter().any(|s| s == "ok") && statuses.iter().any(|s| s == "unmeasured"));
}

#[test]
fn a_tile_that_the_service_lacks_is_not_taken_for_streets_without_images() {
    let (folder, roads) = town("town.json");
    let emulator = own_demo();
    emulator
        .fail("status=404,path=/14/8602".parse::<Fault>().or_else(|_| "status=404,next=1".parse()).unwrap());
    let out = folder.path().join("a.csv");
    let said = mly("streets --retries 0 --concurrency 1").arg(&roads).to(&out).at(&emulator).done().err;
    assert!(said.contains("warning: "), "{said}");
    let statuses = column(&read(&out), "status");
    assert!(statuses.iter().any(|s| s == "ok") && statuses.iter().any(|s| s == "unmeasured"), "{said}");
}

#[test]
fn wrong_arguments_are_refused_before_anything_is_sent() {
    let (folder, roads) = town("town.json");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("there.csv"), "x").unwrap();
    mly(&format!("signs {TOWN}")).to(&path("signs.csv")).at(demo()).done();
    let emulator = own_demo();
    let refused = |args: &str, what: &str| {
        let said = mly(&format!("streets {args}")).arg(&roads).at(&emulator).fails(2).err;
        assert!(said.contains(what), "{args}: {said}");
    };
    let there = path("there.csv").display().to_string();
    refused("--as-of soon", "`soon` is not a date");
    refused("--fresh 2years", "`2years` is not an age");
    refused("--fresh 5y", "fresh for 5y is longer than aging for 4y");
    refused("--ways Drive", "`Drive` is no kind of street");
    refused("--images -", "cannot be read from standard input");
    refused("--gaps -", "standard output is for the streets");
    refused(&format!("--gaps {there}"), "exists already");
    refused("-f coco", "coco");
    refused("--images none.parquet", "none.parquet");
    assert!(mly("streets").arg(path("none.osm.pbf")).at(&emulator).fails(2).err.contains("none.osm.pbf"));
    fs::write(path("cut.osm.pbf"), b"\0\0\0\x0d\x0a\x09OSMHeader\x18\x7f").unwrap();
    let said = mly("streets").arg(path("cut.osm.pbf")).at(&emulator).fails(2).err;
    assert!(said.contains("cut.osm.pbf") && said.contains("it may be cut off"), "{said}");
    assert_eq!(emulator.requests(), []);
}

#[test]
fn streets_may_be_a_layer_of_an_archive_of_shapefiles() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/foreign/roads-and-signs.zip");
    let roads = format!("{}#roads", fixture.canonicalize().unwrap().display());
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a.csv");
    mly("streets").arg(&roads).to(&out).at(demo()).done();
    let csv = read(&out);
    assert_eq!(column(&csv, "way_id"), ["7", "7", "12345678901"]);
    assert_eq!(column(&csv, "class"), ["primary", "primary", "residential"]);
    assert_eq!(column(&csv, "name"), ["B 1", "B 1", "Stra\u{df}e"]);
    let said = mly("streets").arg(fixture).at(demo()).fails(2).err;
    assert!(said.contains("has 2 layers: roads, signs\nhint: choose one of them: FILE#roads"), "{said}");
}

#[test]
fn nothing_is_asked_for_where_no_street_is_wanted() {
    let (folder, roads) = town("town.json");
    let emulator = own_demo();
    let out = folder.path().join("a.csv");
    let said = mly("streets --ways busway").arg(&roads).to(&out).at(&emulator).done().err;
    assert!(
        said.contains("is of these kinds, but of residential, tertiary, secondary; --ways chooses others"),
        "{said}"
    );
    assert_eq!((emulator.requests(), read(&out).lines().count()), (vec![], 1));
}
