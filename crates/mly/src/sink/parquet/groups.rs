//! Row groups put into one file, and how to go on with it.
//!
//! The end of a Parquet file tells where everything is, so a file that breaks off is lost. Each group is therefore encoded
//! as a file of its own: its columns are copied into the result, and its end is kept beside it. From both, a later process
//! learns what is in the result already. Nothing is encoded twice.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::sync::Arc;

use bytes::Bytes;
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::writer::SerializedFileWriter;

use super::encode::Encoder;
use super::footer::Footer;
use crate::sink::destination::Destination;
use crate::sink::gate::Gate;
use crate::sink::growing::Growing;

/// What every file begins with.
const MAGIC: [u8; 4] = *b"PAR1";

/// Before each end: how many bytes of columns belong to it, and how many bytes it has itself.
const HEAD: u64 = 16;

/// The file of all groups.
pub(super) struct Groups {
    writer: SerializedFileWriter<Footer<Gate<Destination>>>,
    /// The ends of the groups, where somebody may go on.
    ends: Option<Growing>,
}

impl Groups {
    /// Goes on after the groups that a destination has already.
    pub(super) fn new(encoder: &Encoder, destination: Destination) -> Result<Self, ParquetError> {
        let columns = ArrowSchemaConverter::new().convert(&encoder.schema)?;
        let mut properties = encoder.properties.clone();
        add_encoded_arrow_schema_to_metadata(&encoder.schema, &mut properties);
        let ends = destination.is_lasting().then(|| destination.scratch("groups")).transpose()?;
        let known = destination.part().filter(|_| destination.settled().is_some());
        let gate = Gate { out: destination, is_open: known.is_none() };
        let footer = Footer::new(gate, columns.num_columns());
        let writer = SerializedFileWriter::new(footer, columns.root_schema_ptr(), Arc::new(properties))?;
        let mut groups = Self { writer, ends };
        if let Some(path) = known {
            groups.repeat(File::open(path)?)?;
        }
        Ok(groups)
    }

    /// Lets the writer know what is in a file.
    fn repeat(&mut self, data: File) -> Result<(), ParquetError> {
        if let Some(kept) = &self.ends {
            let mut data = BufReader::new(data);
            exactly(&mut data, MAGIC.len() as u64)?;
            let mut ends = BufReader::new(kept.reread()?);
            let mut left = kept.length();
            while left > 0 {
                let head = exactly(&mut ends, HEAD)?;
                let (sizes, _) = head.as_chunks::<8>();
                let size = |at: usize| sizes.get(at).map_or(0, |size| u64::from_le_bytes(*size));
                let file =
                    [MAGIC.to_vec(), exactly(&mut data, size(0))?, exactly(&mut ends, size(1))?].concat();
                append(&Bytes::from(file), &mut self.writer)?;
                left = left.saturating_sub(HEAD + size(1));
            }
        }
        self.release()?;
        self.writer.inner_mut().out_mut().is_open = true;
        Ok(())
    }

    /// Adds the group that is in a file.
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

    /// Hands everything to the destination.
    pub(super) fn release(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        self.writer.inner_mut().release()
    }

    /// Writes the end of the file.
    pub(super) fn finish(mut self, about: Option<KeyValue>) -> Result<Destination, ParquetError> {
        if let Some(about) = about {
            self.writer.append_key_value_metadata(about);
        }
        Ok(self.writer.into_inner()?.finish()?.out)
    }
}

fn exactly(from: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(count).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == count { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Copies the columns of a file, and says how many bytes they are.
fn append<W: Write + Send>(file: &Bytes, writer: &mut SerializedFileWriter<W>) -> Result<u64, ParquetError> {
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
