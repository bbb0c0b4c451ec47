//! The real binary, killed, interrupted, limited and out of room: the same command again gives the same file.

#[cfg(unix)]
mod disk;
mod kill;
mod say;
#[cfg(target_os = "linux")]
mod system;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use mly_emulator::Emulator;
use tempfile::TempDir;

use crate::support::{TOWN, binary_at, own_demo};

/// A name for each format whose file can be asked for by its extension.
const NAMES: [&str; 8] =
    ["a.geojson", "a.geojsonl", "a.csv", "a.arrow", "a.parquet", "a.fgb", "a.gpkg", "a.pmtiles"];

/// Commands whose answers come in several ways.
const COMMANDS: [&str; 4] = ["images", "sequences", "signs", "images --fields make,altitude --limit 700"];

/// A folder in which commands run against an emulator of their own.
struct Place {
    emulator: Emulator,
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { emulator: own_demo(), folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of an area that writes a file.
    fn command(&self, line: &str, file: &str) -> Command {
        let mut command = binary_at(&self.emulator, &format!("{} -o {file}", with_area(line)));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The bytes that a command writes that nobody stops.
    fn whole(&self, line: &str, file: &str) -> Vec<u8> {
        let file = format!("whole-{file}");
        succeeds(self.command(line, &file).output().unwrap());
        let bytes = fs::read(self.file(&file)).unwrap();
        fs::remove_file(self.file(&file)).unwrap();
        bytes
    }

    /// Starts a command and waits until so many more requests have come, or until it is over.
    fn started(&self, line: &str, file: &str, requests: usize) -> Child {
        let before = self.emulator.requests().len();
        let mut child = self.command(line, file).spawn().unwrap();
        while self.emulator.requests().len() < before + requests && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child
    }

    fn is_unfinished(&self, file: &str) -> bool {
        self.file(&format!("{file}.unfinished")).is_dir()
    }
}

/// A command with the area of the town, if it has none.
fn with_area(line: &str) -> String {
    if line.contains("--bbox") { line.to_owned() } else { format!("{line} {TOWN}") }
}

fn succeeds(output: Output) -> String {
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

/// Insists that a file is there, as it should be, and nothing beside it.
fn is_at(path: &Path, whole: &[u8], name: &str) {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(bytes == whole, "{name}: {} bytes and not {}", bytes.len(), whole.len());
    assert!(!path.with_file_name(format!("{name}.unfinished")).exists(), "{name}");
}

/// Numbers that are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % count.max(1) as u64).unwrap_or(0)
    }
}
