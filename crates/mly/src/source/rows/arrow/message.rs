//! Messages of Arrow IPC (Arrow, "Serialization and Interprocess Communication").
//!
//! They are checked here before anything is decoded. The readers of `arrow-ipc` trust the offsets and lengths of a
//! message, and panic or allocate any amount of memory when these are wrong.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{RecordBatchDecoder, read_dictionary};
use arrow_ipc::{RecordBatch as Head, root_as_message};
use arrow_schema::SchemaRef;

use crate::error::{Error, Place, Result};
use crate::source::beginning::unreadable;

/// Bytes before the messages of a file. A file is read like a stream, since its footer only repeats where the messages
/// are.
const FILE_MARK: u64 = 8;

/// Most words of zeros that may follow the mark, because writers align the first message to up to 64 bytes.
const PADDING: usize = 14;

/// Bytes that the buffers of any message may unpack to, and by how much more for each byte of the message. The memory is
/// taken before anything is unpacked, and a hostile file can announce any size.
const MOST_UNPACKED: u64 = 1 << 30;
const MOST_PACKED_TO_ONE: u64 = 64;

/// The bytes before the length of each message.
const CONTINUATION: [u8; 4] = [0xFF; 4];

/// The messages of a stream or a file.
pub(super) struct Messages<R> {
    input: R,
    schema: SchemaRef,
    dictionaries: HashMap<i64, ArrayRef>,
    /// Rows so far.
    pub(super) rows: u64,
    /// Whether the mark at the end has been read. Streams that are cut off between two messages lack it.
    pub(super) is_complete: bool,
}

impl<R: Read> Messages<R> {
    /// The messages of a stream.
    pub(super) fn of_stream(input: R) -> Result<Self> {
        Self::begin(input, None)
    }

    /// The messages of a file.
    pub(super) fn of_file(mut input: R) -> Result<Self> {
        take_bytes(&mut input, FILE_MARK).map_err(|e| failure(e, 0))?;
        for _ in 0..=PADDING {
            match next_word(&mut input).map_err(|e| failure(e, 0))? {
                Some([0, 0, 0, 0]) => {}
                Some(begin) => return Self::begin(input, Some(begin)),
                None => break,
            }
        }
        Err(broken("there is no schema", 0))
    }

