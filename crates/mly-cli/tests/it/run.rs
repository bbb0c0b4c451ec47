//! `mly run`: stored plans, whole and in parts.

use insta::assert_snapshot;
use mly::{Lookup, Subject};

use crate::read::{Row, arrow};
use crate::support::{Mly, TOWN, demo, everything, mly, names_in, own_demo};

/// A plan as `mly plan` stores it.
fn plan(question: &str) -> Vec<u8> {
    mly(&format!("plan {question} -o -")).done().out
}

/// Runs a plan from standard input.
fn run(plan: &[u8], options: &str) -> Mly {
    mly(&format!("run - {options}")).input(plan)
}

#[test]
fn a_stored_plan_gives_what_its_question_gives() {
    for question in [
        format!("images {TOWN} --since 2023 --limit 200 --fields captured_at,make"),
        format!("sequences {TOWN} --until 2020"),
        format!("signs {TOWN} --value regulatory--*"),
        format!("images {TOWN} --make GoPro"),
        "points --near 9.005,51.995 --radius 300".to_owned(),
    ] {
        for format in ["geojson", "csv", "arrow"] {
            let asked = mly(&format!("{question} -f {format}")).at(demo()).done();
            let stored = run(&plan(&question), &format!("-f {format}")).at(demo()).done();
            assert!(asked.out.len() > 100 && stored.out == asked.out, "{question} {format}");
        }
    }
}

#[test]
fn a_plan_is_run_from_a_file_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (stored, town) = (folder.path().join("plan.json"), folder.path().join("town.csv"));
    mly(&format!("plan images {TOWN}")).to(&stored).done();
    let done = mly("run").arg(&stored).to(&town).at(demo()).done();
    assert!(done.err.starts_with("3,697 images from 9 requests ("), "{}", done.err);
    assert!(done.err.ends_with(&format!(" -> {}\n", town.display())), "{}", done.err);
    assert_eq!(names_in(folder.path()), ["plan.json", "town.csv"]);
    let again = mly("run").arg(&stored).to(&town).at(demo()).fails(2).err;
    assert!(again.contains("exists already"), "{again}");
    mly("run --overwrite").arg(&stored).to(&town).at(demo()).done();
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| row.int("id"));
    rows
}

#[test]
fn the_parts_of_a_plan_are_the_whole() {
    for layer in ["images", "points", "signs"] {
        let (emulator, plan) = (own_demo(), plan(&format!("{layer} {TOWN}")));
        for count in [1, 3, 20] {
            let before = emulator.requests().len();
            let mut rows = Vec::new();
            for number in 1..=count {
                let part = run(&plan, &format!("--partition {number}/{count} -f arrow")).at(&emulator).done();
                rows.extend(arrow(&part.out));
            }
            assert_eq!(emulator.requests().len() - before, 9, "no request is sent twice");
            let mut rows = sorted(rows);
            // What lies in two tiles may be in two parts.
            rows.dedup();
            assert_eq!(rows, sorted(everything(layer)), "{layer} in {count}");
        }
    }
}

#[test]
fn a_part_keeps_to_its_share_of_the_limits() {
    let (emulator, plan) = (own_demo(), plan(&format!("images {TOWN}")));
    run(&plan, "--partition 1/3 --tiles-per-day 9").at(&emulator).done();
    let said = run(&plan, "--partition 1/3 --tiles-per-day 8").at(&emulator).fails(4).err;
    assert!(said.starts_with("error: the budget of 2 tiles per day is used up"), "{said}");
}

#[test]
fn what_holds_for_each_part_alone_is_told() {
    let warned = |question: &str, options: &str| {
        let plan = plan(&format!("{question} {TOWN}"));
        let err = run(&plan, options).at(demo()).done().err;
        err.lines().filter(|line| line.starts_with("warning: ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        warned("sequences --limit 2", "--partition 1/2"),
        [
            "warning: the limit of 2 rows applies to each part separately",
            "warning: a sequence that lies in several parts is in the result of each",
        ]
    );
    assert_eq!(warned("sequences --limit 2", ""), [""; 0]);
    assert_eq!(warned("signs", "--partition 1/2"), [""; 0]);
    assert_eq!(
        warned("images --prune 12", "--partition 1/2"),
        ["warning: a part does not see the lines of other parts, so it may lack tiles at its edges"]
    );
}

#[test]
fn a_plan_of_ids_lists_what_was_not_found() {
    let ids = ["7038203092802113", "7", "690681606212996", "8"];
    let plan = Lookup::new(Subject::Image, ids).with_fields(["make"]).plan().unwrap().to_json().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("images.csv");
    let done = run(plan.as_bytes(), "").to(&file).at(demo()).run();
    assert_eq!(done.code, 7, "{}", done.err);
    let list = folder.path().join("images.csv.failed");
    assert_eq!(std::fs::read_to_string(&list).unwrap(), "7\n8\n");
    let half = run(plan.as_bytes(), "--partition 1/2 --overwrite").to(&file).at(demo()).run();
    assert_eq!((half.code, std::fs::read_to_string(&list).unwrap().as_str()), (7, "7\n"));
}

#[test]
fn parts_that_make_no_sense_are_refused() {
    for part in
        ["0/4", "5/4", "0/0", "1/0", "x/y", "1", "1/2/3", "-1/4", "1.5/4", "1/", "/1", "1/99999999999"]
    {
        let plan = plan(&format!("images {TOWN}"));
        let emulator = own_demo();
        let command = run(&plan, "").arg(format!("--partition={part}")).at(&emulator);
        let said = command.fails(2).err;
        assert!(
            said.starts_with(&format!("error: --partition: `{part}` is not a part of a plan\n")),
            "{said}"
        );
        assert_eq!(emulator.requests(), []);
    }
    let hint = |part: &str| {
        let said = mly(&format!("run plan.json --partition {part}")).fails(2).err;
        said.lines().last().unwrap().to_owned()
    };
    assert_eq!(hint("x/y"), "hint: give number and count, such as --partition 1/3");
    assert_eq!(hint("5/4"), "hint: parts of 4 are numbered from 1 to 4");
    assert_eq!(hint("5/4000000000"), "hint: a plan can have 1 to 1000 parts");
}

#[test]
fn what_is_no_plan_is_refused() {
    let emulator = own_demo();
    let plan = String::from_utf8(plan(&format!("images {TOWN}"))).unwrap();
    let refused = |text: &str| run(text.as_bytes(), "").at(&emulator).fails(2).err;
    assert_snapshot!(refused(&plan.replace("\"version\": 2", "\"version\": 1")), @r"
    error: standard input: this plan has version 1, not 2
    hint: make the plan again with this version of mly
    ");
    assert!(plan.contains("\"version\": 2") && plan.contains("\"end\": "), "{plan}");
    let more = refused(&plan.replace("\"end\": ", "\"end\": 9"));
    assert!(more.contains("hint: make the plan again\n"), "{more}");
    for text in ["", "{}", "[1]", "null", "\u{0}", plan.split_once("\"way\"").unwrap().0] {
        let said = refused(text);
        assert!(said.starts_with("error: standard input: this is not a stored plan: "), "{said}");
    }
    let gone = mly("run nowhere.json").at(&emulator).fails(2).err;
    assert!(gone.starts_with("error: cannot read nowhere.json: "), "{gone}");
    assert!(gone.ends_with("hint: give a plan that `mly plan -o` stored, or - to read standard input\n"));
    mly("run").at(&emulator).fails(2);
    run(plan.as_bytes(), "").fails(3);
    assert_eq!(emulator.requests(), []);
}
