//! Ids of Arrow IPC streams and files.
//!
//! Messages are looked at here and only their ids decoded, because the readers of the library trust the offsets that a
//! message gives (Arrow, "Serialization and Interprocess Communication").

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::RecordBatchDecoder;
use arrow_ipc::{MetadataVersion, root_as_message};
use arrow_schema::SchemaRef;

use super::beginning::unreadable;
use super::collector::Collector;
use super::ids_column::IdsColumn;
use super::row::{Columns, Row};
use crate::error::{Error, Result};

/// Bytes of the mark before a file's messages. After the messages, a file only repeats where they are.
const FILE_MARK: u64 = 8;

/// Words of zeros that may follow the mark: writers align the first message to 64 bytes at most.
const PADDING: usize = 14;

/// Stands before the length of each message.
const CONTINUATION: [u8; 4] = [0xFF; 4];

/// Takes the rows of a file.
pub(super) fn read_file(mut input: impl Read, collector: &mut Collector<'_>) -> Result<()> {
    take_bytes(&mut input, FILE_MARK).map_err(|e| failure(&e, 0))?;
    for _ in 0..=PADDING {
        match word(&mut input).map_err(|e| failure(&e, 0))? {
            Some([0, 0, 0, 0]) => {}
            Some(begin) => return read_stream(begin.chain(input), collector),
            None => break,
        }
    }
    Err(broken("there is no schema", 0))
}

/// Takes the rows of a stream.
pub(super) fn read_stream(mut input: impl Read, collector: &mut Collector<'_>) -> Result<()> {
    let Some((head, _)) = message(&mut input).map_err(|e| failure(&e, 0))? else {
        return Err(broken("there is no schema", 0));
    };
    let schema = schema(&head).map_err(|what| broken(&what, 0))?;
    let ids = Projection::of(&schema)?;
    let mut count = 0;
    while let Some((head, body)) = message(&mut input).map_err(|e| failure(&e, count))? {
        let Some(batch) = ids.decode(&head, body).map_err(|what| broken(&what, count))? else { continue };
        let columns: Option<Vec<_>> = batch.columns().iter().map(IdsColumn::of).collect();
        let columns = columns.ok_or_else(|| broken("a column is of another type", count))?;
        for row in 0..batch.num_rows() {
            count += 1;
            let text = |at: Option<usize>| columns.get(at?)?.text(row);
            let [id, image_id, map_feature_id] = ids.places.map(text);
            let row = Row { id, image_id, map_feature_id, columns: ids.names, is_lines: false };
            collector.take(row, &|| format!("row {count}"))?;
        }
    }
    Ok(())
}

/// The columns that are read.
struct Projection {
    schema: SchemaRef,
    /// Their indexes in the schema.
    indexes: Vec<usize>,
    /// Where `id`, `image_id` and `map_feature_id` stand among the columns that are read.
    places: [Option<usize>; 3],
    names: Columns,
}

impl Projection {
    fn of(schema: &SchemaRef) -> Result<Self> {
        let (mut indexes, mut names) = (Vec::new(), Columns::default());
        schema.fields().iter().for_each(|field| names.insert(field.name()));
        let mut places = [None; 3];
        for (place, name) in places.iter_mut().zip(["id", "image_id", "map_feature_id"]) {
            let Some((index, field)) = schema.column_with_name(name) else { continue };
            if !IdsColumn::is_type(field.data_type()) {
                let what = format!("column {name} is of type {}", field.data_type());
                return Err(Error::query(what).with_hint("ids are whole numbers or text"));
            }
            *place = Some(indexes.len());
            indexes.push(index);
        }
        if places[0].is_none() {
            let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            let hint = format!("the columns are: {}", names.join(", "));
            return Err(Error::query("there is no column id").with_hint(hint));
        }
        Ok(Self { schema: SchemaRef::clone(schema), indexes, places, names })
    }

    /// The ids of a message, or `None` if it is no batch of rows.
    fn decode(&self, head: &[u8], body: Vec<u8>) -> Result<Option<RecordBatch>, String> {
        let message = root_as_message(head).map_err(|e| e.to_string())?;
        let Some(batch) = message.header_as_record_batch() else { return Ok(None) };
        let fits = |offset: i64, length: i64| {
            let end = usize::try_from(offset).ok()?.checked_add(usize::try_from(length).ok()?)?;
            (end <= body.len()).then_some(())
        };
        let rows = batch.length();
        let mut buffers = batch.buffers().into_iter().flatten();
        let mut nodes = batch.nodes().into_iter().flatten();
        if !buffers.all(|buffer| fits(buffer.offset(), buffer.length()).is_some())
            || !nodes.all(|node| (0..=node.length()).contains(&node.null_count()))
            || rows < 0
        {
            return Err("a message tells of bytes that it does not have".to_owned());
        }
        let (version, dictionaries, body): (MetadataVersion, _, _) =
            (message.version(), HashMap::new(), Buffer::from_vec(body));
        let decoder =
            RecordBatchDecoder::try_new(&body, batch, Arc::clone(&self.schema), &dictionaries, &version);
        let batch = decoder.and_then(|d| d.with_projection(Some(&self.indexes)).read_record_batch());
        batch.map(Some).map_err(|e| e.to_string())
    }
}

fn schema(head: &[u8]) -> Result<SchemaRef, String> {
    let message = root_as_message(head).map_err(|e| e.to_string())?;
    let schema = message.header_as_schema().ok_or("the first message is no schema")?;
    try_fb_to_schema(schema).map(Arc::new).map_err(|e| e.to_string())
}

/// The next message: what it says, and its bytes. `None` at the end.
fn message(input: &mut impl Read) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let Some(mut length) = word(input)? else { return Ok(None) };
    if length == CONTINUATION {
        length = word(input)?.ok_or(io::ErrorKind::UnexpectedEof)?;
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

/// Four bytes, or `None` where the input ends before them.
fn word(input: &mut impl Read) -> io::Result<Option<[u8; 4]>> {
    let bytes = take_some(input, 4)?;
    match <[u8; 4]>::try_from(bytes.as_slice()) {
        Ok(word) => Ok(Some(word)),
        Err(_) if bytes.is_empty() => Ok(None),
        Err(_) => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// So many bytes. Memory grows with those that come, not with those that are promised.
fn take_bytes(input: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let bytes = take_some(input, count)?;
    if bytes.len() as u64 == count { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn take_some(input: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn failure(error: &io::Error, rows: u64) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => broken("it ends too early", rows),
        io::ErrorKind::InvalidData => broken(&error.to_string(), rows),
        _ => unreadable(error),
    }
}

fn broken(what: &str, rows: u64) -> Error {
    Error::query(format!("the Arrow data cannot be read after row {rows}: {what}"))
}
