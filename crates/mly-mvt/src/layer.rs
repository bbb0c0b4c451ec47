//! A layer: its tables, and the way to its features.

use crate::error::{Error, ErrorKind};
use crate::feature::{Feature, LayerContext, Tags};
use crate::limits::Limits;
use crate::path::PathRules;
use crate::value::Value;
use crate::wire::{self, Cursor};

pub(crate) const NAME: u32 = wire::key(1, wire::BYTES);
pub(crate) const FEATURE: u32 = wire::key(2, wire::BYTES);
pub(crate) const KEY: u32 = wire::key(3, wire::BYTES);
pub(crate) const VALUE: u32 = wire::key(4, wire::BYTES);
pub(crate) const EXTENT: u32 = wire::key(5, wire::VARINT);
pub(crate) const VERSION: u32 = wire::key(15, wire::VARINT);
const KNOWN: [u32; 6] = [1, 2, 3, 4, 5, 15];

/// A layer: named features that share a key table and a value table.
#[derive(Clone, Debug)]
pub struct Layer<'a> {
    name: &'a str,
    version: u32,
    extent: u32,
    features: usize,
    keys: Vec<&'a str>,
    values: Vec<Value<'a>>,
    message: Cursor<'a>,
    limits: Limits,
}

impl<'a> Layer<'a> {
    /// Reads everything of a layer but its features: checks that the fields are sound, counts the features, reads the
    /// tables of keys and values.
    ///
    /// `None` when the layer has another name than the one that is `wanted`; its tables are then skipped, which is most
    /// of the work.
    pub(crate) fn read(
        message: Cursor<'a>,
        limits: Limits,
        wanted: Option<&str>,
    ) -> Result<Option<Self>, Error> {
        let mut head = Head::new(wanted);
        let mut counts = FieldCounts::default();
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        let mut skipped_table = false;
        let mut rest = message;
        while !rest.is_empty() {
            let field = rest;
            match rest.key()? {
                FEATURE => {
                    rest.message()?;
                    count(&mut counts.features, "features", limits.features, field)?;
                }
                KEY => {
                    let entry = rest.message()?;
                    count(&mut counts.keys, "keys", limits.keys, field)?;
                    if head.is_unwanted {
                        skipped_table = true;
                    } else {
                        keys.push(entry.as_text()?);
                    }
                }
                VALUE => {
                    let entry = rest.message()?;
                    count(&mut counts.values, "values", limits.values, field)?;
                    if head.is_unwanted {
                        skipped_table = true;
                    } else {
                        if values.is_empty() {
                            // The bytes left have room for twice as many entries at most, so the table grows once at most.
                            values.reserve(rest.len() / (2 * SHORTEST_VALUE));
                        }
                        Value::read(entry, &mut values)?;
                    }
                }
                other => head.read(other, field, &mut rest)?,
            }
        }
        let missing = |what| Error::new(ErrorKind::Missing(what), message.offset());
        let name = head.name.ok_or(missing("name"))?;
        let version = head.version.ok_or(missing("version"))?;
        if head.is_unwanted {
            return Ok(None);
        }
        if skipped_table {
            // The layer has two names. The first made us skip a table, but the last one counts, and it is the one that
            // is wanted: read the layer again, this time with its tables.
            return Self::read(message, limits, None);
        }
        let Head { extent, .. } = head;
        Ok(Some(Self { name, version, extent, features: counts.features, keys, values, message, limits }))
    }

    /// The name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The version of the specification that the layer follows: 1 or 2.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Width and height of the tile in tile units; 4096 where the layer does not say.
    pub fn extent(&self) -> u32 {
        self.extent
    }

    /// The key table, to be indexed by the first half of a tag.
    pub fn keys(&self) -> &[&'a str] {
        &self.keys
    }

    /// The value table, to be indexed by the second half of a tag.
    pub fn values(&self) -> &[Value<'a>] {
        &self.values
    }

    /// How many features there are.
    pub fn feature_count(&self) -> usize {
        self.features
    }

