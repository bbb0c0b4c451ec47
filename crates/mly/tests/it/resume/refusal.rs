//! What unfinished work refuses, and what it leaves alone.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use mly::sink::{Dialect, Format};
use mly::{Error, Plan, Query};
use serde_json::json;

use super::damage::Wreck;
use super::log::{records, rewrite};
use super::question::question;
use super::{Desk, unfinished};
use crate::support::town;

/// The images of the town, stopped midway.
fn images() -> Wreck {
    Wreck::after(5, Desk::demo(), &question("images").plan, Format::Csv).unwrap()
}

fn write(wreck: &Wreck, plan: &Plan, (format, path): (Format, &Path), overwrite: bool) -> Result<u64, Error> {
    let mut batches = wreck.desk.client(2).run(plan);
    wreck.desk.wait(batches.write_file(path, format, overwrite)).map(|summary| summary.rows)
}

/// An error as one line, without the folder of the test.
fn told(wreck: &Wreck, error: &Error) -> String {
    let hint = match error {
        Error::Journal { hint, .. } | Error::InvalidQuery { hint: Some(hint), .. } => hint.to_string(),
        _ => String::new(),
    };
    let folder = format!("{}{}", wreck.desk.dir.path().display(), std::path::MAIN_SEPARATOR);
    format!("{error}; {hint}").replace(&folder, "DIR/")
}

/// What is said of work that is not to be gone on with, which nothing is sent for, and which `overwrite` gives up.
fn refused(wreck: &Wreck, plan: &Plan, (format, path): (Format, &Path)) -> String {
    let before = wreck.desk.emulator.requests().len();
    let error = write(wreck, plan, (format, path), false).unwrap_err();
    assert!(matches!(error, Error::Journal { .. }), "{error:?}");
    assert_eq!(wreck.desk.emulator.requests().len(), before);
    assert!(unfinished(path).exists() && !path.exists());
    let whole = wreck.desk.whole(plan, format).unwrap();
    write(wreck, plan, (format, path), true).unwrap();
    whole.is_at(path, "anew");
    told(wreck, &error)
}

#[test]
fn other_work_is_refused_and_given_up_when_told_so() {
    let mut wreck = images();
    let path = wreck.copy();
    let other = Query::images(town()).with_since("2019").unwrap().plan().unwrap();
    assert_snapshot!(refused(&wreck, &other, (Format::Csv, &path)), @"cannot resume DIR/copy 1.unfinished: it is the work of another query; finish it with the call that began it, choose another name, or give it up by allowing to overwrite");
    let path = wreck.copy();
    assert_snapshot!(refused(&wreck, &wreck.plan, (Format::Arrow, &path)), @"cannot resume DIR/copy 2.unfinished: it is in another format; finish it with the call that began it, choose another name, or give it up by allowing to overwrite");
}

#[test]
fn work_of_another_version_is_refused_whatever_it_looks_like() {
    let mut wreck = images();
    let path = wreck.copy();
    let mut all = records(&unfinished(&path));
    all[0].head["work"]["version"] = json!(1);
    rewrite(&unfinished(&path), &all);
    assert_snapshot!(refused(&wreck, &wreck.plan, (Format::Csv, &path)), @"cannot resume DIR/copy 1.unfinished: it was begun by another version of mly; finish it with the call that began it, choose another name, or give it up by allowing to overwrite");
    let path = wreck.copy();
    all[0].head = json!({"begun": {"version": 3}});
    rewrite(&unfinished(&path), &all);
    assert_snapshot!(refused(&wreck, &wreck.plan, (Format::Csv, &path)), @"cannot resume DIR/copy 2.unfinished: its journal cannot be read; it may be of another version of mly; start over with overwrite allowed");
    let path = wreck.copy();
    fs::write(unfinished(&path).join("journal"), "Dear diary, today I went to the sea.").unwrap();
    assert_snapshot!(refused(&wreck, &wreck.plan, (Format::Csv, &path)), @"cannot resume DIR/copy 3.unfinished: its journal cannot be read; it may be of another version of mly; start over with overwrite allowed");
}

#[test]
fn a_folder_of_others_is_refused_and_nothing_in_it_changes() {
    let desk = Desk::demo();
    for overwrite in [false, true] {
        for name in ["data", "rows-2024.csv", "index", "notes.txt"] {
            let path = desk.file("mine.csv");
            fs::create_dir(unfinished(&path)).unwrap();
            fs::write(unfinished(&path).join(name), "precious").unwrap();
            let mut batches = desk.client(2).run(&question("images").plan);
            let error = desk.wait(batches.write_file(&path, Format::Csv, overwrite)).unwrap_err();
            assert!(matches!(error, Error::InvalidQuery { hint: Some(_), .. }), "{name}: {error:?}");
            let left: Vec<_> =
                fs::read_dir(unfinished(&path)).unwrap().map(|e| e.unwrap().file_name()).collect();
            assert_eq!(left, [name]);
            assert_eq!(fs::read(unfinished(&path).join(name)).unwrap(), b"precious");
            fs::remove_dir_all(unfinished(&path)).unwrap();
        }
    }
    assert!(desk.emulator.requests().is_empty());
}

