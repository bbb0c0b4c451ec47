//! The budget of a day, and blocks, over several processes.

use insta::assert_snapshot;
use mly_emulator::{Emulator, Fault};

use crate::support::{Mly, Outcome, TOWN, binary_at, mly, own_demo};

/// A text without the port of an emulator.
fn steady(text: &str, emulator: &Emulator) -> String {
    text.replace(emulator.url().trim_start_matches("http://"), "EMULATOR")
}

fn budget(emulator: &Emulator, folder: &std::path::Path, options: &str) -> Outcome {
    mly(&format!("budget {options}")).keeping(folder).at(emulator).done()
}

/// What was asked of each endpoint in 24 hours.
fn of_day(budget: &Outcome) -> Vec<String> {
    let line = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        format!("{} {}", words[0], words[2])
    };
    budget.text().lines().skip(1).take(3).map(line).collect()
}

#[test]
fn two_processes_share_the_budget_of_a_day() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let run = || {
        let line = format!("images {TOWN} --no-cache --tiles-per-day 14 -f csv");
        let done = binary_at(&emulator, &line).env("MLY_CACHE_DIR", folder.path()).output().unwrap();
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    assert_eq!(run().0, Some(0));
    assert_eq!(emulator.requests().len(), 9);
    let (code, said) = run();
    let sent = emulator.requests().len();
    assert!(code == Some(4) && (9..=14).contains(&sent), "{code:?} {sent} {said}");
    let (error, hint) = said.split_once('\n').unwrap();
    assert!(
        error.starts_with("error: the budget of 14 tiles per day is used up, requesting http://"),
        "{said}"
    );
    assert!(
        hint.starts_with("hint: ") && hint.contains("; wait 24 hours and run the same command"),
        "{said}"
    );
    // What was on its way when the second one ended may still come.
    assert_eq!(run().0, Some(4), "a third one sends nothing");
    assert!(emulator.requests().len() <= 14);
    let told = budget(&emulator, folder.path(), "--tiles-per-day 14 --tiles-per-minute 0");
    assert_eq!(of_day(&told), ["tiles 14", "entities 0", "searches 0"]);
    let tiles = told.text().lines().nth(1).unwrap();
    assert!(tiles.ends_with("         14  14 per day                     in 24 hours"), "{tiles}");
}

#[test]
fn kept_tiles_cost_nothing() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    for _ in 0..3 {
        mly(&format!("images {TOWN} --tiles-per-day 9")).keeping(folder.path()).at(&emulator).done();
    }
    mly("image 7038203092802113").keeping(folder.path()).at(&emulator).done();
    let told = budget(&emulator, folder.path(), "");
    assert_eq!(of_day(&told), ["tiles 9", "entities 1", "searches 0"]);
}

#[test]
fn a_block_is_remembered_and_nothing_is_sent_until_it_ends() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let images = || -> Mly { mly(&format!("images {TOWN}")).keeping(folder.path()).at(&emulator) };
    emulator.fail(Fault::block().always());
    let first = images().fails(4).err;
    emulator.clear_faults();
    let sent = emulator.requests().len();
    let said = steady(&images().fails(4).err, &emulator);
    assert!(
        said.starts_with("error: this address was blocked before, and may still be, requesting "),
        "{said}"
    );
    for said in [first.as_str(), &said] {
        assert!(said.contains("hint: 0 of 9 tiles fetched; wait 26 hours, since each request"), "{said}");
        assert!(said.contains("mly budget --forget-block"), "{said}");
    }
    let told = budget(&emulator, folder.path(), "");
    let last = steady(told.text().lines().last().unwrap(), &emulator);
    assert_eq!(last, "http://EMULATOR blocked this IP address; nothing is sent to it for the next 26 hours");
    assert_eq!(emulator.requests().len(), sent);
    // Another folder knows nothing of it.
    mly(&format!("images {TOWN}")).at(&emulator).done();
}

