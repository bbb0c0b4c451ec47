//! Folders as a loss of power, a full disk or a strange hand leaves them.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use mly::sink::Format;
use mly::{Client, Error, Plan, Summary};

use super::log::{records, rewrite};
use super::question::question;
use super::{Desk, Dice, Whole, copy, sent, unfinished};

/// Unfinished work that can be copied as often as needed.
pub(super) struct Wreck {
    pub(super) desk: Desk,
    pub(super) plan: Plan,
    pub(super) format: Format,
    pub(super) whole: Whole,
    client: Client,
    folder: PathBuf,
    copies: usize,
}

impl Wreck {
    /// Stops a run after so many requests.
    pub(super) fn after(requests: u64, desk: Desk, plan: &Plan, format: Format) -> Option<Self> {
        Self::when(|summary| sent(summary) >= requests, desk, plan, format)
    }

    /// Stops a run when its summary says so.
    pub(super) fn when(
        is_over: impl Fn(&Summary) -> bool,
        desk: Desk,
        plan: &Plan,
        format: Format,
    ) -> Option<Self> {
        let whole = desk.whole(plan, format)?;
        let path = desk.file("left");
        let client = desk.client(1);
        // On a busy machine a run may come to its end before anybody has looked.
        let is_left = |_| {
            let done = desk.run_until(&client, plan, (format, &path), &is_over);
            done.is_none() && !path.exists() || fs::remove_file(&path).is_err()
        };
        assert!((0..100).any(is_left) && !path.exists(), "it comes to its end each time");
        Some(Self { folder: unfinished(&path), plan: plan.clone(), format, whole, desk, client, copies: 0 })
    }

    /// The path of a result whose folder is a copy.
    pub(super) fn copy(&mut self) -> PathBuf {
        self.copies += 1;
        let path = self.desk.file(&format!("copy {}", self.copies));
        copy(&self.folder, &unfinished(&path));
        path
    }

    pub(super) fn go_on(&self, path: &Path) -> Result<Summary, Error> {
        self.desk.run(&self.client, &self.plan, (self.format, path))
    }

    /// Goes on, which gives the whole file or says that there is damage.
    pub(super) fn is_finished_or_refused(&self, path: &Path, name: &str) -> bool {
        match self.go_on(path) {
            Ok(summary) => {
                self.whole.is_at(path, name);
                self.whole.is_told(&summary, name);
                true
            }
            Err(Error::Journal { what, hint, .. }) => {
                let is_told =
                    ["its files are damaged", "its journal cannot be read"].contains(&what.as_str());
                assert!(is_told && hint.to_string().contains("overwrite"), "{name}: {what}, {hint}");
                assert!(unfinished(path).exists() && !path.exists(), "{name}");
                let mut anew = self.client.run(&self.plan);
                let anew = anew.write_file(path, self.format, true);
                self.desk.wait(anew).unwrap_or_else(|e| panic!("{name}: {e}"));
                self.whole.is_at(path, name);
                false
            }
            Err(other) => panic!("{name}: {other} {other:?}"),
        }
    }

    pub(super) fn is_finished(&self, path: &Path, name: &str) {
        assert!(self.is_finished_or_refused(path, name), "{name}: refused");
    }
}

pub(super) fn cut(path: &Path, length: u64) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

pub(super) fn size(path: &Path) -> usize {
    path.metadata().unwrap().len() as usize
}

/// Where the last record ends that a loss of power leaves, or the first one.
pub(super) fn durable_end(folder: &Path) -> usize {
    let records = records(folder);
    let is_durable = |record: &&super::log::Record| record.head["checkpoint"]["is_durable"] == true;
    records.iter().rfind(is_durable).unwrap_or(&records[0]).end
}

/// Names of the files of rows and results in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.file_name().unwrap() != "journal");
    paths.sort();
    paths
}

/// Work on small answers, in every format.
fn wrecks() -> Vec<(String, Wreck)> {
    let mut wrecks = Vec::new();
    for (name, requests) in
        [("images", 6), ("sequences", 14), ("images with fields", 15), ("ids", 6), ("pixels", 70)]
    {
        let question = question(name);
        for format in &question.formats {
            let wreck = Wreck::after(requests, Desk::demo(), &question.plan, *format);
            wrecks.extend(wreck.map(|wreck| (format!("{name} as {format}"), wreck)));
        }
    }
    wrecks
}

#[test]
fn whatever_is_cut_off_changed_or_added_gives_the_same_file_or_is_told() {
    let mut dice = Dice(7);
    for (name, mut wreck) in wrecks() {
        // A journal that breaks off.
        for _ in 0..2 {
            let path = wreck.copy();
            let journal = unfinished(&path).join("journal");
            let (from, to) = (durable_end(&unfinished(&path)), size(&journal));
            cut(&journal, (from + dice.below(to - from + 1)) as u64);
            wreck.is_finished(&path, &format!("{name}, a short journal"));
        }
        let path = wreck.copy();
        let journal = unfinished(&path).join("journal");
        cut(&journal, dice.below(size(&journal)) as u64);
        wreck.is_finished_or_refused(&path, &format!("{name}, a very short journal"));
        // More than was marked, in every file, and files of earlier times.
        let path = wreck.copy();
        for file in files(&unfinished(&path)) {
            // A database is no file that grows at its end.
            if wreck.format != Format::GeoPackage || file.file_name().unwrap() != "data" {
                OpenOptions::new().append(true).open(&file).unwrap().write_all(b"\0more of it").unwrap();
            }
        }
        OpenOptions::new()
            .append(true)
            .open(unfinished(&path).join("journal"))
            .unwrap()
            .write_all(b"x")
            .unwrap();
        fs::write(unfinished(&path).join("rows-77"), "of earlier times").unwrap();
        wreck.is_finished(&path, &format!("{name}, more of everything"));
        // Less than was marked, in one of the files, or another byte in it.
        for at in 0..files(&unfinished(&wreck.copy())).len() {
            let path = wreck.copy();
            let file = files(&unfinished(&path)).remove(at);
            let label = format!("{name}, less of {}", file.file_name().unwrap().display());
            cut(&file, dice.below(size(&file)) as u64);
            wreck.is_finished_or_refused(&path, &label);
        }
    }
}

#[test]
fn work_of_which_only_the_beginning_is_there_begins_anew() {
    let images = question("images");
    let mut wreck = Wreck::after(3, Desk::demo(), &images.plan, Format::Parquet).unwrap();
    let path = wreck.copy();
    let first = records(&unfinished(&path)).remove(0);
    for length in [0, 5, 12, first.end - 1] {
        let path = wreck.copy();
        for file in files(&unfinished(&path)) {
            fs::remove_file(file).unwrap();
        }
        cut(&unfinished(&path).join("journal"), length as u64);
        wreck.is_finished(&path, &format!("{length} bytes"));
    }
    let path = wreck.copy();
    rewrite(&unfinished(&path), &[first]);
    wreck.is_finished(&path, "no marks");
}

#[test]
fn a_run_that_ends_while_it_reads_back_what_was_done_loses_nothing() {
    // Annotations are written anew from the rows; here the process was gone in the middle of that.
    let pixels = question("pixels");
    let mut wreck = Wreck::after(70, Desk::demo(), &pixels.plan, Format::Coco).unwrap();
    let path = wreck.copy();
    cut(&unfinished(&path).join("data"), 10);
    wreck.is_finished(&path, "half of the annotations");
}
