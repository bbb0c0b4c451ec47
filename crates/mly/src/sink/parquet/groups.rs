//! Splices row groups into one Parquet file, in a way that a later process can resume.
//!
//! The footer at the end of a Parquet file says where every column is, so a file that breaks off before it cannot be
//! read. Each row group is therefore first encoded as a complete Parquet file in memory. Its column chunks are copied
//! into the result as they are, and the rest of it (page indexes and footer) is appended to a second file beside the
//! result. A process that resumes reads only that second file: it says where the columns of the groups in the result
//! are, so that no column is encoded or read again.

use std::io::{self, BufReader, Read, Write};
use std::sync::Arc;

use arrow_schema::Schema;
use bytes::{Buf, Bytes};
use parquet::arrow::{ARROW_SCHEMA_META_KEY, ArrowSchemaConverter, encode_arrow_schema};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::writer::SerializedFileWriter;

use super::encode::GroupEncoder;
use super::footer::Footer;
use crate::file::{Destination, Gate, Growing};
use crate::sink::geo::GEO;

/// The first bytes of every Parquet file.
const MAGIC: [u8; 4] = *b"PAR1";

/// Bytes before each end in the second file: the length of the group's columns and the length of the end, 8 bytes each.
const HEAD: u64 = 16;

/// The file of all groups.
pub(super) struct Groups {
    writer: SerializedFileWriter<Gate<Footer<Destination>>>,
    /// The ends of the groups, if the destination can be resumed.
    ends: Option<Growing>,
}

impl Groups {
    /// Starts a file, or resumes one after the groups that its destination has already.
    pub(super) fn new(encoder: &GroupEncoder, destination: Destination) -> Result<Self, ParquetError> {
        let columns = ArrowSchemaConverter::new().convert(&encoder.schema)?;
        let properties = encoder.properties.clone();
        let ends = destination.is_lasting().then(|| destination.scratch("groups")).transpose()?;
        let is_begun = destination.saved_state().is_some();
        let gate = Gate { out: Footer::new(destination, columns.num_columns()), is_open: !is_begun };
        let writer = SerializedFileWriter::new(gate, columns.root_schema_ptr(), Arc::new(properties))?;
        let mut groups = Self { writer, ends };
        if is_begun {
            groups.repeat()?;
        }
        Ok(groups)
    }

    /// Adds the groups that are in the file already to the writer's footer. The gate is closed meanwhile, so that
    /// nothing is written a second time.
    fn repeat(&mut self) -> Result<(), ParquetError> {
        if let Some(kept) = &self.ends {
            let mut ends = BufReader::new(kept.reread()?);
            let mut left = kept.length();
            while left > 0 {
                let head = exactly(&mut ends, HEAD)?;
                let (sizes, _) = head.as_chunks::<8>();
                let size = |at: usize| sizes.get(at).map_or(0, |size| u64::from_le_bytes(*size));
                let end = Bytes::from(exactly(&mut ends, size(1))?);
                append(&GroupEnd { columns: size(0), end }, &mut self.writer)?;
                left = left.saturating_sub(HEAD + size(1));
            }
        }
        self.writer.flush()?;
        self.writer.inner_mut().is_open = true;
        Ok(())
    }

    /// Adds the row group of an encoded file, and keeps the end of that file.
    pub(super) fn add(&mut self, file: Vec<u8>) -> Result<(), ParquetError> {
        let file = Bytes::from(file);
        let columns = append(&file, &mut self.writer)?;
        if let Some(ends) = &mut self.ends {
            let begin = usize::try_from(columns).unwrap_or(usize::MAX).saturating_add(MAGIC.len());
            let end = file.get(begin..).unwrap_or_default();
            ends.write_all(&[columns, end.len() as u64].map(u64::to_le_bytes).concat())?;
            ends.write_all(end)?;
        }
        Ok(())
    }

    /// Writes all bytes so far to the destination.
    pub(super) fn release(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        self.writer.inner_mut().out.release()
    }

    /// Writes the footer, with the metadata of the schema and `geo` in it.
    ///
    /// They are in the encoded Arrow schema too, because Arrow C++ (pyarrow and what is built on it) takes the metadata
    /// of the schema from there alone if there is one.
    pub(super) fn finish(
        mut self,
        schema: &Schema,
        geo: Option<String>,
    ) -> Result<Destination, ParquetError> {
        let mut pairs = schema.metadata().clone();
        pairs.extend(geo.map(|geo| (GEO, geo)));
        let arrow_schema = encode_arrow_schema(&schema.clone().with_metadata(pairs.clone()));
        for (key, value) in &pairs {
            self.writer.append_key_value_metadata(KeyValue::new(key.clone(), value.clone()));
        }
        self.writer.append_key_value_metadata(KeyValue::new(ARROW_SCHEMA_META_KEY.to_owned(), arrow_schema));
        Ok(self.writer.into_inner()?.out.finish()?)
    }
}

/// The file of a group of which only the end was kept. Where its columns were it reads as zeros: they are in the result
/// already, and the closed [`Gate`] drops what is copied.
struct GroupEnd {
    columns: u64,
    end: Bytes,
}

impl GroupEnd {
    /// What follows an offset of the file: the number of zeros, and then these bytes of the end.
    fn from(&self, start: u64) -> (u64, Bytes) {
        let begin = MAGIC.len() as u64 + self.columns;
        let skip = usize::try_from(start.saturating_sub(begin)).unwrap_or(usize::MAX);
        (begin.saturating_sub(start), self.end.slice(skip.min(self.end.len())..))
    }
}

impl Length for GroupEnd {
    fn len(&self) -> u64 {
        MAGIC.len() as u64 + self.columns + self.end.len() as u64
    }
}

impl ChunkReader for GroupEnd {
    type T = io::Chain<io::Take<io::Repeat>, bytes::buf::Reader<Bytes>>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let (zeros, end) = self.from(start);
        Ok(io::repeat(0).take(zeros).chain(end.reader()))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        Ok(exactly(&mut self.get_read(start)?, length as u64)?.into())
    }
}

/// Reads this many bytes, or fails when there are fewer.
fn exactly(from: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(count).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == count { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Copies the encoded column chunks of a file into the writer's, and returns their length in bytes.
fn append<W: Write + Send>(
    file: &impl ChunkReader,
    writer: &mut SerializedFileWriter<W>,
) -> Result<u64, ParquetError> {
    let metadata: ParquetMetaData = ParquetMetaDataReader::new()
        .with_page_index_policy(PageIndexPolicy::Optional)
        .parse_and_finish(file)?;
    let mut columns = 0;
    for (number, rows) in metadata.row_groups().iter().enumerate() {
        let pages = metadata.page_index_for_row_group(number);
        let mut to = writer.next_row_group()?;
        for (column, chunk) in rows.columns().iter().enumerate() {
            let bytes_written = u64::try_from(chunk.compressed_size()).unwrap_or_default();
            columns += bytes_written;
            let close = ColumnCloseResult {
                bytes_written,
                rows_written: u64::try_from(rows.num_rows()).unwrap_or_default(),
                metadata: chunk.clone(),
                bloom_filter: None,
                column_index: pages.column_index(column).cloned(),
                offset_index: pages.offset_index(column).cloned(),
            };
            to.append_column(file, close)?;
        }
        to.close()?;
    }
    Ok(columns)
}
