//! Files that cannot be updated say why, before anything is sent.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use mly::sink::Format;
use mly::{Earlier, Error, Layer, Lookup, Query, Subject};

use super::{Desk, query};
use crate::sources::said_of_input;

fn text(error: Error) -> String {
    match error {
        Error::InvalidQuery { what, hint } => format!("{what}\n  hint: {}\n", hint.unwrap()),
        // What the system says of its errors differs.
        input => said_of_input(input).replace(&missing(), "ERROR OF THE SYSTEM") + "\n",
    }
}

/// What the system says of a file that is not there.
fn missing() -> String {
    fs::read("there is no such file").unwrap_err().to_string()
}

/// What is said when a file does not fit a query.
fn said(desk: &Desk, query: &Query, path: &Path) -> String {
    let refused = Earlier::open(path).and_then(|earlier| desk.client().run(&query.plan()?).updating(earlier));
    text(refused.unwrap_err())
}

#[tokio::test]
async fn a_file_of_another_layer_is_refused_and_named() {
    let desk = Desk::new();
    for format in [Format::Csv, Format::Parquet] {
        for of in Layer::ALL {
            let path = desk.store(&desk.today(&query(of)).await, format);
            for wanted in Layer::ALL.into_iter().filter(|wanted| *wanted != of) {
                let want =
                    format!("it holds {of}, and not {wanted}\n  hint: name an earlier result of {wanted}\n");
                assert_eq!(said(&desk, &query(wanted), &path), want);
            }
        }
    }
}

#[tokio::test]
async fn columns_and_rows_that_do_not_fit_are_refused() {
    let desk = Desk::new();
    let images = query(Layer::Images);
    let fields = images.clone().with_fields(["captured_at", "make", "computed_geometry"]).with_limit(60);
    let path = desk.store(&desk.today(&fields).await, Format::Parquet);
    let mut all = said(&desk, &images, &path);
    all += &said(&desk, &images.clone().with_limit(9), &path);
    for (name, rows) in [
        ("number.csv", "id,captured_at,quality_score,longitude,latitude\n1,1600000000000,good,9,52\n"),
        ("name.csv", "id,captured_at,longitude,latitude\nx,1600000000000,9,52\n"),
        ("nameless.csv", "id,captured_at,longitude,latitude\n1,1600000000000,9,52\n,1600000000000,9,52\n"),
        ("placeless.csv", "id,captured_at\n1,1600000000000\n"),
        ("nowhere.csv", "id,captured_at,longitude,latitude\n1,1600000000000,9,52\n2,1600000000000,,\n"),
        ("idless.csv", "captured_at,longitude,latitude\n1600000000000,9,52\n"),
        ("detections.csv", "id,image_id,value,longitude,latitude\n1,2,object--bench,9,52\n"),
        ("empty.csv", ""),
    ] {
        let path = desk.file(name);
        fs::write(&path, rows).unwrap();
        all += &[name, ": ", &said(&desk, &images, &path)].concat();
    }
    all += &text(Earlier::open(&desk.file("nothing.csv")).unwrap_err());
    all += &text(Earlier::open(desk.dir.path()).unwrap_err());
    let lookup = desk.client().run(&Lookup::new(Subject::Image, [7]).plan().unwrap());
    all += &text(lookup.updating(Earlier::open(&path).unwrap()).unwrap_err());
    assert_snapshot!(all, @r"
    it has a column computed_geometry, which this result would not have
      hint: select the fields captured_at, computed_geometry, make too
    a result with a limit cannot be updated
      hint: leave the limit out
    number.csv: its column quality_score is of type Utf8, and not of type Float64
      hint: name a file that mly wrote
    name.csv: its column id is of type Utf8, and not of type Int64
      hint: name a file that mly wrote
    nameless.csv: its row 2 has no id
      hint: name a file that mly wrote
    placeless.csv: it holds rows without a geometry, and not images
      hint: name an earlier result of images
    nowhere.csv: its row 2 has no geometry
      hint: name a file that mly wrote
    idless.csv: its row 1 has no id
      hint: name a file that mly wrote
    detections.csv: it holds detections, and not images
      hint: name an earlier result of images
    empty.csv: the file is empty
      hint: only a sequence of no features is an empty file, with the extension .geojsonl
    it cannot be read: ERROR OF THE SYSTEM
      hint: name a file that exists and may be read
    it cannot be read: it is not a file
      hint: name a file that exists and may be read
    look-ups cannot be updated
      hint: look up the ids again
    ");
}
