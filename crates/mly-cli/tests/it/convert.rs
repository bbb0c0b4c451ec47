//! `mly convert`: the same rows in another format.

use insta::assert_snapshot;

use crate::support::{TOWN, binary, demo, mly, names_in, own_demo, without_folder, without_system};

const NAMES: [&str; 6] = ["a.geojson", "a.geojsonl", "a.arrow", "a.parquet", "a.fgb", "a.gpkg"];

/// Words of a message without the time.
fn steady(said: &str, folder: &std::path::Path) -> String {
    let said = without_folder(said, folder);
    let Some((before, after)) = said.rsplit_once(" in ") else { return said };
    let after = after.split_once(' ').map_or("", |(_, rest)| rest);
    format!("{before} in TIME {after}")
}

#[test]
fn every_format_becomes_every_other_one_and_the_same_csv() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    mly(&format!("signs {TOWN}")).to(&path("a.csv")).at(demo()).done();
    let direct = std::fs::read(path("a.csv")).unwrap();
    let sorted = |bytes: &[u8]| {
        let mut lines: Vec<_> = bytes.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        lines.sort_unstable();
        lines
    };
    for name in NAMES {
        let done = mly("convert").arg(path("a.csv")).arg(path(name)).done();
        assert!(done.out.is_empty());
        assert_eq!(steady(&done.err, folder.path()), format!("600 rows from a.csv in TIME s -> {name}\n"));
        mly("convert -q --overwrite").arg(path(name)).arg(path("b.csv")).done();
        assert_eq!(sorted(&std::fs::read(path("b.csv")).unwrap()), sorted(&direct), "{name}");
    }
    // An Arrow file is no stream.
    for format in ["geojson", "geojsonseq", "csv", "parquet", "fgb"] {
        let one = mly("convert").arg(path("a.arrow")).arg("-").arg("-f").arg(format).done().out;
        let other = mly("convert -q").arg(path("a.arrow")).arg(path("c")).arg("-f").arg(format);
        let other = other.arg("--overwrite").done();
        assert_eq!((other.err.as_str(), std::fs::read(path("c")).unwrap() == one), ("", true), "{format}");
    }
}

#[test]
fn a_file_may_become_another_one_of_the_same_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town");
    mly(&format!("points {TOWN} -f csv")).to(&path).at(demo()).done();
    let direct = std::fs::read(&path).unwrap();
    let said = mly("convert -f parquet").arg(&path).arg(&path).fails(2).err;
    assert!(said.contains("exists already"), "{said}");
    // Text goes through columns and comes out as it was.
    for format in ["arrow", "geojson", "csv"] {
        mly(&format!("convert --overwrite -f {format}")).arg(&path).arg(&path).done();
        assert_eq!(names_in(folder.path()), ["town"]);
    }
    assert!(std::fs::read(&path).unwrap() == direct);
    mly("convert --overwrite -f gpkg").arg(&path).arg(&path).done();
    mly("convert --overwrite -f gpkg").arg(&path).arg(&path).done();
    assert_eq!(names_in(folder.path()), ["town"]);
    // The name that the output has while it is written.
    let part = folder.path().join("new.csv.mly.part");
    std::fs::rename(&path, &part).unwrap();
    let said = mly("convert").arg(&part).arg(folder.path().join("new.csv")).fails(2).err;
    assert!(said.contains("would be overwritten while it is read"), "{said}");
    assert!(part.exists());
}

#[test]
fn detections_in_pixels_become_coco_and_other_rows_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let ask = "detections --feature 11722505910527701 --pixels";
    for name in ["d.arrow", "d.csv", "d.geojson", "d.gpkg", "d.fgb", "d.parquet"] {
        mly(ask).to(&path(name)).at(demo()).done();
        let coco = mly("convert -f coco").arg(path(name)).arg("-").done();
        let count = |bytes: &[u8]| {
            let coco: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            coco["annotations"].as_array().unwrap().len()
        };
        let direct = mly(&format!("{ask} -f coco")).at(demo()).done();
        assert_eq!(count(&coco.out), count(&direct.out), "{name}");
    }
    mly(&format!("points {TOWN}")).to(&path("p.csv")).at(demo()).done();
    let said = mly("convert -f coco").arg(path("p.csv")).arg(path("p.json")).fails(2).err;
    assert!(said.starts_with("error: these rows cannot be written as coco: "), "{said}");
    assert!(!path("p.json").exists());
}

