//! Files that other programs have packed.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use insta::assert_snapshot;
use mly::source::{self, Kind};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;

use super::{read, said};
use crate::sinks::batch;

/// Rows that are worth packing.
fn rows() -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(1..=5000));
    let texts: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..5000).map(|n| format!("value {}", n % 7))));
    batch(vec![("id", &[], ids), ("make", &[], texts)])
}

fn packed(how: CompressionType, as_file: bool) -> Vec<u8> {
    let (rows, options) = (rows(), IpcWriteOptions::default().try_with_compression(Some(how)).unwrap());
    if as_file {
        let mut writer = FileWriter::try_new_with_options(Vec::new(), &rows.schema(), options).unwrap();
        writer.write(&rows).unwrap();
        return writer.into_inner().unwrap();
    }
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &rows.schema(), options).unwrap();
    writer.write(&rows).unwrap();
    writer.into_inner().unwrap()
}

fn assert_whole(path: &Path) {
    let found = read(path).unwrap();
    let ids = found.iter().flat_map(|rows| rows.column(0).as_primitive::<Int64Type>().values().to_vec());
    assert!(ids.eq(1..=5000), "{}", path.display());
    let ids = source::ids(std::fs::File::open(path).unwrap(), &[Kind::Image]).unwrap().ids;
    assert_eq!(ids.len(), 5000);
}

#[test]
fn arrow_packed_with_lz4_or_zstd_is_read_as_a_file_and_as_a_stream() {
    let folder = tempfile::tempdir().unwrap();
    for how in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
        for as_file in [true, false] {
            let path = folder.path().join("a.arrow");
            std::fs::write(&path, packed(how, as_file)).unwrap();
            assert_whole(&path);
        }
    }
}

#[test]
fn parquet_packed_with_any_usual_codec_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        let (path, rows) = (folder.path().join("a.parquet"), rows());
        let properties = WriterProperties::builder().set_compression(codec).build();
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, rows.schema(), Some(properties)).unwrap();
        writer.write(&rows).unwrap();
        writer.close().unwrap();
        assert_whole(&path);
    }
}

#[test]
fn feather_as_pandas_writes_it_is_read() {
    let path = Path::new("../../fixtures/foreign/pandas-lz4.feather");
    let found = read(path).unwrap();
    assert!(found.iter().map(RecordBatch::num_rows).sum::<usize>() > 0);
    let ids = source::ids(std::fs::File::open(path).unwrap(), &[Kind::Image]).unwrap();
    assert!(!ids.ids.is_empty());
}

#[test]
fn what_is_packed_otherwise_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let told = |bytes: &[u8]| {
        let path = folder.path().join("a");
        std::fs::write(&path, bytes).unwrap();
        said(&path)
    };
    let all = [
        told(b"PK\x03\x04 and so on"),
        told(b"BZh91AY"),
        told(b"FEA1\0\0\0\0"),
        told(b"\x00\x00\x27\x0A\0\0\0\0"),
        told(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
    ];
    assert_snapshot!(all.join("\n"), @r"
    this is a zip archive, or a spreadsheet, which cannot be read
      hint: unpack it, or save the spreadsheet as CSV
    this is packed with bzip2, which cannot be read
      hint: unpack it
    this is a Feather file of version 1, which cannot be read
      hint: write it as version 2, which pandas and pyarrow do since 2020
    the shapefile cannot be read: failed to fill whole buffer
      hint: write the file again
    this is an old spreadsheet or document, which cannot be read
      hint: save it as CSV
    ");
}

#[test]
fn a_size_that_no_message_has_is_an_error_and_takes_no_memory() {
    let bytes = packed(CompressionType::LZ4_FRAME, false);
    // The size of the ids stands before them.
    let size = (5000_i64 * 8).to_le_bytes();
    let at = bytes.windows(8).position(|window| window == size).unwrap();
    for wrong in [i64::MAX, 1 << 40, -2, 7] {
        let mut bytes = bytes.clone();
        bytes[at..at + 8].copy_from_slice(&wrong.to_le_bytes());
        assert!(source::ids(bytes.as_slice(), &[Kind::Image]).is_err(), "{wrong}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn packed_bytes_that_are_damaged_are_read_without_a_panic(
        is_lz4 in any::<bool>(), as_file in any::<bool>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = packed(if is_lz4 { CompressionType::LZ4_FRAME } else { CompressionType::ZSTD }, as_file);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = source::ids(bytes.as_slice(), &[Kind::Image]);
    }
}
