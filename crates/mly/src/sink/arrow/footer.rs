//! The footer of an Arrow IPC file (Arrow, "IPC File Format"), by which readers find any batch.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};

use arrow_ipc::convert::IpcSchemaEncoder;
use arrow_ipc::writer::DictionaryTracker;
use arrow_ipc::{Block, FooterBuilder, MessageHeader, MetadataVersion, root_as_message};
use arrow_schema::Schema;
use flatbuffers::FlatBufferBuilder;

/// The last bytes of a file.
const MARK: &[u8; 6] = b"ARROW1";

/// Bytes before a message: a mark, and the length of its head.
const PREFIX: usize = 8;

/// Where the messages of a file stand.
#[derive(Default)]
struct Blocks {
    dictionaries: Vec<Block>,
    batches: Vec<Block>,
}

/// The bytes after the stream that begins at an offset of a file.
pub(super) fn of(file: &File, begin: u64, schema: &Schema) -> io::Result<Vec<u8>> {
    let blocks = blocks(file, begin)?;
    let mut builder = FlatBufferBuilder::new();
    let dictionaries = builder.create_vector(&blocks.dictionaries);
    let batches = builder.create_vector(&blocks.batches);
    let mut tracker = DictionaryTracker::new(true);
    let schema = IpcSchemaEncoder::new()
        .with_dictionary_tracker(&mut tracker)
        .schema_to_fb_offset(&mut builder, schema);
    let mut footer = FooterBuilder::new(&mut builder);
    footer.add_version(MetadataVersion::V5);
    footer.add_schema(schema);
    footer.add_dictionaries(dictionaries);
    footer.add_recordBatches(batches);
    let footer = footer.finish();
    builder.finish(footer, None);
    let footer = builder.finished_data();
    let length = i32::try_from(footer.len()).or(Err(broken("its footer is longer than 2 GiB")))?;
    Ok([footer, &length.to_le_bytes(), MARK].concat())
}

/// Reads the heads of all messages. The bodies are skipped.
fn blocks(file: &File, begin: u64) -> io::Result<Blocks> {
    let mut file = BufReader::new(file);
    file.seek(SeekFrom::Start(begin))?;
    let (mut at, mut blocks) = (begin, Blocks::default());
    loop {
        let mut prefix = [0; PREFIX];
        file.read_exact(&mut prefix)?;
        let [_, _, _, _, length @ ..] = prefix;
        let length = i32::from_le_bytes(length);
        if length == 0 {
            return Ok(blocks);
        }
        let mut head = vec![0; usize::try_from(length).or(Err(broken("a message has no length")))?];
        file.read_exact(&mut head)?;
        let message = root_as_message(&head).map_err(|e| broken(&e.to_string()))?;
        let body = message.bodyLength();
        let header = PREFIX as u64 + head.len() as u64;
        let size = || Some((i64::try_from(at).ok()?, i32::try_from(header).ok()?));
        let (offset, header_length) = size().ok_or_else(|| broken("a message is too long"))?;
        let block = Block::new(offset, header_length, body);
        match message.header_type() {
            MessageHeader::DictionaryBatch => blocks.dictionaries.push(block),
            MessageHeader::RecordBatch => blocks.batches.push(block),
            _ => {}
        }
        file.seek_relative(body)?;
        at += header + u64::try_from(body).or(Err(broken("a message has no length")))?;
    }
}

/// The error that the file is not what was written into it.
fn broken(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("the unfinished file was changed: {what}"))
}
