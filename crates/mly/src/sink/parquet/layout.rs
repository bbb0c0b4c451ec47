//! Encoding, compression and statistics of the columns, chosen by the kind of value for small files that are quick to
//! write.

use arrow_schema::{DataType, Field, Schema};
use parquet::basic::{Compression, Encoding, Type, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

/// The properties of a file with these columns; `covering` is the name of the column of boxes.
pub(super) fn properties(
    schema: &Schema,
    columns: &SchemaDescriptor,
    covering: Option<&str>,
) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        // Row groups end where the window of sorted rows does.
        .set_max_row_group_row_count(None)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for leaf in columns.columns() {
        let root = leaf.path().parts().first().map_or("", String::as_str);
        let is_repeated = leaf.max_rep_level() > 0;
        let data_type = schema.field_with_name(root).map(Field::data_type).ok();
        properties = match leaf.physical_type() {
            Type::FLOAT if Some(root) == covering => boxes(properties, leaf),
            Type::FLOAT | Type::DOUBLE => floats(properties, leaf, is_repeated),
            Type::INT64 => integers(properties, leaf, data_type),
            Type::BYTE_ARRAY if data_type == Some(&DataType::Binary) => geometries(properties, leaf),
            // The default is a dictionary, which suits texts that repeat. The writer drops it early when they do not.
            _ => properties,
        };
    }
    properties.build()
}

/// Boxes have statistics per page too, so that readers can skip pages of a row group.
fn boxes(properties: WriterPropertiesBuilder, leaf: &ColumnDescriptor) -> WriterPropertiesBuilder {
    floats(properties, leaf, false)
        .set_column_statistics_enabled(leaf.path().clone(), EnabledStatistics::Page)
}

fn floats(
    properties: WriterPropertiesBuilder,
    leaf: &ColumnDescriptor,
    is_repeated: bool,
) -> WriterPropertiesBuilder {
    // Lists hold the parameters of cameras, which repeat from row to row; other floats hardly repeat.
    properties
        .set_column_dictionary_enabled(leaf.path().clone(), is_repeated)
        .set_column_encoding(leaf.path().clone(), Encoding::BYTE_STREAM_SPLIT)
}

fn integers(
    properties: WriterPropertiesBuilder,
    leaf: &ColumnDescriptor,
    data_type: Option<&DataType>,
) -> WriterPropertiesBuilder {
    // Ids of users and organisations repeat in many rows, so they get a dictionary. The `id` column and times do not.
    let is_unique = leaf.name() == "id" || matches!(data_type, Some(DataType::Timestamp(..)));
    properties
        .set_column_dictionary_enabled(leaf.path().clone(), !is_unique)
        .set_column_encoding(leaf.path().clone(), Encoding::DELTA_BINARY_PACKED)
}

/// WKB hardly repeats, and the least and greatest of its bytes say nothing about where a geometry is.
fn geometries(properties: WriterPropertiesBuilder, leaf: &ColumnDescriptor) -> WriterPropertiesBuilder {
    properties
        .set_column_dictionary_enabled(leaf.path().clone(), false)
        .set_column_statistics_enabled(leaf.path().clone(), EnabledStatistics::None)
}
