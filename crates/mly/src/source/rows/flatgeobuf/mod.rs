//! Rows of `FlatGeobuf` 3 (<https://flatgeobuf.org>).
//!
//! The index is skipped; features are read in the order of the file, one at a time.
//!
//! The crate `flatgeobuf` (6.0.1) is not used, since it trusts the file. It was tried with 10,264 damaged copies of two
//! files, which were cut or had some bytes changed. 194 made it panic (slices and sums of unchecked lengths), 68 made
//! it allocate more than 64 MiB (a feature's length is allocated before it is read, up to 4 GiB), and 510 that were cut
//! between two features were read as shorter files without an error.

pub(in crate::source) mod feature;
pub(in crate::source) mod flat;
pub(in crate::source) mod header;

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use arrow_schema::Field;

use self::flat::{Damage, FlatTable};
use self::header::{Header, NODE};
use super::batch::BatchBuilder;
use super::feed::Feed;
use super::shape::{self, GeometryKind};
use crate::error::{Error, Hint, Place, Result};
use crate::table::with_pairs;

/// The first bytes of every file. The byte after them is a patch level, which does not change the format.
pub(in crate::source) const MAGIC: [u8; 7] = *b"fgb\x03fgb";

/// Most bytes of a header.
pub(in crate::source) const LONGEST_HEADER: u32 = 10 << 20;

/// Most bytes of a feature. A sequence of a million images has fewer.
pub(in crate::source) const LONGEST_FEATURE: u32 = 32 << 20;

/// Reads the rows of a file.
pub(super) fn read(file: File, feed: &mut Feed) -> Result<()> {
    let length = file.metadata().map_err(|e| broken(e.into(), 0))?.len();
    let mut input = BufReader::with_capacity(1 << 20, file);
    let header = begin(&mut input).map_err(|e| broken(e, 0))?;
    let shape = match header.geometry_type {
        // Each feature has its own type.
        0 => common_kind(&mut input, &header).map_err(|e| broken(e, 0))?,
        one => header::kind(one),
    };
    let columns = header.columns(shape);
    let is_placed = pass_index(&mut input, &header, length, columns.is_always_placed);
    let is_placed = is_placed.map_err(|e| broken(e, 0))?;
    let nullable = |field: &Field| match field.name().as_str() {
        "geometry" => field.clone().with_nullable(!is_placed),
        _ => field.clone(),
    };
    let schema = super::declared::schema(columns.fields.iter().map(nullable).collect())?;
    let schema = with_pairs(&schema, header.about.clone());
    let mut batches = BatchBuilder::begin(feed, &schema)?;
    let mut count = 0;
    // Without a count in the header, features go on to the end of the file.
    while header.count == 0 || count < header.count {
        let Some(bytes) = sized(&mut input, LONGEST_FEATURE).map_err(|e| broken(e, count))? else {
            if header.count == 0 {
                break;
            }
            return Err(broken(Damage::Short, count));
        };
        let root = FlatTable::root(&bytes).map_err(|e| broken(e, count))?;
        let feature = feature::read(&root, &header, &columns).map_err(|e| broken(e, count))?;
        count += 1;
        let feature = feature
            .placed(header.crs)
            .map_err(|what| shape::misplaced(what).with_place(Place::Feature(count)))?;
        batches.row(feature.cells(), Place::Feature(count))?;
    }
    batches.finish()
}

/// Reads the header, up to the index.
fn begin(input: &mut BufReader<File>) -> Result<Header, Damage> {
    let mut magic = [0; 8];
    input.read_exact(&mut magic)?;
    if !magic.starts_with(&MAGIC) {
        return Err(Damage::Other("it is of another version".to_owned()));
    }
    let bytes = sized(input, LONGEST_HEADER)?.ok_or(Damage::Short)?;
    Header::read(&FlatTable::root(&bytes)?)
}

/// Reads all features for their types of geometry, and goes back to the index.
fn common_kind(input: &mut BufReader<File>, header: &Header) -> Result<Option<GeometryKind>, Damage> {
    let begin = input.stream_position()?;
    let size = header.index_size().ok_or(Damage::Short)?;
    input.seek(SeekFrom::Start(begin.checked_add(size).ok_or(Damage::Short)?))?;
    let mut next = || -> Result<Option<u8>, Damage> {
        while let Some(bytes) = sized(input, LONGEST_FEATURE)? {
            if let Some(shape) = FlatTable::root(&bytes)?.table(0)? {
                return Ok(Some(shape.byte(6)?));
            }
        }
        Ok(None)
    };
    // A feature that cannot be read is told when its values are read.
    let kinds = std::iter::from_fn(|| next().unwrap_or_default()).map(header::kind);
    let kind = shape::common(kinds);
    input.seek(SeekFrom::Start(begin))?;
    Ok(kind)
}

/// Skips the index, up to the features, and returns whether each feature has a geometry.
///
/// The header does not say that. If it is `likely`, the leaves of the index are read: a feature without a geometry has
/// an empty box there.
fn pass_index(
    input: &mut BufReader<File>,
    header: &Header,
    length: u64,
    likely: bool,
) -> Result<bool, Damage> {
    let size = header.index_size().filter(|size| *size <= length).ok_or(Damage::Short)?;
    let leaves = if likely { header.count.saturating_mul(NODE).min(size) } else { 0 };
    input.seek_relative(i64::try_from(size - leaves).or(Err(Damage::Short))?)?;
    let mut is_placed = likely && (leaves > 0 || header.count == 0);
    let mut node = [0; 40];
    for _ in 0..leaves / NODE {
        input.read_exact(&mut node)?;
        is_placed &= f64::from_le_bytes(flat::take(&node, 0)?) <= f64::from_le_bytes(flat::take(&node, 16)?);
    }
    Ok(is_placed)
}

/// Reads a buffer that its length precedes; `None` at the end of the file.
pub(in crate::source) fn sized(input: &mut impl Read, longest: u32) -> Result<Option<Vec<u8>>, Damage> {
    let mut size = Vec::new();
    input.take(4).read_to_end(&mut size)?;
    if size.is_empty() {
        return Ok(None);
    }
    let size = u32::from_le_bytes(size.try_into().or(Err(Damage::Short))?);
    if size > longest {
        return Err(Damage::Other(format!("something in it has more than {} MiB", longest >> 20)));
    }
    // Not allocated beforehand: a hostile file can announce more bytes than it has.
    let mut bytes = Vec::new();
    input.take(u64::from(size)).read_to_end(&mut bytes)?;
    if bytes.len() == size as usize { Ok(Some(bytes)) } else { Err(Damage::Short) }
}

pub(in crate::source) fn broken(error: Damage, features: u64) -> Error {
    if let Damage::Crs(other) = error {
        return Error::input(other.to_string()).with_hint(Hint::Reproject);
    }
    Error::input("the FlatGeobuf file cannot be read")
        .with_place(Place::AfterFeature(features))
        .with_source(error)
}

impl From<io::Error> for Damage {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Short,
            _ => Self::Other(error.to_string()),
        }
    }
}
