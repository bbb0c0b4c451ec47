//! How columns are stored: what each kind of value is small in, and quick.

use arrow_schema::{DataType, Field, Schema};
use parquet::basic::{Compression, Encoding, Type, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

/// The properties of a file with these columns, of which one may hold boxes.
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
            // Texts repeat themselves, and a dictionary of those that do not is given up early.
            _ => properties,
        };
    }
    properties.build()
}

/// What readers look at to pass over rows, page by page where they can.
fn boxes(properties: WriterPropertiesBuilder, leaf: &ColumnDescriptor) -> WriterPropertiesBuilder {
    floats(properties, leaf, false)
        .set_column_statistics_enabled(leaf.path().clone(), EnabledStatistics::Page)
}

fn floats(
    properties: WriterPropertiesBuilder,
    leaf: &ColumnDescriptor,
    is_repeated: bool,
) -> WriterPropertiesBuilder {
    // Lists repeat the numbers of a camera; other floats hardly repeat.
    properties
        .set_column_dictionary_enabled(leaf.path().clone(), is_repeated)
        .set_column_encoding(leaf.path().clone(), Encoding::BYTE_STREAM_SPLIT)
}

fn integers(
    properties: WriterPropertiesBuilder,
    leaf: &ColumnDescriptor,
    data_type: Option<&DataType>,
) -> WriterPropertiesBuilder {
    // Ids of users and organisations repeat themselves; the row's own and times do not.
    let is_unique = leaf.name() == "id" || matches!(data_type, Some(DataType::Timestamp(..)));
    properties
        .set_column_dictionary_enabled(leaf.path().clone(), !is_unique)
        .set_column_encoding(leaf.path().clone(), Encoding::DELTA_BINARY_PACKED)
}

/// Bytes whose order means nothing.
fn geometries(properties: WriterPropertiesBuilder, leaf: &ColumnDescriptor) -> WriterPropertiesBuilder {
    properties
        .set_column_dictionary_enabled(leaf.path().clone(), false)
        .set_column_statistics_enabled(leaf.path().clone(), EnabledStatistics::None)
}