#[test]
fn what_cannot_be_converted_is_told_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(
        path("polygon.geojson"),
        r#"{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[]}}"#,
    )
    .unwrap();
    std::fs::write(path("ragged.csv"), "id,x\n1,2\n3\n").unwrap();
    std::fs::write(path("no.gpkg"), "id\n1\n").unwrap();
    std::fs::write(path("plain.csv"), "id,x\n1,2\n").unwrap();
    let before = names_in(folder.path());
    let said = |from: &str, to: &str| {
        let command = mly("convert").arg(path(from)).arg(if to == "-" { to.into() } else { path(to) });
        without_system(&without_folder(&command.fails(2).err, folder.path()))
    };
    let all = [
        said("polygon.geojson", "a.csv"),
        said("ragged.csv", "a.parquet"),
        said("no.gpkg", "a.parquet"),
        said("plain.csv", "a.fgb"),
        said("plain.csv", "a.shp"),
        said("nowhere.csv", "a.csv"),
        said(".", "a.csv"),
        mly("convert - a.csv").fails(2).err,
        mly("convert a.csv - -f gpkg").fails(2).err,
        mly("convert a.csv - -f parquet").on_terminal().fails(2).err,
        mly("convert a.csv").fails(2).err,
    ];
    assert_snapshot!(all.concat(), @r"
    error: polygon.geojson: feature 1: the geometry is a Polygon, and results have points and lines
    hint: see --help
    error: ragged.csv: line 3: the header has 2 fields, this line has 1
    hint: see --help
    error: no.gpkg: this is not gpkg, although the name says so
    hint: tables have the extension .csv
    error: cannot write fgb: the rows have no geometry
    hint: include the geometry, or choose another format
    error: cannot tell the format from the name `a.shp`
    hint: name the format with -f, or use one of .geojson .json .geojsonl .geojsonseq .ndjson .csv .arrow .feather .parquet .geoparquet .fgb .gpkg .pmtiles
    error: nowhere.csv: it cannot be read: ERROR OF THE SYSTEM
    hint: name a file that exists and may be read
    error: .: it cannot be read: it is not a file
    hint: name a file that exists and may be read
    error: cannot convert standard input: some formats have to be read twice, or from the end
    hint: name a file as IN
    error: gpkg cannot be written to this standard output
    hint: name a file as OUT, or choose another format
    error: parquet cannot be written to this standard output
    hint: name a file as OUT, or choose another format
    error: OUT is missing
    hint: mly convert IN... OUT|- [-f FORMAT]; see --help
    ");
    assert_eq!(names_in(folder.path()), before);
    #[cfg(target_os = "linux")]
    assert!(
        mly("convert")
            .arg(path("plain.csv"))
            .arg("/dev/full")
            .arg("-f")
            .arg("csv")
            .fails(6)
            .err
            .contains("No space")
    );
}

/// A pipe whose reader has gone away.
struct Closed;

impl std::io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_pipe_that_nobody_reads_any_more_is_success() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.parquet");
    mly(&format!("images {TOWN}")).to(&path).at(demo()).done();
    for format in ["geojson", "csv", "arrow", "fgb", "parquet"] {
        let done = mly("convert").arg(&path).arg("-").arg("-f").arg(format).out(Closed).done();
        assert_eq!(done.err, "", "{format}");
    }
}