#[test]
fn a_folder_of_ours_is_known_without_its_journal_and_given_up_when_told_so() {
    let mut wreck = images();
    for has_journal in [false, true] {
        let path = wreck.copy();
        let journal = unfinished(&path).join("journal");
        if has_journal { fs::write(&journal, "") } else { fs::remove_file(&journal) }.unwrap();
        let said = refused(&wreck, &wreck.plan, (Format::Csv, &path));
        assert!(
            said.ends_with(".unfinished: its journal is missing; start over with overwrite allowed"),
            "{said}"
        );
    }
}

#[test]
fn files_of_others_in_a_folder_of_ours_stay() {
    let mut wreck = images();
    let path = wreck.copy();
    fs::write(unfinished(&path).join("notes.txt"), "precious").unwrap();
    write(&wreck, &wreck.plan, (Format::Csv, &path), false).unwrap();
    assert!(fs::read(&path).unwrap() == wreck.whole.bytes);
    let left: Vec<_> = fs::read_dir(unfinished(&path)).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["notes.txt"]);
}

#[test]
fn an_empty_folder_is_used() {
    let wreck = images();
    let path = wreck.desk.file("empty.csv");
    fs::create_dir(unfinished(&path)).unwrap();
    write(&wreck, &wreck.plan, (Format::Csv, &path), false).unwrap();
    wreck.whole.is_at(&path, "an empty folder");
}

#[test]
fn a_finished_file_is_not_written_again_and_its_leftovers_are_removed() {
    let whole = images().whole;
    for has_both_names in [false, true] {
        let mut wreck = images();
        let path = wreck.copy();
        fs::write(&path, &whole.bytes).unwrap();
        let data = unfinished(&path).join("data");
        fs::remove_file(&data).unwrap();
        if has_both_names {
            fs::hard_link(&path, &data).unwrap();
        }
        let before = wreck.desk.emulator.requests().len();
        let error = write(&wreck, &wreck.plan, (Format::Csv, &path), false).unwrap_err();
        assert!(error.to_string().ends_with("exists already"), "{error}");
        assert_eq!(wreck.desk.emulator.requests().len(), before);
        whole.is_at(&path, "the finished file");
    }
    // And with `overwrite` it is made anew, without a moment in which it is not there whole.
    let mut wreck = images();
    let path = wreck.copy();
    fs::rename(unfinished(&path).join("data"), &path).unwrap();
    fs::write(&path, "old").unwrap();
    fs::hard_link(&path, unfinished(&path).join("data")).unwrap();
    write(&wreck, &wreck.plan, (Format::Csv, &path), true).unwrap();
    whole.is_at(&path, "made anew");
}

#[test]
fn unfinished_work_beside_a_file_of_others_waits() {
    let mut wreck = images();
    let path = wreck.copy();
    fs::write(&path, "of others").unwrap();
    let error = write(&wreck, &wreck.plan, (Format::Csv, &path), false).unwrap_err();
    assert!(error.to_string().ends_with("exists already"), "{error}");
    assert!(unfinished(&path).exists());
    fs::remove_file(&path).unwrap();
    wreck.is_finished(&path, "after it was taken away");
}

#[test]
fn a_name_that_is_taken_meanwhile_costs_nothing_but_another_try() {
    for format in Format::of_any_rows() {
        let desk = Desk::demo();
        let plan = &question("images").plan;
        let whole = desk.whole(plan, format).unwrap();
        let path = desk.file("taken");
        let client = desk.client(2);
        let mut batches = client.run(plan);
        let progress = batches.progress();
        let taking = async {
            while progress.rows() == 0 {
                tokio::task::yield_now().await;
            }
            fs::write(&path, "of others").unwrap();
            std::future::pending::<()>().await;
        };
        let done = desk.wait(async {
            tokio::select! {
                done = batches.write_file(&path, format, false) => done,
                () = taking => unreachable!(),
            }
        });
        assert!(matches!(done, Err(Error::Output { .. })), "{format}: {done:?}");
        assert_eq!(fs::read(&path).unwrap(), b"of others", "{format}");
        fs::remove_file(&path).unwrap();
        let before = desk.emulator.requests().len();
        desk.run(&client, plan, (format, &path)).unwrap_or_else(|e| panic!("{format}: {e} {e:?}"));
        whole.is_at(&path, format.name());
        assert_eq!(desk.emulator.requests().len(), before, "{format}");
    }
}

