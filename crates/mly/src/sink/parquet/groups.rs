//! Row groups that wait to be put into one file.
//!
//! The end of a Parquet file tells where everything is, so a file that breaks off is lost. Each row group is therefore a
//! file of its own at first, and their bytes are put together at the end: nothing is encoded again.

use std::io::{self, BufReader, Read, Write};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter, add_encoded_arrow_schema_to_metadata};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

use super::footer::Footer;
use crate::sink::growing::Growing;

/// Bytes before each group that tell how many bytes it has.
const HEAD: u64 = 8;

/// Row groups, one after the other.
pub(super) struct Groups {
    schema: SchemaRef,
    properties: WriterProperties,
    spool: Growing,
}

impl Groups {
    /// Goes on after the groups that are in a file already.
    pub(super) fn new(schema: &SchemaRef, properties: WriterProperties, spool: Growing) -> Self {
        Self { schema: SchemaRef::clone(schema), properties, spool }
    }

    /// Adds a group of rows.
    pub(super) fn add(&mut self, rows: &RecordBatch) -> Result<(), ParquetError> {
        let schema = SchemaRef::clone(&self.schema);
        let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(self.properties.clone()))?;
        writer.write(rows)?;
        let group = writer.into_inner()?;
        self.spool.write_all(&(group.len() as u64).to_le_bytes())?;
        Ok(self.spool.write_all(&group)?)
    }

    /// Writes the file of all groups.
    pub(super) fn write<W: Write + Send>(&self, out: W, about: Option<KeyValue>) -> Result<W, ParquetError> {
        let columns = ArrowSchemaConverter::new().convert(&self.schema)?;
        let mut properties = self.properties.clone();
        add_encoded_arrow_schema_to_metadata(&self.schema, &mut properties);
        let footer = Footer::new(out, columns.num_columns());
        let mut writer = SerializedFileWriter::new(footer, columns.root_schema_ptr(), Arc::new(properties))?;
        let mut spool = BufReader::new(self.spool.reread()?);
        let mut left = self.spool.length();
        while left > 0 {
            let mut head = [0; HEAD as usize];
            spool.read_exact(&mut head)?;
            let length = u64::from_le_bytes(head);
            let mut group = Vec::new();
            (&mut spool).take(length).read_to_end(&mut group)?;
            if group.len() as u64 != length {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            append(&Bytes::from(group), &mut writer)?;
            left = left.saturating_sub(HEAD + length);
        }
        if let Some(about) = about {
            writer.append_key_value_metadata(about);
        }
        Ok(writer.into_inner()?.finish()?)
    }
}

/// Copies the row groups of a file.
fn append<W: Write + Send>(
    group: &Bytes,
    writer: &mut SerializedFileWriter<Footer<W>>,
) -> Result<(), ParquetError> {
    let metadata: ParquetMetaData = ParquetMetaDataReader::new()
        .with_page_index_policy(PageIndexPolicy::Optional)
        .parse_and_finish(group)?;
    for (number, rows) in metadata.row_groups().iter().enumerate() {
        let pages = metadata.page_index_for_row_group(number);
        let mut to = writer.next_row_group()?;
        for (column, chunk) in rows.columns().iter().enumerate() {
            let close = ColumnCloseResult {
                bytes_written: u64::try_from(chunk.compressed_size()).unwrap_or_default(),
                rows_written: u64::try_from(rows.num_rows()).unwrap_or_default(),
                metadata: chunk.clone(),
                bloom_filter: None,
                column_index: pages.column_index(column).cloned(),
                offset_index: pages.offset_index(column).cloned(),
            };
            to.append_column(group, close)?;
        }
        to.close()?;
    }
    Ok(())
}