#[test]
fn text_that_spreadsheets_take_for_a_formula_is_marked_on_request_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let header = "id,creator_username,altitude,note,=names,longitude,latitude\n";
    let row = "1,=cmd|' /C calc'!A0,-5.5,\"+1,2\",-x,-0.5,-1\n";
    let more = "2,@sum,7,\tx,plain,1,2\n";
    std::fs::write(path("in.csv"), [header, row, more].concat()).unwrap();
    let out = |options: &str| {
        let done = mly(&format!("convert -q {options} -f csv")).arg(path("in.csv")).arg("-").done();
        done.text().replace("\r\n", "\n")
    };
    assert_eq!(out(""), [header, row, more].concat());
    assert_snapshot!(out("--csv-safe"), @r#"
    id,creator_username,altitude,note,'=names,longitude,latitude
    1,'=cmd|' /C calc'!A0,-5.5,"'+1,2",'-x,-0.5,-1
    2,'@sum,7,'	x,plain,1,2
    "#);
    let said = mly("convert --csv-safe").arg(path("in.csv")).arg(path("a.geojson")).fails(2).err;
    assert_snapshot!(said, @r"
    error: only csv can be made safe for spreadsheets, and the format is geojson
    hint: choose csv, or leave the option out
    ");
    assert!(!path("a.geojson").exists());
}

#[test]
fn queries_and_lookups_have_safe_csv_too() {
    let plain = mly(&format!("sequences {TOWN} -f csv")).at(demo()).done();
    let safe = mly(&format!("sequences {TOWN} -f csv --csv-safe")).at(demo()).done();
    let ids = |text: &str| -> Vec<String> {
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
    };
    let want: Vec<_> = ids(plain.text())
        .into_iter()
        .map(|id| if id.starts_with('-') { format!("'{id}") } else { id })
        .collect();
    assert_eq!(ids(safe.text()), want);
    assert_ne!(plain.out, safe.out, "some id begins with -");
    for line in [
        format!("images {TOWN}"),
        "image 7038203092802113".to_owned(),
        "detections --image 7038203092802113".to_owned(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gpkg");
        let said = mly(&format!("{line} --csv-safe")).to(&path).at(demo()).fails(2).err;
        assert!(
            said.starts_with("error: only csv can be made safe for spreadsheets, and the format is gpkg\n"),
            "{said}"
        );
    }
}

#[test]
fn nothing_is_asked_and_no_token_is_needed() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), own_demo());
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "id,longitude,latitude\n1,2,3\n").unwrap();
    let summary = folder.path().join("summary.json");
    let command = mly("convert").arg(&path).arg("-").arg("--summary").arg(&summary).at(&emulator);
    assert_eq!(command.done().text().lines().count(), 3);
    let told: serde_json::Value = serde_json::from_slice(&std::fs::read(summary).unwrap()).unwrap();
    assert_eq!(told["rows"], 1);
    assert_eq!(emulator.requests(), []);
}

#[test]
fn a_file_at_which_a_decoder_panics_is_damaged_and_no_trace_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let mut convert = binary("convert ../../fixtures/damaged/empty-pages.parquet");
    let done = convert.arg(folder.path().join("a.csv")).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert_snapshot!(String::from_utf8(done.stderr).unwrap(), @r"
    error: ../../fixtures/damaged/empty-pages.parquet: the file is damaged
    hint: see --help
    ");
    assert_eq!(names_in(folder.path()), Vec::<String>::new());
}

#[test]
fn several_files_become_the_tables_of_one_package() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (layer, name) in
        [("images", "photos 2024.parquet"), ("signs", "signs.csv"), ("sequences", "tracks.fgb")]
    {
        mly(&format!("{layer} {TOWN}")).to(&path(name)).at(demo()).done();
    }
    let all =
        || mly("convert").arg(path("photos 2024.parquet")).arg(path("signs.csv")).arg(path("tracks.fgb"));
    let done = all().arg(path("all.gpkg")).done();
    assert_snapshot!(steady(&done.err, folder.path()), @"4,412 rows from 3 files in TIME s -> all.gpkg");
    let rows = |name: &str| {
        let database = rusqlite::Connection::open(path("all.gpkg")).unwrap();
        database
            .query_row(&format!("SELECT count(*) FROM \"{name}\""), [], |row| row.get::<_, u64>(0))
            .unwrap()
    };
    assert_eq!(["photos 2024", "signs", "tracks"].map(rows), [3697, 600, 115]);
    let first = std::fs::read(path("all.gpkg")).unwrap();
    all().arg("--overwrite").arg(path("all.gpkg")).done();
    assert!(std::fs::read(path("all.gpkg")).unwrap() == first);
    // One of several tables is chosen by its name, and keeps it.
    let said = mly("convert").arg(path("all.gpkg")).arg(path("b.csv")).fails(2).err;
    assert!(said.contains("has 3 layers: photos 2024, signs, tracks"), "{said}");
    let layer = |name: &str| format!("{}#{name}", path("all.gpkg").display());
    mly("convert").arg(layer("signs")).arg(path("b.csv")).done();
    assert_eq!(std::fs::read_to_string(path("b.csv")).unwrap().lines().count(), 601);
    mly("convert").arg(layer("signs")).arg(layer("tracks")).arg(path("two.gpkg")).done();
    let said = mly("convert").arg(path("two.gpkg")).arg(path("c.csv")).fails(2).err;
    assert!(said.contains("has 2 layers: signs, tracks"), "{said}");
}