#[test]
fn two_runs_of_one_file_do_not_meet() {
    let desk = Desk::demo();
    let plan = &question("images").plan;
    let whole = desk.whole(plan, Format::Csv).unwrap();
    let path = desk.file("both.csv");
    let client = desk.client(2);
    let (a, b) = desk.wait(async {
        let run = async || client.run(plan).write_file(&path, Format::Csv, false).await;
        tokio::join!(run(), run())
    });
    let (done, refused): (Vec<_>, Vec<_>) = [a, b].into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (1, 1));
    let error = refused[0].as_ref().unwrap_err().to_string();
    assert!(error.contains("another process is writing it") || error.ends_with("exists already"), "{error}");
    whole.is_at(&path, "one of them");
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_the_folder_is_refused() {
    let desk = Desk::demo();
    let path = desk.file("town.csv");
    let (client, plan) = (desk.client(2), &question("images").plan);
    let elsewhere = desk.file("elsewhere");
    std::os::unix::fs::symlink(&elsewhere, unfinished(&path)).unwrap();
    let refused = || {
        let error = desk.run(&client, plan, (Format::Csv, &path)).unwrap_err();
        assert!(matches!(error, Error::InvalidQuery { hint: Some(_), .. }), "{error:?}");
    };
    refused();
    fs::write(&elsewhere, "a file").unwrap();
    refused();
    fs::remove_file(&elsewhere).unwrap();
    fs::create_dir(&elsewhere).unwrap();
    refused();
    assert!(fs::read_dir(&elsewhere).unwrap().next().is_none() && desk.emulator.requests().is_empty());
}

#[cfg(unix)]
#[test]
fn a_link_among_unfinished_files_is_not_followed() {
    let mut wreck = images();
    let precious = wreck.desk.file("precious");
    fs::write(&precious, "precious").unwrap();
    for name in ["data", "owner", "about.txt", "rows-0"] {
        let path = wreck.copy();
        let file = unfinished(&path).join(name);
        let _ = fs::remove_file(&file);
        std::os::unix::fs::symlink(&precious, &file).unwrap();
        wreck.is_finished_or_refused(&path, name);
        assert_eq!(fs::read(&precious).unwrap(), b"precious", "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_written_where_it_leads() {
    use std::os::unix::fs::symlink;

    let desk = Desk::demo();
    let (client, plan) = (desk.client(2), &question("images").plan);
    let whole = desk.whole(plan, Format::Csv).unwrap();
    fs::create_dir(desk.file("inner")).unwrap();
    let [first, second] = ["first.csv", "second.csv"].map(|name| desk.file(name));
    symlink("second.csv", &first).unwrap();
    symlink("inner/town.csv", &second).unwrap();
    desk.run(&client, plan, (Format::Csv, &first)).unwrap();
    whole.is_at(&desk.file("inner/town.csv"), "where the links lead");
    assert!(first.is_symlink() && second.is_symlink());
    let before = desk.emulator.requests().len();
    let nowhere = [("a.csv", "no/town.csv"), ("b.csv", "b.csv"), ("c.csv", "d.csv"), ("d.csv", "c.csv")];
    for (name, target) in nowhere {
        symlink(target, desk.file(name)).unwrap();
    }
    for (name, _) in nowhere {
        let done = desk.run(&client, plan, (Format::Csv, &desk.file(name)));
        assert!(matches!(done, Err(Error::InvalidQuery { .. })), "{name}: {done:?}");
    }
    assert_eq!(desk.emulator.requests().len(), before);
}

#[test]
fn what_an_earlier_run_has_done_is_told_apart_from_what_this_one_does() {
    let mut wreck = images();
    let path = wreck.copy();
    let mut batches = wreck.desk.client(2).run(&wreck.plan);
    let progress = batches.progress();
    assert_eq!(progress.answered_before(), 0);
    let before = wreck.desk.emulator.requests().len();
    wreck.desk.wait(batches.write_file(&path, Format::Csv, false)).unwrap();
    let sent = (wreck.desk.emulator.requests().len() - before) as u64;
    assert!(progress.answered_before() > 0);
    assert_eq!(
        (progress.answered(), progress.answered() - progress.answered_before()),
        (progress.total(), sent)
    );
}

#[test]
fn safe_csv_is_another_format_than_csv() {
    let mut wreck = images();
    let path = wreck.copy();
    let safe = Dialect::csv_safe(Format::Csv, true).unwrap();
    let mut batches = wreck.desk.client(2).run(&wreck.plan);
    let error = wreck.desk.wait(batches.write_file(&path, safe, false)).unwrap_err();
    assert!(error.to_string().ends_with("it is in another format"), "{error}");
}
