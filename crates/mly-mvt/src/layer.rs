//! A layer: its tables, and the way to its features.

use crate::error::{Error, ErrorKind};
use crate::feature::{Context, Feature, Tags};
use crate::limits::Limits;
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
    outline: Outline<'a>,
    keys: Vec<&'a str>,
    values: Vec<Value<'a>>,
}

impl<'a> Layer<'a> {
    /// The name.
    pub fn name(&self) -> &'a str {
        self.outline.name
    }

    /// The version of the specification that the layer follows: 1 or 2.
    pub fn version(&self) -> u32 {
        self.outline.version
    }

    /// Width and height of the tile in tile units; 4096 where the layer does not say.
    pub fn extent(&self) -> u32 {
        self.outline.extent
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
        self.outline.features
    }

    /// The features in their order. After one that cannot be read the next ones still can.
    pub fn features(&self) -> Features<'a> {
        let context = Context {
            keys: self.keys.len(),
            values: self.values.len(),
            version: self.outline.version,
            vertices: self.outline.limits.vertices,
        };
        Features { rest: self.outline.message, left: self.outline.features, context }
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
    context: Context,
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
    /// The outline has been through these fields, so they are known to be sound up to the last feature.
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

/// A layer without its tables: what one pass over its fields tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outline<'a> {
    pub(crate) name: &'a str,
    version: u32,
    extent: u32,
    features: usize,
    keys: usize,
    values: usize,
    /// The layer from its first table entry on, or at its end.
    tables: Cursor<'a>,
    message: Cursor<'a>,
    limits: Limits,
}

impl<'a> Outline<'a> {
    /// Goes over the fields of a layer, checks them and counts them. Of a repeated single field the last counts.
    pub(crate) fn read(message: Cursor<'a>, limits: Limits) -> Result<Self, Error> {
        let (mut name, mut version, mut extent) = (None, None, 4096);
        let (mut features, mut keys, mut values) = (0, 0, 0);
        let mut tables = None;
        let mut rest = message;
        while !rest.is_empty() {
            let field = rest;
            match rest.key()? {
                FEATURE => {
                    rest.message()?;
                    count(&mut features, "features", limits.features, field)?;
                }
                KEY => {
                    rest.message()?;
                    tables.get_or_insert(field);
                    count(&mut keys, "keys", limits.keys, field)?;
                }
                VALUE => {
                    rest.message()?;
                    tables.get_or_insert(field);
                    count(&mut values, "values", limits.values, field)?;
                }
                NAME => name = Some(rest.text()?),
                EXTENT => {
                    extent = rest.varint32()?;
                    if extent == 0 {
                        return field.fail(ErrorKind::Extent);
                    }
                }
                VERSION => match rest.varint32()? {
                    known @ (1 | 2) => version = Some(known),
                    other => return field.fail(ErrorKind::Version(other)),
                },
                unknown => rest.skip(unknown, field.offset(), &KNOWN)?,
            }
        }
        let missing = |what| Error::new(ErrorKind::Missing(what), message.offset());
        Ok(Self {
            name: name.ok_or(missing("name"))?,
            version: version.ok_or(missing("version"))?,
            extent,
            features,
            keys,
            values,
            tables: tables.unwrap_or(rest),
            message,
            limits,
        })
    }

    /// Reads the tables. They are as long as the entries that were counted.
    pub(crate) fn layer(self) -> Result<Layer<'a>, Error> {
        let mut keys = Vec::with_capacity(self.keys);
        let mut values = Vec::with_capacity(self.values);
        let mut rest = self.tables;
        while !rest.is_empty() {
            match rest.key()? {
                KEY => keys.push(rest.text()?),
                VALUE => Value::read(rest.message()?, &mut values)?,
                other => rest.skip(other, rest.offset(), &[])?,
            }
        }
        Ok(Layer { outline: self, keys, values })
    }
}

fn count(seen: &mut usize, what: &'static str, limit: usize, field: Cursor<'_>) -> Result<(), Error> {
    if *seen == limit {
        return field.fail(ErrorKind::Limit { what, limit });
    }
    *seen += 1;
    Ok(())
}
