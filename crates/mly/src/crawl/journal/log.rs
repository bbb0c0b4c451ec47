//! A log of records with checksums. If its end is damaged, all records before the damage can be read.
//!
//! A process can be killed in the middle of a write, and after a loss of power a file may have its new length but zeros
//! or old bytes at its end. Lengths alone would not detect the latter, so each record has a checksum.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes of the frame before each record: its length, the length of its head, and a CRC-32 of both and of the record;
/// as unsigned 32-bit numbers, little-endian.
const FRAME: usize = 12;

/// The longest record in bytes, so that a damaged length cannot make the reader allocate any amount of memory.
const MOST_BYTES: u32 = 1 << 30;

/// A file of records.
#[derive(Debug)]
pub(super) struct JournalLog {
    file: File,
}

impl JournalLog {
    pub(super) fn new(file: File) -> Self {
        Self { file }
    }

    /// Appends a record of a head, as JSON, and bytes. It is a single write, so that a crash cuts at most the last
    /// record.
    pub(super) fn append<H: Serialize>(&mut self, head: &H, bytes: &[u8]) -> io::Result<()> {
        let head = serde_json::to_vec(head)?;
        let mut record = vec![0; FRAME];
        record.extend_from_slice(&head);
        record.extend_from_slice(bytes);
        let too_big = |_| io::Error::from(io::ErrorKind::FileTooLarge);
        let sizes = [record.len() - FRAME, head.len()].map(u32::try_from);
        let [size, head] = sizes.map(|size| size.map_err(too_big));
        let (size, head) = (size?, head?);
        let sum = sum(size, head, record.get(FRAME..).unwrap_or_default());
        for (place, value) in record.chunks_exact_mut(4).zip([size, head, sum]) {
            place.copy_from_slice(&value.to_le_bytes());
        }
        self.file.write_all(&record)
    }

    /// Waits until the records are on the disk, so that a loss of power cannot take them away.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Removes all records after a position, which is the end of a record or 0.
    pub(super) fn cut(&mut self, end: u64) -> io::Result<()> {
        self.file.set_len(end)?;
        self.file.seek(SeekFrom::End(0)).map(drop)
    }

    pub(super) fn is_empty(&self) -> io::Result<bool> {
        Ok(self.file.metadata()?.len() == 0)
    }

    /// Whether the log ends within its first record. A first record that is complete but unreadable was written by
    /// another program or another version.
    pub(super) fn is_torn(&mut self) -> io::Result<bool> {
        self.file.rewind()?;
        let mut records = LogRecords::new(BufReader::with_capacity(FRAME, &self.file));
        if !records.take(FRAME as u64)? {
            return Ok(true);
        }
        let size = records.record.first_chunk().map_or(0, |size| u32::from_le_bytes(*size));
        Ok(size <= MOST_BYTES && self.file.metadata()?.len() < FRAME as u64 + u64::from(size))
    }

    /// Reads the records from the beginning up to the first damaged one.
    pub(super) fn records(&mut self) -> io::Result<LogRecords<'_>> {
        self.file.rewind()?;
        Ok(LogRecords::new(BufReader::with_capacity(1 << 20, &self.file)))
    }
}

/// The checksum of a record: of its two lengths and all its bytes.
fn sum(size: u32, head: u32, record: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&size.to_le_bytes());
    sum.update(&head.to_le_bytes());
    sum.update(record);
    sum.finalize()
}

/// Reads records.
pub(super) struct LogRecords<'a> {
    file: BufReader<&'a File>,
    /// The bytes of the frame or record that was read last.
    record: Vec<u8>,
    /// Position after the last intact record.
    end: u64,
}

impl<'a> LogRecords<'a> {
    const fn new(file: BufReader<&'a File>) -> Self {
        Self { file, record: Vec::new(), end: 0 }
    }

    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// The next record; `None` at the end of the log, or if the record is cut off, damaged, or has a head of another
    /// type.
    pub(super) fn next<H: DeserializeOwned>(&mut self) -> io::Result<Option<(H, &[u8])>> {
        if !self.take(FRAME as u64)? {
            return Ok(None);
        }
        let (words, _) = self.record.as_chunks::<4>();
        let word = |at: usize| words.get(at).map_or(0, |word| u32::from_le_bytes(*word));
        let (size, head, expected) = (word(0), word(1), word(2));
        if size > MOST_BYTES || head > size {
            return Ok(None);
        }
        if !self.take(size.into())? || sum(size, head, &self.record) != expected {
            return Ok(None);
        }
        let (head, bytes) =
            self.record.split_at(usize::try_from(head).unwrap_or(usize::MAX).min(self.record.len()));
        let Ok(head) = serde_json::from_slice(head) else { return Ok(None) };
        self.end += FRAME as u64 + u64::from(size);
        Ok(Some((head, bytes)))
    }

    /// Reads `count` bytes into `record`; `false` if the file has fewer.
    fn take(&mut self, count: u64) -> io::Result<bool> {
        self.record.clear();
        (&mut self.file).take(count).read_to_end(&mut self.record)?;
        Ok(self.record.len() as u64 == count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let mut log = JournalLog::new(file);
        let mut records = log.records().unwrap();
        std::iter::from_fn(|| records.next().unwrap().map(|(head, bytes)| (head, bytes.to_vec()))).collect()
    }

    fn written(records: &[(u32, Vec<u8>)]) -> Vec<u8> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut log = JournalLog::new(file.reopen().unwrap());
        for (head, bytes) in records {
            log.append(head, bytes).unwrap();
        }
        std::fs::read(file.path()).unwrap()
    }

    proptest! {
        #[test]
        fn a_log_that_breaks_off_anywhere_holds_its_first_records(
            records in proptest::collection::vec((any::<u32>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..6), share in 0.0..=1.0_f64) {
            let bytes = written(&records);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "some place in it")]
            let cut = (bytes.len() as f64 * share) as usize;
            let left = read(&bytes[..cut]);
            prop_assert_eq!(&left[..], &records[..left.len()]);
            let whole = (0..=records.len()).rfind(|n| written(&records[..*n]).len() <= cut).unwrap();
            prop_assert_eq!(left.len(), whole);
        }

        #[test]
        fn a_log_with_a_wrong_byte_holds_what_stands_before_it(
            records in proptest::collection::vec((any::<u32>(), proptest::collection::vec(any::<u8>(), 0..40)), 1..6), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
            let mut bytes = written(&records);
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            let left = read(&bytes);
            let sound = (0..=records.len()).rfind(|n| written(&records[..*n]).len() <= at).unwrap();
            prop_assert_eq!(&left[..], &records[..sound]);
        }

        #[test]
        fn any_bytes_are_a_log(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            read(&bytes);
        }
    }
}
