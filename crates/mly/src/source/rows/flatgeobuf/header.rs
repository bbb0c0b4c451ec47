//! The header (`FlatGeobuf`, `header.fbs`).

use std::collections::BTreeMap;

use arrow_schema::Field;

use super::flat::{Damage, FlatTable};
use crate::crs::Crs;
use crate::source::rows::declared::declared;
use crate::source::rows::known::{Clues, KnownColumns};
use crate::source::rows::shape::{self, GeometryKind};
use crate::table::{ColumnKind, LAYER_KEY, about_pairs};

/// Kinds of geometry, numbered from 0.
const GEOMETRIES: [&str; 8] = [
    "Unknown",
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
];
pub(in crate::source) const POINT: u8 = 1;
pub(in crate::source) const LINE_STRING: u8 = 2;
pub(in crate::source) const MULTI_POINT: u8 = 4;
pub(in crate::source) const MULTI_LINE_STRING: u8 = 5;

/// Bytes of a node of the index.
pub(super) const NODE: u64 = 40;

/// The header of a file.
pub(in crate::source) struct Header {
    pub(in crate::source) geometry_type: u8,
    /// The reference system of the positions.
    pub(in crate::source) crs: Crs,
    /// Number of features; 0 if it is not known.
    pub(in crate::source) count: u64,
    node_size: u16,
    columns: Vec<HeaderColumn>,
    /// What the file says about the result.
    pub(super) about: BTreeMap<String, String>,
}

struct HeaderColumn {
    name: String,
    value_type: ValueType,
    is_nullable: bool,
}

/// The type of a column in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum ValueType {
    Byte,
    UByte,
    Bool,
    Short,
    UShort,
    Int,
    UInt,
    Long,
    ULong,
    Float,
    Double,
    Text,
    Json,
    Moment,
}

/// The columns of rows.
pub(super) struct FeatureColumns {
    /// Their fields in the result, the geometry last.
    pub(super) fields: Vec<Field>,
    /// Their types in the file, without the geometry.
    pub(super) types: Vec<ValueType>,
    /// Whether this kind of rows always has a geometry.
    pub(super) is_always_placed: bool,
}

impl Header {
    /// Reads the header of a file of rows.
    pub(super) fn read(table: &FlatTable<'_>) -> Result<Self, Damage> {
        for (field, dimension) in [(3, "Z"), (4, "M"), (5, "T"), (6, "TM")] {
            if table.byte(field)? != 0 {
                return Err(Damage::Other(format!("the geometries have {dimension}, and results have none")));
            }
        }
        check(table.byte(2)?).map_err(Damage::Other)?;
        Self::of_any(table)
    }

    /// Reads the header of a file of any geometries.
    pub(in crate::source) fn of_any(table: &FlatTable<'_>) -> Result<Self, Damage> {
        // name, envelope, geometry_type, has_z, has_m, has_t, has_tm, columns, features_count, index_node_size, crs,
        // title, description, metadata
        let crs = table.table(10)?.map(|described| crs(&described)).transpose()?.unwrap_or_default();
        let geometry_type = table.byte(2)?;
        let mut about = about_pairs(table.text(13)?.unwrap_or_default());
        about.extend(table.text(0)?.map(|name| (LAYER_KEY.to_owned(), name.to_owned())));
        Ok(Self {
            about,
            geometry_type,
            crs,
            count: u64::from_le_bytes(table.value(8)?.unwrap_or_default()),
            node_size: table.value(9)?.map_or(16, u16::from_le_bytes),
            columns: table.tables(7)?.iter().map(HeaderColumn::read).collect::<Result<_, _>>()?,
        })
    }

    /// Bytes of the index; `None` when a hostile header makes the number overflow.
    pub(in crate::source) fn index_size(&self) -> Option<u64> {
        let node_size = u64::from(self.node_size);
        if node_size == 0 || self.count == 0 {
            return Some(0);
        }
        let node_size = node_size.max(2);
        let (mut level, mut nodes) = (self.count, self.count);
        while level > 1 {
            level = level.div_ceil(node_size);
            nodes = nodes.checked_add(level)?;
        }
        // Even the index of a single feature has a root above its leaf.
        nodes.checked_add(u64::from(self.count == 1))?.checked_mul(NODE)
    }

    /// Names of the columns.
    pub(in crate::source) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Types of the columns.
    pub(in crate::source) fn types(&self) -> Vec<ValueType> {
        self.columns.iter().map(|column| column.value_type).collect()
    }

