//! Rows and pieces of sequences as bytes, in the journal that a later process reads.

use std::io::Cursor;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;

use super::part::Pieces;

/// The fastest level of zstd. It compresses numbers as text well enough.
const LEVEL: i32 = 1;

/// Rows as an Arrow IPC stream of one batch.
pub(crate) fn pack(rows: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut writer = StreamWriter::try_new(Vec::new(), rows.schema_ref())?;
    writer.write(rows)?;
    writer.into_inner()
}

/// The rows that [`pack`] was given.
pub(crate) fn unpack(bytes: &[u8]) -> Result<RecordBatch, ArrowError> {
    let mut batches = StreamReader::try_new(Cursor::new(bytes), None)?;
    batches.next().unwrap_or_else(|| Err(broken()))
}

fn broken() -> ArrowError {
    ArrowError::IpcError("these are no rows".into())
}

impl Pieces {
    /// What a tile shows, as bytes.
    pub(crate) fn pack(&self) -> Result<Vec<u8>, ArrowError> {
        let attributes = pack(&self.attributes)?;
        let mut bytes = (attributes.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(&attributes);
        let others = (&self.tile, &self.shown, &self.refused);
        serde_json::to_writer(&mut bytes, &others)
            .map_err(|e| ArrowError::from_external_error(Box::new(e)))?;
        Ok(zstd::bulk::compress(&bytes, LEVEL)?)
    }

    /// The pieces that [`Pieces::pack`] has turned into bytes.
    pub(crate) fn unpack(bytes: &[u8]) -> Result<Self, ArrowError> {
        let bytes = zstd::stream::decode_all(bytes)?;
        let (length, rest) = bytes.split_first_chunk().ok_or_else(broken)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (attributes, others) = rest.split_at_checked(length).ok_or_else(broken)?;
        let (tile, shown, refused) =
            serde_json::from_slice(others).map_err(|e| ArrowError::from_external_error(Box::new(e)))?;
        Ok(Self { tile, attributes: unpack(attributes)?, shown, refused })
    }
}
