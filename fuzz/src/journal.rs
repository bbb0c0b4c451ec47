//! Unfinished work that somebody else may have written to.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use mly::sink::Format;
use mly::{Area, Client, Error, Options, Plan, Query, Token};
use mly_emulator::{Emulator, Endpoint, Fault, World};
use tokio::runtime::{Builder, Runtime};

/// Sinks that settle rows in ways of their own.
const FORMATS: [Format; 4] = [Format::Csv, Format::Parquet, Format::FlatGeobuf, Format::GeoPackage];

/// Unfinished work of one format: its files by name, the journal left out, and the journal.
struct Work {
    format: Format,
    files: Vec<(String, Vec<u8>)>,
    journal: Vec<u8>,
}

struct Ready {
    plan: Plan,
    /// Of a port where nobody listens.
    client: Client,
    runtime: Runtime,
    works: [Work; 4],
}

static READY: LazyLock<Ready> = LazyLock::new(|| {
    let emulator = Emulator::start(World::demo()).expect("a free port");
    // Every run ends at the fifth of nine tiles.
    emulator.fail(Fault::status(503).on(Endpoint::Tile).every(5));
    let town = Area::bbox(8.98, 51.98, 9.03, 52.01).expect("a box");
    let plan = Query::images(town).plan().expect("a plan");
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let before = client(emulator.url());
    let works = FORMATS.map(|format| runtime.block_on(unfinished(&before, &plan, format)));
    Ready { plan, client: client("http://127.0.0.1:9"), runtime, works }
});

fn client(url: &str) -> Client {
    let token = Token::new(mly_emulator::DEMO_TOKEN).expect("a token");
    let options = Options::default().with_token(token).with_base_url(url).expect("a URL");
    let options = options.with_retries(0).with_concurrency(1).with_init_backoff(Duration::ZERO);
    Client::new(options).expect("a client")
}

async fn unfinished(client: &Client, plan: &Plan, format: Format) -> Work {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("town");
    client.run(plan).write_file(&path, format, false).await.expect_err("the fifth tile is an error");
    let mut work = Work { format, files: Vec::new(), journal: Vec::new() };
    for entry in fs::read_dir(folder.path().join("town.unfinished")).expect("unfinished work") {
        let path = entry.expect("a file").path();
        let bytes = fs::read(&path).expect("a file");
        match path.file_name().and_then(|name| name.to_str()) {
            Some("journal") => work.journal = bytes,
            name => work.files.push((name.expect("a name").to_owned(), bytes)),
        }
    }
    work
}

/// Inputs of [`resume`] with which work is resumed as it was left.
pub fn seeds() -> Vec<Vec<u8>> {
    let works = READY.works.iter().enumerate();
    works.map(|(place, work)| [&[place as u8], &*work.journal].concat()).collect()
}

/// Work is resumed or refused, whatever its journal says: a byte for the format, and the journal, whose checksums are
/// made right so that what they protect is read.
pub fn resume(input: &[u8]) {
    let Some((format, journal)) = input.split_first() else { return };
    let Ready { plan, client, runtime, works } = &*READY;
    let work = &works[usize::from(*format) % works.len()];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("town");
    write(work, journal, &folder.path().join("town.unfinished"));
    match runtime.block_on(client.run(plan).write_file(&path, work.format, false)) {
        // A journal may say that everything was done.
        Ok(_) => assert!(path.exists()),
        Err(Error::Internal { what, .. }) => panic!("{what}"),
        Err(_) => assert!(!path.exists()),
    }
}

fn write(work: &Work, journal: &[u8], folder: &Path) {
    fs::create_dir(folder).expect("a folder");
    for (name, bytes) in &work.files {
        fs::write(folder.join(name), bytes).expect("a file");
    }
    fs::write(folder.join("journal"), with_checksums(journal)).expect("a file");
}

/// Records with the lengths that they claim, as far as there are bytes, and right checksums.
fn with_checksums(mut journal: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some((frame, rest)) = journal.split_first_chunk::<12>() {
        let size = u32::from_le_bytes(frame[..4].try_into().expect("four bytes"));
        let (record, rest) = rest.split_at(rest.len().min(size as usize));
        let sizes = [&(record.len() as u32).to_le_bytes(), &frame[4..8]].concat();
        let sum = crc(&[&sizes, record].concat());
        out.extend([&sizes, &sum.to_le_bytes()[..], record].concat());
        journal = rest;
    }
    out
}

/// CRC-32 as in zip files, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}