#[test]
fn several_files_that_cannot_become_one_are_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("old")).unwrap();
    for name in ["a.csv", "b.csv", "old/A.csv", "gpkg_x.csv", "layer_styles.csv"] {
        std::fs::write(path(name), "id,longitude,latitude\n1,2,3\n").unwrap();
    }
    std::fs::write(path("broken.csv"), "id,x\n1\n").unwrap();
    let before = names_in(folder.path());
    let said = |names: &[&str], options: &str| {
        let command =
            names.iter().fold(mly(&format!("convert {options}")), |command, name| command.arg(path(name)));
        without_folder(&command.fails(2).err, folder.path())
    };
    let all = [
        said(&["a.csv", "b.csv", "c.parquet"], ""),
        said(&["a.csv", "b.csv", "c.pmtiles"], ""),
        said(&["a.csv", "b.csv", "c.gpkg"], "--layer town"),
        said(&["a.csv", "b.csv", "old/A.csv", "c.gpkg"], ""),
        said(&["a.csv", "gpkg_x.csv", "c.gpkg"], ""),
        said(&["a.csv", "layer_styles.csv", "c.gpkg"], ""),
        said(&["a.csv", "broken.csv", "c.gpkg"], ""),
        mly("convert a.csv - c.gpkg").fails(2).err,
    ];
    assert_snapshot!(all.concat(), @r"
    error: 2 files cannot become one file of parquet
    hint: name an OUT that ends with .gpkg, which holds a table for each, or convert one file after the other
    error: 2 files cannot become one file of pmtiles
    hint: name an OUT that ends with .gpkg, which holds a table for each, or convert one file after the other
    error: 2 tables cannot all have the name town
    hint: leave --layer out: each table is named after its file
    error: a.csv and old/A.csv would both be the table A
    hint: give one of them another name
    error: gpkg_x.csv: `gpkg_x` cannot be the name of a layer
    hint: names have up to 200 characters, do not begin with gpkg_, sqlite_ or rtree_, and are not layer_styles
    error: layer_styles.csv: `layer_styles` cannot be the name of a layer
    hint: names have up to 200 characters, do not begin with gpkg_, sqlite_ or rtree_, and are not layer_styles
    error: broken.csv: line 2: the header has 2 fields, this line has 1
    hint: see --help
    error: cannot convert standard input: some formats have to be read twice, or from the end
    hint: name a file as IN
    ");
    assert_eq!(names_in(folder.path()), before);
}

#[test]
fn every_format_becomes_the_same_tiles_and_tiles_become_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let done = mly(&format!("signs {TOWN}")).to(&path("direct.pmtiles")).at(demo()).done();
    assert!(done.err.contains("600 signs"), "{}", done.err);
    let direct = std::fs::read(path("direct.pmtiles")).unwrap();
    assert!(direct.starts_with(b"PMTiles\x03"));
    for name in ["a.arrow", "a.parquet", "a.fgb", "a.gpkg"] {
        mly(&format!("signs {TOWN}")).to(&path(name)).at(demo()).done();
        mly("convert -q --overwrite").arg(path(name)).arg(path("b.pmtiles")).done();
        assert!(std::fs::read(path("b.pmtiles")).unwrap() == direct, "{name}");
    }
    let piped = mly("convert -f pmtiles").arg(path("a.arrow")).arg("-").done();
    assert!(piped.out == direct);
    let said = mly("convert").arg(path("b.pmtiles")).arg(path("c.csv")).fails(2).err;
    assert_snapshot!(without_folder(&said, folder.path()), @r"
    error: b.pmtiles: this is a PMTiles archive, whose positions are rounded, which cannot be read
    hint: give the file that it was made of
    ");
    let said = mly(&format!("signs {TOWN} --update"))
        .arg(path("b.pmtiles"))
        .to(&path("d.pmtiles"))
        .at(demo())
        .fails(2)
        .err;
    assert!(said.contains("PMTiles archive"), "{said}");
}