    /// The features in their order. After one that cannot be read the next ones still can.
    pub fn features(&self) -> Features<'a> {
        let rules = PathRules { version: self.version, vertices: self.limits.vertices };
        let context = LayerContext { keys: self.keys.len(), values: self.values.len(), rules };
        Features { rest: self.message, left: self.features, context }
    }

    /// The properties of a feature of this layer, each key with its value.
    ///
    /// To read many features, look the keys up in [`keys`](Self::keys) once and go through
    /// [`Feature::tags`] instead.
    pub fn properties<'l>(&'l self, feature: &Feature<'a>) -> Properties<'l, 'a> {
        Properties { tags: feature.tags(), layer: self }
    }
}

/// The features of a layer; from [`Layer::features`].
#[derive(Clone, Debug)]
pub struct Features<'a> {
    rest: Cursor<'a>,
    left: usize,
    context: LayerContext,
}

impl<'a> Iterator for Features<'a> {
    type Item = Result<Feature<'a>, Error>;

    #[expect(
        clippy::inline_always,
        reason = "the walk takes half the time: the feature is never put together in memory"
    )]
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        Some(self.read())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Features<'_> {}
impl std::iter::FusedIterator for Features<'_> {}

impl<'a> Features<'a> {
    /// The next feature. `Layer::read` has checked that all fields of the layer are sound and has counted the features,
    /// so the loop meets one before the message ends.
    #[expect(
        clippy::inline_always,
        reason = "the walk takes half the time: the feature is never put together in memory"
    )]
    #[inline(always)]
    fn read(&mut self) -> Result<Feature<'a>, Error> {
        loop {
            match self.rest.key()? {
                FEATURE => return Feature::read(self.rest.message()?, self.context),
                other => self.rest.skip(other, self.rest.offset(), &[])?,
            }
        }
    }
}

/// The properties of a feature; from [`Layer::properties`].
#[derive(Clone, Debug)]
pub struct Properties<'l, 'a> {
    tags: Tags<'a>,
    layer: &'l Layer<'a>,
}

impl<'a> Iterator for Properties<'_, 'a> {
    type Item = Result<(&'a str, Value<'a>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.tags.offset();
        let (key, value) = match self.tags.next()? {
            Ok(tag) => tag,
            Err(error) => return Some(Err(error)),
        };
        // The tags are checked against the tables of their own layer, and the feature may be of another one.
        let Some(key) = self.layer.keys.get(key as usize) else {
            return Some(Err(Error::new(ErrorKind::TagIndex("key"), offset)));
        };
        let Some(value) = self.layer.values.get(value as usize) else {
            return Some(Err(Error::new(ErrorKind::TagIndex("value"), offset)));
        };
        Some(Ok((key, *value)))
    }
}

/// The single fields of a layer. Of a repeated one the last counts.
struct Head<'a, 'w> {
    name: Option<&'a str>,
    version: Option<u32>,
    extent: u32,
    wanted: Option<&'w str>,
    /// Whether the layer has another name than the one that is wanted.
    is_unwanted: bool,
}

impl<'a, 'w> Head<'a, 'w> {
    fn new(wanted: Option<&'w str>) -> Self {
        Self { name: None, version: None, extent: 4096, wanted, is_unwanted: false }
    }

    /// Reads the field that begins at `field` and whose key has been taken from `rest`.
    fn read(&mut self, key: u32, field: Cursor<'a>, rest: &mut Cursor<'a>) -> Result<(), Error> {
        match key {
            NAME => {
                let name = rest.text()?;
                self.name = Some(name);
                self.is_unwanted = self.wanted.is_some_and(|wanted| wanted != name);
            }
            EXTENT => {
                self.extent = rest.varint32()?;
                if self.extent == 0 {
                    return field.fail(ErrorKind::Extent);
                }
            }
            VERSION => match rest.varint32()? {
                known @ (1 | 2) => self.version = Some(known),
                other => return field.fail(ErrorKind::Version(other)),
            },
            unknown => rest.skip(unknown, field.offset(), &KNOWN)?,
        }
        Ok(())
    }
}

/// Bytes of the shortest entry of a value table: key and length, and a value's key and one byte.
const SHORTEST_VALUE: usize = 4;

/// How many of each repeated field there have been.
#[derive(Default)]
struct FieldCounts {
    features: usize,
    keys: usize,
    values: usize,
}

fn count(so_far: &mut usize, what: &'static str, limit: usize, field: Cursor<'_>) -> Result<(), Error> {
    if *so_far == limit {
        return field.fail(ErrorKind::Limit { what, limit });
    }
    *so_far += 1;
    Ok(())
}
