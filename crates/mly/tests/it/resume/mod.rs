//! Runs that stop anywhere, and the same run again: the same bytes, and nothing asked for twice that was done.

mod answers;
mod damage;
mod fault;
mod large;
mod log;
mod meddling;
mod property;
mod question;
mod refusal;
mod relative;
mod stop;

use std::fs;
use std::path::{Path, PathBuf};

use mly::sink::{self, Destination, Format};
use mly::{Client, Error, Options, Plan, Summary};
use mly_emulator::Emulator;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::{demo, options};

/// An emulator, a folder for results, and threads that run what writes them.
pub(super) struct Desk {
    pub(super) emulator: Emulator,
    pub(super) dir: TempDir,
    runtime: Runtime,
}

impl Desk {
    pub(super) fn new(emulator: Emulator) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self { emulator, dir: tempfile::tempdir().unwrap(), runtime }
    }

    pub(super) fn demo() -> Self {
        Self::new(demo())
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A client that has so many requests under way at once.
    pub(super) fn client(&self, concurrency: usize) -> Client {
        self.tuned(|options| options.with_concurrency(concurrency))
    }

    pub(super) fn tuned(&self, tune: impl FnOnce(Options) -> Options) -> Client {
        Client::new(tune(options(&self.emulator))).unwrap()
    }

    /// What a run gives that nothing stops and that keeps no journal; `None` when the format is not for such rows.
    pub(super) fn whole(&self, plan: &Plan, format: Format) -> Option<Whole> {
        let (before, client) = (self.emulator.requests().len(), self.client(8));
        let path = self.file("whole");
        let summary = self.runtime.block_on(async {
            let batches = client.run(plan);
            let sink = sink::open(format, Destination::file(&path, true)?, &batches.schema())?;
            batches.write_to(sink).await
        });
        let summary = match summary {
            Err(Error::InvalidQuery { .. }) => return None,
            other => other.unwrap(),
        };
        let requests = self.emulator.requests().len() - before;
        Some(Whole { bytes: fs::read(&path).unwrap(), summary, requests })
    }

    /// Runs to the end, or to an error.
    pub(super) fn run(
        &self,
        client: &Client,
        plan: &Plan,
        (format, path): (Format, &Path),
    ) -> Result<Summary, Error> {
        self.wait(client.run(plan).write_file(path, format, false))
    }

    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Gives a run up when its summary says so, and waits until nothing of it is left in this process.
    pub(super) fn run_until(
        &self,
        client: &Client,
        plan: &Plan,
        (format, path): (Format, &Path),
        is_over: impl Fn(&Summary) -> bool,
    ) -> Option<Result<Summary, Error>> {
        let mut batches = client.run(plan);
        let progress = batches.progress();
        let over = async {
            while !is_over(&progress.summary()) {
                tokio::task::yield_now().await;
            }
        };
        let done = self.runtime.block_on(async {
            tokio::select! {
                done = batches.write_file(path, format, false) => Some(done),
                () = over => None,
            }
        });
        until_unlocked(path);
        done
    }
}

/// Requests that were sent.
pub(super) fn sent(summary: &Summary) -> u64 {
    summary.tiles + summary.entities + summary.searches + summary.retries
}

/// What a run gives that nothing stops.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    pub(super) summary: Summary,
    pub(super) requests: usize,
}

impl Whole {
    /// Insists that a file is the same, and that there is nothing beside it.
    pub(super) fn is_at(&self, path: &Path, name: &str) {
        let bytes = fs::read(path).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(bytes == self.bytes, "{name}: {} bytes and not {}", bytes.len(), self.bytes.len());
        assert!(!unfinished(path).exists(), "{name}: the folder is still there");
    }

    /// Insists that a summary says the same of the result.
    pub(super) fn is_told(&self, summary: &Summary, name: &str) {
        let of = |s: &Summary| (s.rows, s.missing.clone(), s.not_found.clone(), s.failed.clone(), s.misfits);
        assert_eq!(of(summary), of(&self.summary), "{name}");
    }
}

/// The folder of unfinished work of a file.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".unfinished");
    PathBuf::from(name)
}

/// Waits until nobody works in the folder of a file.
fn until_unlocked(path: &Path) {
    let folder = unfinished(path);
    // Whoever removes the folder removes its journal first.
    while folder.exists() && !fs::File::open(folder.join("journal")).is_ok_and(|file| file.try_lock().is_ok())
    {
        std::thread::yield_now();
    }
}

/// A copy of a folder, file by file.
pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Numbers that are the same in every run (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % count.max(1) as u64) as usize
    }
}
