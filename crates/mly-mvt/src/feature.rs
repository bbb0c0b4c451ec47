//! A feature: id, tags, geometry.

use crate::error::{Error, ErrorKind};
use crate::geometry::{Geometry, GeometryKind};
use crate::integers::{IntegerField, Integers};
use crate::path::{self, PathRules};
use crate::wire::{self, Cursor};

pub(crate) const ID: u32 = wire::key(1, wire::VARINT);
pub(crate) const TAGS: u32 = wire::key(2, wire::BYTES);
const TAG: u32 = wire::key(2, wire::VARINT);
pub(crate) const KIND: u32 = wire::key(3, wire::VARINT);
pub(crate) const GEOMETRY: u32 = wire::key(4, wire::BYTES);
const COMMAND: u32 = wire::key(4, wire::VARINT);
const KNOWN: [u32; 4] = [1, 2, 3, 4];

/// What a feature needs to know of its layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LayerContext {
    /// Length of the key table.
    pub(crate) keys: usize,
    /// Length of the value table.
    pub(crate) values: usize,
    /// How geometries are read.
    pub(crate) rules: PathRules,
}

/// A feature. Its tags and its geometry are read when asked for.
#[derive(Clone, Copy, Debug)]
pub struct Feature<'a> {
    message: Cursor<'a>,
    id: Option<u64>,
    kind: GeometryKind,
    tags: IntegerField,
    geometry: IntegerField,
    context: LayerContext,
}

impl<'a> Feature<'a> {
    #[expect(
        clippy::inline_always,
        reason = "the walk takes half the time: the feature is never put together in memory"
    )]
    #[inline(always)]
    pub(crate) fn read(message: Cursor<'a>, context: LayerContext) -> Result<Self, Error> {
        let (tags, geometry) = (IntegerField::NONE, IntegerField::NONE);
        let mut feature = Self { message, id: None, kind: GeometryKind::Unknown, tags, geometry, context };
        let mut rest = message;
        while !rest.is_empty() {
            let at = rest.offset();
            match rest.key()? {
                ID => feature.id = Some(rest.varint()?),
                TAGS => feature.tags.packed(rest.message()?, at),
                KIND => feature.kind = GeometryKind::from_wire(rest.varint()?),
                GEOMETRY => feature.geometry.packed(rest.message()?, at),
                TAG => {
                    rest.varint()?;
                    feature.tags.scattered(at);
                }
                COMMAND => {
                    rest.varint()?;
                    feature.geometry.scattered(at);
                }
                unknown => rest.skip(unknown, at, &KNOWN)?,
            }
        }
        Ok(feature)
    }

    /// The id in the tile, if it has one. It names the feature in its layer, not the entity it shows.
    pub fn id(&self) -> Option<u64> {
        self.id
    }

    /// Which kind of geometry the feature says it has.
    pub fn kind(&self) -> GeometryKind {
        self.kind
    }

    /// The tags: an index into [`Layer::keys`](crate::Layer::keys) and one into
    /// [`Layer::values`](crate::Layer::values) each, both checked against the tables.
    ///
    /// After an error, which is an odd number of integers or an index outside the tables, there are no more.
    #[inline]
    pub fn tags(&self) -> Tags<'a> {
        let LayerContext { keys, values, .. } = self.context;
        Tags { integers: self.tags.integers(self.message, 2), keys, values }
    }

    /// Calls `each` with the tags that [`tags`](Self::tags) gives, in half the time.
    ///
    /// # Errors
    ///
    /// An odd number of integers, or an index outside the tables; `each` has seen the tags before it.
    #[expect(
        clippy::inline_always,
        reason = "the walk takes half the time: the feature is never put together in memory"
    )]
    #[inline(always)]
    pub fn each_tag(&self, mut each: impl FnMut(u32, u32)) -> Result<(), Error> {
        let LayerContext { keys, values, .. } = self.context;
        let mut tags = self.tags();
        while let Some((key, value, length)) = tags.integers.short_pair(self.message) {
            if key as usize >= keys || value as usize >= values {
                break;
            }
            each(key, value);
            tags.integers.pass(length);
        }
        for tag in tags {
            let (key, value) = tag?;
            each(key, value);
        }
        Ok(())
    }

    /// The position of a point feature in tile units, y down; of several points the first.
    ///
    /// # Errors
    ///
    /// The feature is not a point, or its geometry does not begin with one.
    #[inline]
    pub fn point(&self) -> Result<[i32; 2], Error> {
        if self.kind != GeometryKind::Point {
            return Err(Error::new(ErrorKind::NotAPoint, self.message.offset()));
        }
        path::first_point(self.geometry.integers(self.message, 4), self.message.offset())
    }

    /// The geometry, in tile units, y down.
    ///
    /// # Errors
    ///
    /// There is no geometry, a command is out of place, or there are more vertices than the tile has bytes for
    /// or than [`Limits`](crate::Limits) allow.
    pub fn geometry(&self) -> Result<Geometry, Error> {
        let integers = self.geometry.integers(self.message, 4);
        path::read(self.kind, integers, self.message.offset(), self.context.rules)
    }
}

/// The tags of a feature; from [`Feature::tags`].
#[derive(Clone, Debug)]
pub struct Tags<'a> {
    integers: Integers<'a>,
    keys: usize,
    values: usize,
}

impl Tags<'_> {
    pub(crate) const fn offset(&self) -> usize {
        self.integers.offset()
    }

    #[inline]
    fn read(&mut self) -> Result<Option<(u32, u32)>, Error> {
        if self.integers.is_done()? {
            return Ok(None);
        }
        let at = self.integers.offset();
        let key = self.integers.next()?;
        if key as usize >= self.keys {
            return Err(Error::new(ErrorKind::TagIndex("key"), at));
        }
        if self.integers.is_done()? {
            return Err(Error::new(ErrorKind::OddTags, at));
        }
        let at = self.integers.offset();
        let value = self.integers.next()?;
        if value as usize >= self.values {
            return Err(Error::new(ErrorKind::TagIndex("value"), at));
        }
        Ok(Some((key, value)))
    }
}

impl Iterator for Tags<'_> {
    type Item = Result<(u32, u32), Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let tag = self.read();
        if tag.is_err() {
            self.integers.end();
        }
        tag.transpose()
    }
}

impl std::iter::FusedIterator for Tags<'_> {}