    fn begin(mut input: R, begin: Option<[u8; 4]>) -> Result<Self> {
        let begin = begin.map_or_else(|| next_word(&mut input), |begin| Ok(Some(begin)));
        let first = begin.and_then(|begin| message(begin, &mut input));
        let Some((head, _)) = first.map_err(|e| failure(e, 0))? else {
            return Err(broken("there is no schema", 0));
        };
        let schema = schema(&head).map_err(|what| broken(&what, 0))?;
        Ok(Self { input, schema, dictionaries: HashMap::new(), rows: 0, is_complete: false })
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The next rows, of the columns at these indexes.
    ///
    /// # Errors
    /// When they cannot be read, with the number of rows before them.
    pub(super) fn rows(&mut self, indexes: &[usize]) -> Result<Option<RecordBatch>> {
        loop {
            let rows = self.rows;
            let next = next_word(&mut self.input).map_err(|e| failure(e, rows))?;
            let Some((head, body)) = message(next, &mut self.input).map_err(|e| failure(e, rows))? else {
                self.is_complete = next.is_some();
                return Ok(None);
            };
            if let Some(batch) = self.decode(&head, body, indexes).map_err(|what| broken(&what, rows))? {
                self.rows += batch.num_rows() as u64;
                return Ok(Some(batch));
            }
        }
    }

    /// The rows of a message, or `None` if it is no batch of rows.
    fn decode(
        &mut self,
        head: &[u8],
        body: Vec<u8>,
        indexes: &[usize],
    ) -> Result<Option<RecordBatch>, String> {
        let message = root_as_message(head).map_err(|e| e.to_string())?;
        let version = message.version();
        if let Some(dictionary) = message.header_as_dictionary_batch() {
            let data = dictionary.data().ok_or("a dictionary has no words")?;
            check(&data, &body)?;
            let body = Buffer::from_vec(body);
            let read = read_dictionary(&body, dictionary, &self.schema, &mut self.dictionaries, &version);
            return read.map(|()| None).map_err(|e| e.to_string());
        }
        let Some(batch) = message.header_as_record_batch() else { return Ok(None) };
        check(&batch, &body)?;
        let body = Buffer::from_vec(body);
        let schema = Arc::clone(&self.schema);
        let decoder = RecordBatchDecoder::try_new(&body, batch, schema, &self.dictionaries, &version);
        let batch = decoder.and_then(|d| d.with_projection(Some(indexes)).read_record_batch());
        batch.map(Some).map_err(|e| e.to_string())
    }
}

/// Checks that a batch refers only to bytes that came with it, and does not unpack to more than can be.
fn check(batch: &Head<'_>, body: &[u8]) -> Result<(), String> {
    let bytes = |offset: i64, size: i64| {
        let begin = usize::try_from(offset).ok()?;
        body.get(begin..begin.checked_add(usize::try_from(size).ok()?)?)
    };
    let absent = || "a message tells of bytes that it does not have".to_owned();
    let mut nodes = batch.nodes().into_iter().flatten();
    if batch.length() < 0 || !nodes.all(|node| (0..=node.length()).contains(&node.null_count())) {
        return Err(absent());
    }
    let mut unpacked = 0;
    for buffer in batch.buffers().into_iter().flatten() {
        let bytes = bytes(buffer.offset(), buffer.length()).ok_or_else(absent)?;
        if batch.compression().is_some() && !bytes.is_empty() {
            unpacked = unpacked_size(bytes).and_then(|size| size.checked_add(unpacked)).ok_or_else(absent)?;
        }
    }
    if unpacked > MOST_UNPACKED + MOST_PACKED_TO_ONE * body.len() as u64 {
        return Err(format!("a message unpacks to {unpacked} bytes"));
    }
    Ok(())
}

/// Size of a packed buffer when it is unpacked, which stands before it; -1 marks one that was not worth packing.
fn unpacked_size(buffer: &[u8]) -> Option<u64> {
    let (size, rest) = buffer.split_first_chunk()?;
    match i64::from_le_bytes(*size) {
        -1 => Some(rest.len() as u64),
        size => u64::try_from(size).ok(),
    }
}

fn schema(head: &[u8]) -> Result<SchemaRef, String> {
    let message = root_as_message(head).map_err(|e| e.to_string())?;
    let schema = message.header_as_schema().ok_or("the first message is no schema")?;
    try_fb_to_schema(schema).map(Arc::new).map_err(|e| e.to_string())
}

/// Reads the message that begins with this word: its metadata and its body. `None` at the end.
fn message(begin: Option<[u8; 4]>, input: &mut impl Read) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let Some(mut length) = begin else { return Ok(None) };
    if length == CONTINUATION {
        length = next_word(input)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    }
    if length == [0; 4] {
        return Ok(None);
    }
    let head = take_bytes(input, u64::from(u32::from_le_bytes(length)))?;
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let size = root_as_message(&head).map_err(|e| invalid(e.to_string()))?.bodyLength();
    let size = u64::try_from(size).map_err(|e| invalid(e.to_string()))?;
    let body = take_bytes(input, size)?;
    Ok(Some((head, body)))
}

/// Four bytes, or `None` at the end of the input.
fn next_word(input: &mut impl Read) -> io::Result<Option<[u8; 4]>> {
    let bytes = take_some(input, 4)?;
    match <[u8; 4]>::try_from(bytes.as_slice()) {
        Ok(word) => Ok(Some(word)),
        Err(_) if bytes.is_empty() => Ok(None),
        Err(_) => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Reads `count` bytes. Memory grows with the bytes that are read, since a hostile message can announce more than it
/// has.
fn take_bytes(input: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let bytes = take_some(input, count)?;
    if bytes.len() as u64 == count { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn take_some(input: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn failure(error: io::Error, rows: u64) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => broken("it ends too early", rows),
        io::ErrorKind::InvalidData => broken(&error.to_string(), rows),
        _ => unreadable(error),
    }
}

pub(super) fn broken(what: &str, rows: u64) -> Error {
    Error::input(format!("the Arrow data cannot be read: {what}")).with_place(Place::AfterRow(rows))
}