#[test]
fn a_block_is_forgotten_on_wish_and_so_is_one_of_the_graph() {
    let (tiles, graph, folder) = (own_demo(), own_demo(), tempfile::tempdir().unwrap());
    let run = |line: &str| -> Mly {
        let command = mly(line).keeping(folder.path()).at(&tiles);
        command.variable("MAPILLARY_GRAPH_URL", graph.url())
    };
    let image = "image 7038203092802113";
    graph.fail(Fault::block());
    tiles.fail(Fault::html());
    run(image).fails(4);
    let hint = run(&format!("images {TOWN}")).fails(4).err;
    assert!(hint.contains("; wait 60 minutes, since"), "{hint}");
    tiles.clear_faults();
    graph.clear_faults();
    for line in [image, &format!("images {TOWN}")] {
        run(line).fails(4);
    }
    let told = run("budget").done();
    let blocks: Vec<_> = told.text().lines().skip(4).collect();
    let says = |url: &str, time: &str| {
        format!("{url} blocked this IP address; nothing is sent to it for the next {time}")
    };
    assert_eq!(blocks, [says(graph.url(), "26 hours"), says(tiles.url(), "60 minutes")]);
    let told = run("budget --forget-block").done();
    assert_eq!(told.text().lines().count(), 5);
    for line in [image, &format!("images {TOWN}")] {
        run(line).done();
    }
}

#[test]
fn all_tokens_of_a_machine_share_a_budget_which_is_shown_without_a_token() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    mly(&format!("images {TOWN}")).keeping(folder.path()).at(&emulator).done();
    let urls = format!("--tiles-url {} --graph-url {}", emulator.url(), emulator.url());
    for token in ["--token MLY|7|another", ""] {
        let told = mly(&format!("budget {urls} {token}")).keeping(folder.path()).done();
        assert_eq!(of_day(&told), ["tiles 9", "entities 0", "searches 0"]);
    }
    // Another host has limits of its own.
    let other = mly("budget").keeping(folder.path()).done();
    assert_eq!(of_day(&other), ["tiles 0", "entities 0", "searches 0"]);
}

#[test]
fn a_budget_says_what_is_allowed_and_when_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = own_demo();
    for command in [mly("budget").at(&emulator), mly("budget --demo"), mly("budget --token t")] {
        assert_eq!(command.done().text(), "no request counts are stored, so each run counts only its own\n");
    }
    assert_eq!(emulator.requests(), []);
    let official = mly("budget").keeping(folder.path()).done();
    assert_snapshot!(official.text(), @r"
    endpoint   last minute  last 24 h  limit                          oldest expires
    tiles                0          0  40 per minute, 10,000 per day  -
    entities             0          0  -                              -
    searches             0          0  -                              -
    https://tiles.mapillary.com has not blocked this IP address, as far as is known
    ");
}

#[test]
fn a_damaged_count_of_requests_is_set_aside_and_told() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("budget.sqlite"), "no database at all ".repeat(500)).unwrap();
    let told = budget(&emulator, folder.path(), "");
    assert!(told.err.starts_with("warning: the counts of requests in "), "{}", told.err);
    assert!(told.err.contains("budget.sqlite.damaged; counting begins anew"), "{}", told.err);
    let told = budget(&emulator, folder.path(), "");
    assert_eq!((of_day(&told)[0].as_str(), told.err.as_str()), ("tiles 0", ""));
}

#[test]
fn a_run_that_resumes_after_its_counts_were_damaged_counts_what_it_has_sent() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let output = folder.path().join("town.csv");
    let run = || {
        let line =
            format!("images {TOWN} --no-cache --concurrency 1 --tiles-per-day 6 -o {}", output.display());
        mly(&line).keeping(folder.path()).at(&emulator).run()
    };
    assert_eq!((run().code, emulator.requests().len()), (4, 6));
    std::fs::write(folder.path().join("budget.sqlite"), "no database at all ".repeat(500)).unwrap();
    let Outcome { code, err: said, .. } = run();
    assert!(code == 4 && said.starts_with("warning: the counts of requests in "), "{said}");
    assert_eq!(emulator.requests().len(), 6, "the 6 tiles that are in the unfinished file");
}