    /// The columns of the result; `shape` is the kind of the geometries if it is the same for all.
    pub(super) fn columns(&self, shape: Option<GeometryKind>) -> FeatureColumns {
        let names: Vec<&str> =
            self.columns.iter().map(|column| column.name.as_str()).chain(["geometry"]).collect();
        let clues = Clues { has_geometry: true, shape, ..Clues::default() };
        let known = KnownColumns::of(&names, clues);
        let field = |column: &HeaderColumn| {
            declared(&column.name, column.value_type.kind(), known.as_ref(), column.is_nullable)
        };
        let mut fields: Vec<_> = self.columns.iter().map(field).collect();
        // In files of this library `id` is never null, and `geometry` can be null only in rows that were looked up by
        // id. Other programs declare all columns nullable, which says nothing.
        let is_ours = fields.iter().any(|field| field.name() == "id" && !field.is_nullable());
        let own = known.as_ref().and_then(|known| known.field("geometry"));
        let is_always = is_ours && own.is_some_and(|own| !own.is_nullable());
        fields.push(shape::column("geometry", shape, true));
        FeatureColumns { fields, types: self.types(), is_always_placed: is_always }
    }
}

/// The reference system of the header: the one of the code, or else of the first text that describes it. A system without
/// any of them is not known, and its numbers have to be degrees.
fn crs(described: &FlatTable<'_>) -> Result<Crs, Damage> {
    // org, code, name, description, wkt, code_string
    let code = i32::from_le_bytes(described.value(1)?.unwrap_or_default());
    let text = |field| described.text(field).map(|text| text.filter(|text| !text.trim().is_empty()));
    // Without an organization the code is one of EPSG.
    let organization = text(0)?.unwrap_or("EPSG");
    let found = match (code, text(5)?, text(4)?, text(2)?) {
        (0, Some(code), _, _) => Crs::of_text(code).or_else(|_| Crs::of_code(organization, code)),
        (0, None, Some(text), _) | (0, None, None, Some(text)) => Crs::of_text(text),
        (0, None, None, None) => Ok(Crs::Degrees),
        (code, ..) => Crs::of_code(organization, &code.to_string()),
    };
    found.map_err(Damage::Crs)
}

/// The kind of a type of geometry; `None` if it is not known.
pub(super) fn kind(geometry_type: u8) -> Option<GeometryKind> {
    match geometry_type {
        POINT => Some(GeometryKind::Point),
        LINE_STRING | MULTI_POINT | MULTI_LINE_STRING => Some(GeometryKind::Lines),
        _ => None,
    }
}

/// # Errors
/// When results do not have such geometries.
pub(super) fn check(geometry_type: u8) -> Result<(), String> {
    match geometry_type {
        0 | POINT | LINE_STRING | MULTI_POINT | MULTI_LINE_STRING => Ok(()),
        other => Err(match GEOMETRIES.get(usize::from(other)) {
            Some(name) => shape::refusal(name),
            None => shape::refusal(&format!("geometry of type {other}")),
        }),
    }
}

impl HeaderColumn {
    fn read(table: &FlatTable<'_>) -> Result<Self, Damage> {
        // name, type, title, description, width, precision, scale, nullable
        let name = table.text(0)?.ok_or_else(|| Damage::Other("a column has no name".to_owned()))?;
        let value_type = ValueType::of(table.byte(1)?).ok_or_else(|| {
            Damage::Other(format!("column {} holds bytes, which results do not have", name.escape_debug()))
        })?;
        Ok(Self { name: name.to_owned(), value_type, is_nullable: table.value::<1>(7)? != Some([0]) })
    }
}

impl ValueType {
    fn of(number: u8) -> Option<Self> {
        const ALL: [ValueType; 14] = [
            ValueType::Byte,
            ValueType::UByte,
            ValueType::Bool,
            ValueType::Short,
            ValueType::UShort,
            ValueType::Int,
            ValueType::UInt,
            ValueType::Long,
            ValueType::ULong,
            ValueType::Float,
            ValueType::Double,
            ValueType::Text,
            ValueType::Json,
            ValueType::Moment,
        ];
        ALL.get(usize::from(number)).copied()
    }

    fn kind(self) -> ColumnKind {
        match self {
            Self::Bool => ColumnKind::Bool,
            Self::Float | Self::Double => ColumnKind::Float,
            Self::Text => ColumnKind::Text,
            Self::Json => ColumnKind::Json,
            Self::Moment => ColumnKind::Time,
            _ => ColumnKind::Int,
        }
    }
}
