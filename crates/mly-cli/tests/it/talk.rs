//! What is said besides the data: progress, closing line, summary.

use mly_emulator::{Endpoint, Fault};
use serde_json::Value as Json;

use crate::support::{Mly, TOWN, demo, everything, mly, own_demo, without_folder};

fn images(options: &str) -> Mly {
    mly(&format!("images {TOWN} {options}")).at(demo())
}

#[test]
fn a_run_ends_with_one_line() {
    let count = everything("images").len();
    let count = format!("{},{:03}", count / 1000, count % 1000);
    let err = images("").done().err;
    assert!(err.starts_with(&format!("{count} images from 9 requests (")) && err.ends_with(" s\n"), "{err}");
    assert_eq!(err.lines().count(), 1);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.csv");
    let err = images("").to(&path).done().err;
    assert!(err.ends_with(&format!(" s -> {}\n", path.display())), "{err}");
    let err = images("--limit 1").done().err;
    assert!(err.starts_with("1 image from "), "{err}");
}

#[test]
fn a_quiet_run_says_nothing() {
    assert_eq!(images("-q").done().err, "");
    assert_eq!(images("--quiet --progress always").done().err, "");
    assert_eq!(images("-q").on_terminal().done().err, "");
    mly("images -q").at(demo()).fails(2);
}

#[test]
fn progress_is_lines_where_there_is_no_terminal_and_only_when_asked_for() {
    for options in ["", "--progress auto", "--progress never"] {
        assert_eq!(images(options).done().err.lines().count(), 1);
    }
    let err = images("--progress always").done().err;
    let lines: Vec<_> = err.lines().collect();
    let count = everything("images").len();
    let last = format!("9/9 tiles  {},{:03} images", count / 1000, count % 1000);
    assert_eq!(lines[lines.len() - 2], last, "{err}");
    assert!(lines[..lines.len() - 1].iter().all(|line| line.contains("/9 tiles  ")), "{err}");
}

#[test]
fn what_is_no_tile_is_called_a_request() {
    let ids = crate::lookup::ids("images", 60).join(" ");
    for (line, total, rows) in [
        (format!("image {ids} --fields make"), 2, " images"),
        (format!("detections --image {ids}"), 60, " detections"),
        (format!("thumbnail {ids}"), 2, " images"),
        (format!("images {TOWN} --make GoPro"), 100, " images"),
    ] {
        let err = mly(&format!("{line} --progress always")).at(demo()).done().err;
        let lines: Vec<_> = err.lines().collect();
        let last = lines[lines.len() - 2];
        assert!(last.starts_with(&format!("{total}/{total} requests  ")) && last.ends_with(rows), "{err}");
        assert!(lines[lines.len() - 1].contains(" from "), "{err}");
    }
}

#[test]
fn a_summary_counts_requests_of_every_kind() {
    let emulator = own_demo();
    let (code, summary) =
        summary_of(mly(&format!("images {TOWN} --fields make --limit 200 --concurrency 1")).at(&emulator));
    let count = |kind| emulator.requests().iter().filter(|seen| seen.kind == kind).count();
    let (tiles, entities) = (count(Endpoint::Tile), count(Endpoint::Entity));
    assert_eq!((code, entities), (0, 4));
    let requests = serde_json::json!({ "tiles": tiles, "entities": entities, "searches": 0, "files": 0 });
    assert_eq!(summary["requests"], requests);
}

fn summary_of(command: Mly) -> (u8, Json) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary.json");
    let code = command.arg("--summary").arg(&path).run().code;
    (code, serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

#[test]
fn a_summary_has_rows_requests_bytes_and_times() {
    let emulator = own_demo();
    emulator.fail(Fault::status(503).next(2));
    let (code, summary) = summary_of(mly(&format!("images {TOWN} -q")).at(&emulator));
    assert_eq!((code, &summary["rows"]), (0, &Json::from(everything("images").len())));
    let tiles = emulator.requests().len();
    let requests = serde_json::json!({ "tiles": tiles, "entities": 0, "searches": 0, "files": 0 });
    assert_eq!(summary["requests"], requests);
    assert_eq!((&summary["retries"], &summary["cache_hits"]), (&Json::from(2), &Json::from(0)));
    assert!(summary["bytes"].as_u64().unwrap() > 1000);
    assert!(summary["waited"].as_f64().unwrap() > 0.0 && summary["seconds"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_summary_is_written_after_a_failure_too() {
    let emulator = own_demo();
    emulator.fail(Fault::status(400));
    let (code, summary) = summary_of(mly(&format!("images {TOWN} --concurrency 1")).at(&emulator));
    assert_eq!((code, &summary["requests"]["tiles"]), (5, &Json::from(1)));
}

#[test]
fn bad_usage_leaves_the_summary_of_the_last_run_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary.json");
    mly("images --summary").arg(&path).at(demo()).fails(2);
    assert!(!path.exists());
}

#[test]
fn a_summary_replaces_the_one_of_the_last_run_and_nothing_else() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), own_demo());
    let path = |name: &str| folder.path().join(name);
    let summary = path("summary.json");
    for _ in 0..2 {
        images("--limit 1 --summary").arg(&summary).done();
        assert!(std::fs::read_to_string(&summary).unwrap().starts_with("{\n"));
    }
    for (name, text) in
        [("notes.txt", "precious"), ("empty.json", ""), ("rows.json", "{\"rows\": 5}"), ("list.json", "[1]")]
    {
        std::fs::write(path(name), text).unwrap();
        let said = mly(&format!("images {TOWN} --summary")).arg(path(name)).at(&emulator).fails(2).err;
        assert!(
            said.contains(&format!("{name} exists already, and is not the summary of an earlier run")),
            "{said}"
        );
        assert_eq!(std::fs::read_to_string(path(name)).unwrap(), text);
    }
    assert_eq!(emulator.requests(), []);
}

