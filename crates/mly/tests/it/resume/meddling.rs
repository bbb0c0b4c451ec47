//! Programs that remove, replace or change files while a run writes them: a wrong file never gets the final name.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use mly::sink::Format;
use mly::{Client, Error, Summary, Token};
use rusqlite::Connection;
use rusqlite::types::Value;

use super::damage::{Wreck, size};
use super::large::world;
use super::question::question;
use super::{Desk, Dice, unfinished};
use crate::support::truth::get;
use crate::support::{Server, ok};

/// Stands between a client and an emulator, and holds the third tile back until it is told to go on.
struct Held {
    server: Server,
    goes_on: Sender<()>,
}

impl Held {
    fn before(desk: &Desk) -> Self {
        let (goes_on, held) = channel();
        let (url, held, tiles) = (desk.emulator.url().to_owned(), Mutex::new(held), AtomicUsize::new(0));
        let server = Server::start(move |request| {
            if tiles.fetch_add(1, Ordering::Relaxed) == 2 {
                held.lock().unwrap().recv().unwrap();
            }
            ok(get(&format!("{url}{}", request.target), None))
        });
        Self { server, goes_on }
    }
}

/// Whether the journal in a folder has a record of rows after the first one, which says what the work is.
fn has_rows(folder: &Path) -> bool {
    let journal = fs::read(folder.join("journal")).unwrap_or_default();
    let first = journal.first_chunk().map_or(usize::MAX, |size| 12 + u32::from_le_bytes(*size) as usize);
    journal.len() > first
}

/// Runs, and calls `meddle` with the folder of unfinished work when some of nine tiles are written.
fn meddled(
    desk: &Desk,
    (format, path, overwrite): (Format, &Path, bool),
    meddle: impl Fn(&Path),
) -> Result<Summary, Error> {
    let held = Held::before(desk);
    let token = Token::new(desk.emulator.token()).unwrap();
    let client = Client::new(held.server.options().with_token(token).with_concurrency(1)).unwrap();
    let mut batches = client.run(&question("images").plan);
    let meddling = async {
        while !has_rows(&unfinished(path)) {
            tokio::task::yield_now().await;
        }
        meddle(&unfinished(path));
        held.goes_on.send(()).unwrap();
        std::future::pending::<()>().await;
    };
    desk.wait(async {
        tokio::select! {
            done = batches.write_file(path, format, overwrite) => done,
            () = meddling => unreachable!(),
        }
    })
}

