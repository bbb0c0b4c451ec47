//! Journals, read as their format is described: frames of twelve bytes, a head as JSON, and bytes.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// A record: its head, the bytes behind it, and where it ends in the file.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) head: Value,
    pub(super) rest: Vec<u8>,
    pub(super) end: usize,
}

/// The records of a folder of unfinished work.
pub(super) fn records(folder: &Path) -> Vec<Record> {
    let bytes = fs::read(folder.join("journal")).unwrap();
    let mut records = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let word = |n: usize| u32::from_le_bytes(bytes[at + 4 * n..at + 4 * n + 4].try_into().unwrap());
        let (size, head, sum) = (word(0) as usize, word(1) as usize, word(2));
        let record = &bytes[at + 12..at + 12 + size];
        assert_eq!(crc(&[&bytes[at..at + 8], record].concat()), sum);
        at += 12 + size;
        let (head, rest) = (serde_json::from_slice(&record[..head]).unwrap(), record[head..].to_vec());
        records.push(Record { head, rest, end: at });
    }
    records
}

/// Writes records in the place of those that are there.
pub(super) fn rewrite(folder: &Path, records: &[Record]) {
    let mut bytes = Vec::new();
    for record in records {
        let head = serde_json::to_vec(&record.head).unwrap();
        let all = [head.as_slice(), &record.rest].concat();
        let sizes = [all.len() as u32, head.len() as u32].map(u32::to_le_bytes).concat();
        let sum = crc(&[sizes.as_slice(), &all].concat());
        bytes.extend([sizes, sum.to_le_bytes().to_vec(), all].concat());
    }
    fs::write(folder.join("journal"), bytes).unwrap();
}

/// CRC-32 as in zip files, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}
