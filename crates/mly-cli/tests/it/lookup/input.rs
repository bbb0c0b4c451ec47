//! Where ids come from: arguments, standard input, files.

use mly_emulator::Endpoint;

use super::{ids, still};
use crate::graph::rows;
use crate::support::{mly, own_demo};

/// The ids of a result on standard output.
fn found(format: &str, bytes: &[u8]) -> Vec<String> {
    rows(format, bytes).iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn standard_input_has_ids_one_a_line_as_people_and_programs_write_them() {
    let ids = ids("images", 3);
    let [a, b, c] = [0, 1, 2].map(|i| ids[i].as_str());
    for input in [
        format!("{a}\n{b}\n{c}\n"),
        format!("{a}\n{b}\n{c}"),
        format!("\u{feff}{a}\r\n\r\n  {b}\t\r\n\r\n{c}\r\n\r\n"),
        format!("# mine\n{a} # first\n\n{b}\n{c}\n"),
        format!("id,make\n{a},x\n{b},\n{c},\"y\nz\"\n"),
    ] {
        let outcome = mly("image - --fields make -f csv").input(input.clone()).at(still()).done();
        assert_eq!(found("csv", &outcome.out), ids, "{input:?}");
    }
    let twice = mly("image - -f csv --fields make").input(format!("{a}\n{b}\n{a}\n")).at(still()).done();
    assert_eq!(found("csv", &twice.out), [a, b, a]);
}

#[test]
fn an_empty_input_is_an_empty_result_and_asks_nothing() {
    let emulator = own_demo();
    for input in ["", "\n", "\r\n\r\n", "\u{feff}", "# nothing\n"] {
        for line in [
            "image -",
            "feature -",
            "sequence -",
            "organization -",
            "detections --from -",
            "detections --image -",
        ] {
            let outcome = mly(line).input(input).at(&emulator).done();
            assert!(rows("geojson", &outcome.out).is_empty(), "{line}");
        }
        assert!(mly("thumbnail -").input(input).at(&emulator).done().out.is_empty());
    }
    assert_eq!(emulator.requests(), []);
}

#[test]
fn results_go_from_one_command_into_the_next() {
    for format in ["geojson", "geojsonseq", "csv", "arrow"] {
        let area = format!("images --near 9.005,51.998 --radius 80 -f {format}");
        let images = mly(&area).at(still()).done();
        let outcome = mly("image - --fields make -f csv").input(images.out.clone()).at(still()).done();
        let want: Vec<_> = rows(format, &images.out)
            .iter()
            .map(|row| row["id"].as_str().map_or_else(|| row["id"].to_string(), str::to_owned))
            .collect();
        assert!(want.len() > 5);
        assert_eq!(found("csv", &outcome.out), want, "{format}");
    }
}

#[test]
fn commas_separate_ids_too() {
    let ids = ids("images", 3);
    let outcome = mly(&format!("image {},{} {} -f csv", ids[0], ids[1], ids[2])).at(still()).done();
    assert_eq!(found("csv", &outcome.out), ids);
}

#[test]
fn ids_are_asked_for_fifty_at_a_time() {
    let emulator = own_demo();
    let ids = ids("images", 101).join("\n");
    mly("image - --fields make").input(ids).at(&emulator).done();
    let seen = emulator.requests();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|request| request.kind == Endpoint::Entity && request.status == 200));
}
