//! Maps of results: the page, and what is refused. What the page does in a browser is in `tests/browser`.

use std::path::Path;

use insta::assert_snapshot;

use crate::support::{Mly, TOWN, demo, mly, names_in, without_folder, without_system};

/// What is said, without the names of folders and the time.
fn steady(text: &str, folder: &Path) -> String {
    let text = without_system(&without_folder(text, folder));
    let mut words: Vec<_> = text.split(' ').collect();
    for at in 1..words.len() {
        if words[at - 1] == "in" && words[at].contains('.') {
            words[at] = "TIME";
        }
    }
    words.join(" ")
}

fn is_page(html: &[u8]) -> bool {
    html.starts_with(b"<!doctype html>") && html.ends_with(b"</html>\n")
}

#[test]
fn files_of_any_format_are_layers_of_one_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut command = mly("map");
    for format in ["geojson", "geojsonl", "csv", "parquet", "fgb", "gpkg", "arrow"] {
        mly(&format!("signs {TOWN} --limit 20 -q"))
            .to(&path(&format!("{format}.{format}")))
            .at(demo())
            .done();
        command = command.arg(path(&format!("{format}.{format}")));
    }
    mly(&format!("sequences {TOWN} -q")).to(&path("lines.fgb")).at(demo()).done();
    let done = command.arg(path("lines.fgb")).to(&path("town.html")).done();
    assert_eq!(steady(&done.err, folder.path()), "255 rows in 8 layers in TIME s -> town.html\n");
    let html = std::fs::read(path("town.html")).unwrap();
    assert!(is_page(&html) && html.len() < 2_500_000);
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains("<title>town</title>") && html.contains(r#"{"name":"parquet","columns":"#));
}

#[test]
fn a_page_goes_to_a_pipe_and_is_always_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("images.parquet");
    mly(&format!("images {TOWN} -q")).to(&path).at(demo()).done();
    let page = |command: Mly| command.arg(&path).done();
    let done = page(mly("map"));
    assert!(is_page(&done.out));
    assert_eq!(steady(&done.err, folder.path()), "3,697 rows in 1 layer in TIME s\n");
    assert!(done.out == page(mly("map -q -o -")).out);
}

#[test]
fn a_page_that_exists_is_kept_unless_it_may_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, page) = (folder.path().join("a.csv"), folder.path().join("a.html"));
    std::fs::write(&rows, "id,longitude,latitude\n1,9,52\n").unwrap();
    std::fs::write(&page, "mine").unwrap();
    let said = mly("map").arg(&rows).to(&page).fails(2).err;
    assert!(said.contains("exists already") && said.contains("--overwrite"), "{said}");
    assert_eq!(std::fs::read(&page).unwrap(), b"mine");
    mly("map --overwrite").arg(&rows).to(&page).done();
    assert!(is_page(&std::fs::read(&page).unwrap()));
    assert_eq!(names_in(folder.path()), ["a.csv", "a.html"]);
}

#[test]
fn photos_of_images_are_put_into_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    mly(&format!("images {TOWN} -q")).to(&path("images.fgb")).at(demo()).done();
    let done = mly("map --photos 7").arg(path("images.fgb")).to(&path("town.html")).at(demo()).done();
    assert_eq!(
        steady(&done.err, folder.path()),
        "photos of 7 images take 1 request by id and as many downloads as photos, and about 0.2 MB of the page\n\
         3,697 rows in 1 layer in TIME s -> town.html\n"
    );
    let html = std::fs::read_to_string(path("town.html")).unwrap();
    assert_eq!(html.matches("data:image/jpeg;base64,").count(), 7);
    // An image that is gone is told and listed, and the page is there.
    std::fs::write(path("gone.csv"), "id,image_id,longitude,latitude\n1,7038203092802113,9,52\n2,12,9,52\n")
        .unwrap();
    let done = mly("map --photos 7 -q").arg(path("gone.csv")).to(&path("gone.html")).at(demo()).run();
    assert_eq!(done.code, 7, "{}", done.err);
    assert_eq!(std::fs::read_to_string(path("gone.html.failed")).unwrap(), "12\n");
    let html = std::fs::read_to_string(path("gone.html")).unwrap();
    assert_eq!(html.matches("data:image/jpeg;base64,").count(), 1);
}