#[test]
fn a_summary_and_the_data_have_different_names() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), own_demo());
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("sub")).unwrap();
    let said = |line: &str, data: &str, summary: &str| {
        let command = mly(line).arg(path(data)).arg("--summary").arg(path(summary)).at(&emulator);
        without_folder(&command.fails(2).err, folder.path())
    };
    let town = format!("images {TOWN} -o");
    for (data, summary) in [
        ("a.json", "a.json"),
        ("a.json", "sub/../a.json"),
        ("a.json", "a.json.failed"),
        ("a.json", "a.json.unfinished"),
        ("a.json.part", "a.json"),
    ] {
        let name = without_folder(&path(summary).display().to_string(), folder.path());
        let want = format!(
            "error: --summary: {name} is where the data is written to\nhint: choose another name for the summary\n"
        );
        let data_arg = if data == "a.json.part" { format!("{town} -f geojson -o") } else { town.clone() };
        let line = data_arg.replace("-o -f", "-f");
        assert_eq!(said(&line, data, summary), want, "{data} {summary}");
    }
    assert!(said("image 7038203092802113 -o", "a.csv", "a.csv").contains("is where the data is written to"));
    assert!(
        said("download 7038203092802113 --to", "photos", "photos")
            .contains("is where the data is written to")
    );
    assert!(
        said(&format!("plan images {TOWN} -o"), "plan.json", "plan.json").contains("is where the data is")
    );
    std::fs::write(path("in.csv"), "id,x\n1,2\n").unwrap();
    let said = mly("convert")
        .arg(path("in.csv"))
        .arg(path("b.json"))
        .arg("--summary")
        .arg(path("b.json"))
        .fails(2)
        .err;
    assert!(said.contains("is where the data is written to"), "{said}");
    let said = mly("convert")
        .arg(path("in.csv"))
        .arg(path("b.json"))
        .arg("--summary")
        .arg(path("in.csv"))
        .fails(2)
        .err;
    assert!(said.contains("is not the summary of an earlier run"), "{said}");
    assert_eq!(emulator.requests(), []);
    assert_eq!(crate::support::names_in(folder.path()), ["in.csv", "sub"]);
}

#[test]
fn a_summary_goes_to_standard_output_unless_the_data_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let rows = |out: &[u8]| serde_json::from_slice::<Json>(out).unwrap()["rows"].clone();
    let done = images("--limit 3 --summary -").to(&path("a.csv")).done();
    assert_eq!(rows(&done.out), 3);
    let done = mly("convert").arg(path("a.csv")).arg(path("b.csv")).arg("--summary").arg("-").done();
    assert_eq!(rows(&done.out), 3);
    let done =
        mly("download 7038203092802113 --size 256 --summary - --to").arg(path("photos")).at(demo()).done();
    assert_eq!(rows(&done.out), 1);
    let emulator = own_demo();
    for line in [
        format!("images {TOWN}"),
        format!("images {TOWN} -o -"),
        "image 7038203092802113".to_owned(),
        "thumbnail 7038203092802113".to_owned(),
        format!("plan images {TOWN}"),
        "doctor".to_owned(),
        "budget".to_owned(),
    ] {
        let said = mly(&format!("{line} --summary -")).at(&emulator).fails(2).err;
        assert!(
            said.starts_with("error: --summary -: standard output has the data already\n"),
            "{line}: {said}"
        );
    }
    assert_eq!(emulator.requests(), []);
}

#[test]
fn a_price_of_days_is_warned_of_and_quiet_does_not_hide_it() {
    let emulator = own_demo();
    let outcome = mly("images --bbox 0,40,20,60 --tiles-per-day 1 --concurrency 1 -q").at(&emulator).run();
    assert_eq!(outcome.code, 4);
    let warning = outcome.err.lines().next().unwrap();
    assert!(
        warning.starts_with("warning: this run needs 1,") && warning.contains(" days of the daily quota; "),
        "{warning}"
    );
}