/// Something that another program does to the folder of unfinished work.
type Meddling = (&'static str, fn(&Path));

const MEDDLINGS: [Meddling; 6] = [
    ("removes the data", |folder| fs::remove_file(folder.join("data")).unwrap()),
    ("replaces the data", |folder| {
        fs::remove_file(folder.join("data")).unwrap();
        fs::write(folder.join("data"), "").unwrap();
    }),
    ("copies the data to and fro", |folder| {
        let bytes = fs::read(folder.join("data")).unwrap();
        fs::remove_file(folder.join("data")).unwrap();
        fs::write(folder.join("data"), bytes).unwrap();
    }),
    ("removes the journal", |folder| fs::remove_file(folder.join("journal")).unwrap()),
    ("removes the folder", |folder| {
        // In one step: the run may create a file in it at any moment.
        let gone = folder.with_extension("gone");
        fs::rename(folder, &gone).unwrap();
        fs::remove_dir_all(gone).unwrap();
    }),
    ("claims the folder", |folder| fs::write(folder.join("owner"), "process 1").unwrap()),
];

#[test]
fn what_is_removed_or_replaced_during_a_run_is_told_and_replaces_nothing() {
    for format in Format::of_any_rows() {
        let desk = Desk::demo();
        let plan = &question("images").plan;
        let whole = desk.whole(plan, format).unwrap();
        for (number, (what, meddle)) in MEDDLINGS.into_iter().enumerate() {
            let name = format!("{format}, somebody {what}");
            let path = desk.file(&format!("{number}"));
            let overwrite = number.is_multiple_of(2);
            if overwrite {
                fs::write(&path, "an earlier good result").unwrap();
            }
            let error = meddled(&desk, (format, &path, overwrite), meddle).unwrap_err();
            assert!(matches!(error, Error::Output { .. }), "{name}: {error:?}");
            let hint = error.hint().unwrap().to_string();
            assert!(!hint.contains("space"), "{name}: {hint}");
            let there = fs::read(&path).ok();
            assert_eq!(there.as_deref(), overwrite.then_some(&b"an earlier good result"[..]), "{name}");
            let mut again = desk.client(1).run(plan);
            match desk.wait(again.write_file(&path, format, true)) {
                Ok(_) => whole.is_at(&path, &name),
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }
}

#[test]
fn data_that_is_cut_during_a_run_is_told() {
    // A database is no file that grows at its end.
    for format in Format::of_any_rows().filter(|format| *format != Format::GeoPackage) {
        let desk = Desk::demo();
        let path = desk.file("town");
        let cut = |folder: &Path| {
            // Some formats have written nothing yet, and then there is nothing to cut.
            let data = OpenOptions::new().append(true).open(folder.join("data")).unwrap();
            let length = data.metadata().unwrap().len();
            if length > 0 { data.set_len(length - 1) } else { fs::remove_file(folder.join("data")) }.unwrap();
        };
        let error = meddled(&desk, (format, &path, false), cut).unwrap_err();
        assert!(matches!(error, Error::Output { .. }) && !path.exists(), "{format}: {error:?}");
    }
}

#[test]
fn what_a_cleaner_removes_that_is_not_needed_does_no_harm() {
    let desk = Desk::demo();
    let whole = desk.whole(&question("images").plan, Format::Csv).unwrap();
    let path = desk.file("town.csv");
    let clean = |folder: &Path| {
        fs::remove_file(folder.join("owner")).unwrap();
        fs::remove_file(folder.join("about.txt")).unwrap();
    };
    meddled(&desk, (Format::Csv, &path, false), clean).unwrap();
    whole.is_at(&path, "without its owner");
}

/// Inverts a bit of a file.
fn flip(path: &Path, at: u64, bit: usize) {
    let mut file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    std::io::Read::read_exact(&mut file, &mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[byte[0] ^ 1 << bit]).unwrap();
}

/// The files of unfinished work, in the order of their names.
fn parts(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.metadata().unwrap().len() > 0);
    paths.sort();
    paths
}

#[test]
fn a_bit_that_flips_anywhere_in_unfinished_work_is_noticed_wherever_it_matters() {
    let mut dice = Dice(20);
    let wrecks = |name: &'static str, requests| {
        let question = question(name);
        let made = move |format: &Format| {
            let wreck = Wreck::after(requests, Desk::demo(), &question.plan, *format);
            wreck.map(|wreck| (format!("{name} as {format}"), wreck))
        };
        question.formats.iter().filter_map(made)
    };
    for (name, mut wreck) in wrecks("images", 6).chain(wrecks("pixels", 70)) {
        for number in 0..parts(&unfinished(&wreck.copy())).len() {
            for _ in 0..3 {
                let path = wreck.copy();
                let part = parts(&unfinished(&path)).remove(number);
                let (at, bit) = (dice.below(size(&part)), dice.below(8));
                flip(&part, at as u64, bit);
                let name =
                    format!("{name}, bit {bit} of byte {at} of {}", part.file_name().unwrap().display());
                wreck.is_finished_or_refused(&path, &name);
            }
        }
    }
}

/// All rows of all tables of a database.
fn rows(path: &Path) -> Vec<Vec<Value>> {
    let database = Connection::open(path).unwrap();
    let mut names =
        database.prepare("SELECT name FROM sqlite_schema WHERE rootpage > 0 ORDER BY name").unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut rows = Vec::new();
    for name in names.iter().filter(|name| !name.starts_with("sqlite_autoindex")) {
        let mut all = database.prepare(&format!("SELECT * FROM \"{name}\"")).unwrap();
        let count = all.column_count();
        let row = |row: &rusqlite::Row<'_>| (0..count).map(|at| row.get(at)).collect::<Result<Vec<_>, _>>();
        rows.extend(all.query_map([], row).unwrap().map(Result::unwrap));
    }
    rows
}

#[test]
fn a_bit_that_flips_in_the_windows_of_a_database_is_noticed() {
    const FLIPS: usize = 12;
    let mut dice = Dice(21);
    let (desk, plan) = world(130_000);
    let is_over = |summary: &Summary| summary.rows > 110_000;
    let mut wreck = Wreck::when(is_over, desk, &plan, Format::GeoPackage).unwrap();
    let expected = rows(&wreck.desk.file("whole"));
    let mut refused = 0;
    for _ in 0..FLIPS {
        let path = wreck.copy();
        let data = unfinished(&path).join("data");
        let (at, bit) = (dice.below(size(&data)), dice.below(8));
        flip(&data, at as u64, bit);
        match wreck.go_on(&path) {
            // Bytes of a page that hold nothing mean nothing.
            Ok(_) => assert!(rows(&path) == expected, "bit {bit} of byte {at}"),
            Err(Error::Journal { what, .. }) => {
                assert_eq!(what, "its files are damaged", "bit {bit} of byte {at}");
                refused += 1;
            }
            Err(error) => panic!("bit {bit} of byte {at}: {error} {error:?}"),
        }
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir_all(unfinished(&path));
    }
    assert!(refused > FLIPS / 2, "{refused} of {FLIPS} were noticed");
    let path = wreck.copy();
    wreck.is_finished(&path, "undamaged");
}