#[test]
fn rows_without_a_place_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, page) = (folder.path().join("a.csv"), folder.path().join("a.html"));
    std::fs::write(&rows, "id,name\n1,x\n2,y\n").unwrap();
    let done = mly("map").arg(&rows).to(&page).done();
    assert_eq!(
        steady(&done.err, folder.path()),
        "warning: 2 rows of 2 have no geometry; the page lists them beside the map\n\
         2 rows in 1 layer in TIME s -> a.html\n"
    );
}

#[test]
fn what_cannot_be_shown_is_told_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("a.csv"), "id,longitude,latitude\n1,9,52\n").unwrap();
    std::fs::write(path("metres.csv"), "id,longitude,latitude\n1,500000,5760000\n").unwrap();
    std::fs::write(path("ragged.csv"), "id,x\n1,2\n3\n").unwrap();
    std::fs::write(
        path("crs.geojson"),
        r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:25832"}},"features":[]}"#,
    )
    .unwrap();
    let before = names_in(folder.path());
    let said = |from: &[&str], to: &str| {
        let command = from.iter().fold(mly("map"), |command, name| command.arg(path(name)));
        steady(&command.to(&path(to)).fails(2).err, folder.path())
    };
    let all = [
        said(&["nowhere.csv"], "a.html"),
        said(&["a.csv", "metres.csv"], "a.html"),
        said(&["a.csv", "ragged.csv"], "a.html"),
        said(&["crs.geojson"], "a.html"),
        said(&["a.csv"], "a.parquet"),
        said(&["a.csv"], "none/a.html"),
        mly("map - -o a.html").fails(2).err,
        mly("map -o a.html").fails(2).err,
        mly("map a.csv -o - --open").fails(2).err,
        mly("map a.csv").on_terminal().fails(2).err,
        mly("map a.csv -o a.html --basemap osmm").fails(2).err,
        mly("map a.csv -o a.html --photos 0").fails(2).err,
    ];
    assert_snapshot!(all.concat(), @r"
    error: nowhere.csv: it cannot be read: ERROR OF THE SYSTEM
    hint: name a file that exists and may be read
    error: metres.csv: line 2: column geometry: longitude 500000 is not within -180..180
    hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN
    error: ragged.csv: line 3: the header has 2 fields, this line has 1
    hint: see --help
    error: crs.geojson: the coordinates are in EPSG:25832, and not in longitude and latitude on WGS 84
    hint: reproject it: ogr2ogr -t_srs EPSG:4326 crs-4326.geojson crs.geojson
    error: a.parquet is the name of a file of rows, and a map is a page
    hint: name it page.html; mly convert writes rows in another format
    error: cannot write none/a.html: ERROR OF THE SYSTEM
    hint: check that the directory exists and may be written to
    error: cannot make a map of standard input: some formats have to be read twice, or from the end
    hint: name a file
    error: FILE is missing
    hint: mly map FILE... [-o page.html | --open]; see --help
    error: standard output cannot be opened in a browser
    hint: leave -o - or --open out
    error: a page is not for a terminal
    hint: name a file with -o page.html, or look at it with --open
    error: --basemap: `osmm` is not a valid value
    hint: `osmm` is no address of a base map: give osm, or a whole URL
    error: --photos: `0` is not a valid value
    hint: give a whole number, 1 or more
    ");
    assert_eq!(names_in(folder.path()), before);
}

#[test]
fn photos_need_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "id,image_id,longitude,latitude\n1,7,9,52\n").unwrap();
    let done = mly("map --photos 1 -q").arg(&path).to(&folder.path().join("a.html")).fails(3);
    assert!(done.err.contains("--demo"), "{}", done.err);
    assert_eq!(names_in(folder.path()), ["a.csv"]);
}
