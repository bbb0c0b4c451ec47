//! A reader for the parts of `FlatBuffers` that the format needs (<https://flatbuffers.dev/internals>).
//!
//! The file may be hostile, so every reference is checked to be within the buffer, and memory is limited by the size of
//! the buffer.

use crate::crs::OtherCrs;

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub(in crate::source) enum Damage {
    #[error("it ends too early")]
    Short,
    #[error("a reference in it leads nowhere")]
    Reference,
    #[error("a text is not in UTF-8")]
    Text,
    /// Nothing is wrong with it, but the positions are in a reference system that is not read.
    #[error("{0}")]
    Crs(OtherCrs),
    #[error("{0}")]
    Other(String),
}

/// A table in a buffer.
#[derive(Clone, Copy)]
pub(in crate::source) struct FlatTable<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The offset of its vtable, which lists the offsets of its fields, and the length of the vtable.
    places: usize,
    length: usize,
}

impl<'a> FlatTable<'a> {
    /// The table that a buffer begins with.
    pub(in crate::source) fn root(bytes: &'a [u8]) -> Result<Self, Damage> {
        Self::at(bytes, number(bytes, 0)?)
    }

    fn at(bytes: &'a [u8], at: usize) -> Result<Self, Damage> {
        // The vtable is this many bytes before the table, or after it if the number is negative.
        let back = i64::from(i32::from_le_bytes(take(bytes, at)?));
        let places = i64::try_from(at).ok().and_then(|at| usize::try_from(at - back).ok());
        let places = places.ok_or(Damage::Reference)?;
        let length = usize::from(u16::from_le_bytes(take(bytes, places)?));
        Ok(Self { bytes, at, places, length })
    }

    /// The offset of a field; `None` if the field is absent.
    fn place(&self, field: usize) -> Result<Option<usize>, Damage> {
        let entry = 4 + 2 * field;
        if entry + 2 > self.length {
            return Ok(None);
        }
        let place = u16::from_le_bytes(take(self.bytes, self.places.saturating_add(entry))?);
        Ok((place > 0).then(|| self.at.saturating_add(usize::from(place))))
    }

    /// The bytes of a number; `None` if the field is absent.
    pub(in crate::source) fn value<const N: usize>(&self, field: usize) -> Result<Option<[u8; N]>, Damage> {
        self.place(field)?.map(|at| take(self.bytes, at)).transpose()
    }

    pub(in crate::source) fn byte(&self, field: usize) -> Result<u8, Damage> {
        Ok(self.value::<1>(field)?.unwrap_or_default()[0])
    }

    /// The offset that a field refers to.
    fn referred(&self, field: usize) -> Result<Option<usize>, Damage> {
        let Some(at) = self.place(field)? else { return Ok(None) };
        at.checked_add(number(self.bytes, at)?).map(Some).ok_or(Damage::Reference)
    }

    pub(in crate::source) fn table(&self, field: usize) -> Result<Option<Self>, Damage> {
        self.referred(field)?.map(|at| Self::at(self.bytes, at)).transpose()
    }

    /// The bytes of a vector whose items have `size` bytes.
    pub(in crate::source) fn vector(&self, field: usize, size: usize) -> Result<Option<&'a [u8]>, Damage> {
        let Some(at) = self.referred(field)? else { return Ok(None) };
        let length = number(self.bytes, at)?.checked_mul(size).ok_or(Damage::Reference)?;
        let items = self.bytes.get(at.saturating_add(4)..).and_then(|rest| rest.get(..length));
        items.map(Some).ok_or(Damage::Reference)
    }

    pub(in crate::source) fn text(&self, field: usize) -> Result<Option<&'a str>, Damage> {
        let text = self.vector(field, 1)?.map(std::str::from_utf8).transpose();
        text.or(Err(Damage::Text))
    }

    /// The tables of a vector.
    pub(in crate::source) fn tables(&self, field: usize) -> Result<Vec<Self>, Damage> {
        let Some(at) = self.referred(field)? else { return Ok(Vec::new()) };
        let references = self.vector(field, 4)?.unwrap_or_default();
        let table = |begin: usize| {
            let at = at.saturating_add(4).saturating_add(begin);
            Self::at(self.bytes, at.checked_add(number(self.bytes, at)?).ok_or(Damage::Reference)?)
        };
        (0..references.len()).step_by(4).map(table).collect()
    }
}

/// `N` bytes at an offset.
pub(in crate::source) fn take<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Damage> {
    let rest = bytes.get(at..).ok_or(Damage::Reference)?;
    rest.first_chunk().copied().ok_or(Damage::Reference)
}

fn number(bytes: &[u8], at: usize) -> Result<usize, Damage> {
    usize::try_from(u32::from_le_bytes(take(bytes, at)?)).or(Err(Damage::Reference))
}
