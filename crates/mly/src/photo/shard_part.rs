//! An archive that is not finished, and the log by which a later download continues it.
//!
//! The log has a line for each photo that was added or is missing: its id, where its files end in the archive, and a
//! checksum. To continue is to cut both after the last line that fits.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::shard_stats::{MissingReason, number, tar_name};
use crate::file::{Checksum, PART, Target, open_or_create_own};

/// Size of the write buffer in bytes.
const BUFFER: usize = 256 << 10;

/// What the name of the log ends with.
const LOG: &str = ".mly.log";

/// Most bytes of a line of the log.
const LINE_MAX: u64 = 1 << 10;

/// What happened to one photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    pub(crate) id: i64,
    /// Where the archive ends after it.
    end: u64,
    /// CRC-32 of what it added to the archive, and of the other fields.
    sum: u32,
    /// Why it is missing, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<MissingReason>,
}

impl PartRecord {
    fn new(id: i64, end: u64, missing: Option<MissingReason>, mut added: crc32fast::Hasher) -> Self {
        added.update(&id.to_le_bytes());
        added.update(&end.to_le_bytes());
        added.update(missing.map_or("", MissingReason::name).as_bytes());
        Self { id, end, sum: added.finalize(), missing }
    }
}

/// An archive that is being written.
pub(super) struct ShardPart {
    target: Target,
    path: PathBuf,
    archive: BufWriter<File>,
    log: File,
    /// Length of the archive in bytes.
    end: u64,
    /// Checksum of the bytes since the last line of the log.
    added: crc32fast::Hasher,
    /// The lines of the log that earlier downloads have written.
    kept: Vec<PartRecord>,
    /// Whether the log has a line.
    has_records: bool,
}

impl ShardPart {
    /// Begins the archive of this name, or continues it.
    pub(super) fn open(target: Target) -> io::Result<Self> {
        let path = target.beside(PART);
        let mut archive = open_or_create_own(&path)?.file;
        let mut log = open_or_create_own(&target.beside(LOG))?.file;
        let Intact { records, end, log_end } = intact(&archive, &log)?;
        for (file, end) in [(&mut archive, end), (&mut log, log_end)] {
            file.set_len(end)?;
            file.seek(SeekFrom::End(0))?;
        }
        let has_records = !records.is_empty();
        let mut kept = records;
        // Photos that may come this time are not missing any more.
        kept.retain(|record| record.missing.is_none_or(|reason| !reason.passes()));
        let archive = BufWriter::with_capacity(BUFFER, archive);
        Ok(Self { target, path, archive, log, end, added: crc32fast::Hasher::new(), kept, has_records })
    }

    /// What earlier downloads have done.
    pub(super) fn kept(&self) -> &[PartRecord] {
        &self.kept
    }

    /// Length of the archive in bytes.
    pub(super) fn length(&self) -> u64 {
        self.end
    }

    /// Records that everything of a photo is in the archive, or why it is missing.
    pub(super) fn record(&mut self, id: i64, missing: Option<MissingReason>) -> io::Result<()> {
        // The archive comes first: the log must not name bytes that may get lost with this process.
        self.archive.flush()?;
        let record = PartRecord::new(id, self.end, missing, std::mem::take(&mut self.added));
        self.has_records = true;
        let mut line = serde_json::to_vec(&record)?;
        line.push(b'\n');
        self.log.write_all(&line)
    }

    /// Gives the complete archive its name, and removes the log.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.archive.flush()?;
        self.target.put(&self.path, self.archive.get_ref())?;
        // If it cannot be removed, the next download does so.
        let _ = std::fs::remove_file(self.target.beside(LOG));
        Ok(())
    }

    /// Removes an archive without photos.
    pub(super) fn discard_if_empty(&self) {
        if !self.has_records {
            let _ = std::fs::remove_file(&self.path);
            let _ = std::fs::remove_file(self.target.beside(LOG));
        }
    }
}

impl Write for ShardPart {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.archive.write(bytes)?;
        self.end += count as u64;
        self.added.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.archive.flush()
    }
}

/// The part of an unfinished archive and its log that is as it was written.
struct Intact {
    records: Vec<PartRecord>,
    /// Where the archive ends after them.
    end: u64,
    /// Where the log ends after them.
    log_end: u64,
}

fn intact(archive: &File, log: &File) -> io::Result<Intact> {
    let (mut archive, mut log) = (BufReader::with_capacity(BUFFER, archive), BufReader::new(log));
    let mut intact = Intact { records: Vec::new(), end: 0, log_end: 0 };
    let mut line = Vec::new();
    loop {
        line.clear();
        Read::by_ref(&mut log).take(LINE_MAX).read_until(b'\n', &mut line)?;
        let Ok(record) = serde_json::from_slice::<PartRecord>(&line) else { break };
        let Some(length) = record.end.checked_sub(intact.end).filter(|_| line.ends_with(b"\n")) else {
            break;
        };
        let mut added = Checksum::default();
        let count = io::copy(&mut Read::by_ref(&mut archive).take(length), &mut added)?;
        if count < length || PartRecord::new(record.id, record.end, record.missing, added.0) != record {
            break;
        }
        intact.end = record.end;
        intact.log_end += line.len() as u64;
        intact.records.push(record);
    }
    Ok(intact)
}

/// The numbers of the archives in a folder of which there is an unfinished one or a log, in order.
pub(crate) fn unfinished_shards(dir: &Path) -> io::Result<Vec<u32>> {
    let mut numbers = BTreeSet::new();
    for entry in dir.read_dir()? {
        let name = entry?.file_name();
        let name = name.to_str().unwrap_or_default();
        let tar = name.strip_suffix(PART).or_else(|| name.strip_suffix(LOG));
        numbers.extend(tar.and_then(number));
    }
    Ok(numbers.into_iter().collect())
}

/// Removes what is left of an archive that was finished.
pub(crate) fn remove_leftovers(dir: &Path, number: u32) {
    for suffix in [PART, LOG] {
        // What cannot be removed only takes space.
        let _ = std::fs::remove_file(dir.join(tar_name(number) + suffix));
    }
}
