//! A property value.

use crate::error::{Error, ErrorKind};
use crate::put;
use crate::wire::{self, Cursor};

const STRING: u32 = wire::key(1, wire::BYTES);
const FLOAT: u32 = wire::key(2, wire::FIXED32);
const DOUBLE: u32 = wire::key(3, wire::FIXED64);
const INT: u32 = wire::key(4, wire::VARINT);
const UINT: u32 = wire::key(5, wire::VARINT);
const SINT: u32 = wire::key(6, wire::VARINT);
const BOOL: u32 = wire::key(7, wire::VARINT);

/// A property value, one of the seven types of the format.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Text.
    String(&'a str),
    /// A 32-bit float.
    Float(f32),
    /// A 64-bit float.
    Double(f64),
    /// A signed integer; ten bytes on the wire when negative.
    Int(i64),
    /// An unsigned integer.
    UInt(u64),
    /// A signed integer; short on the wire when its magnitude is small.
    SInt(i64),
    /// A truth value.
    Bool(bool),
}

impl<'a> Value<'a> {
    /// The integer, of any of the three integer types, where an `i64` can hold it.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Int(n) | Self::SInt(n) => Some(n),
            Self::UInt(n) => i64::try_from(n).ok(),
            _ => None,
        }
    }

    /// The number, of any type; an integer beyond 2^53 is rounded.
    #[expect(clippy::cast_precision_loss, reason = "documented: an integer beyond 2^53 is rounded")]
    pub fn as_f64(self) -> Option<f64> {
        match self {
            Self::Float(n) => Some(f64::from(n)),
            Self::Double(n) => Some(n),
            Self::Int(n) | Self::SInt(n) => Some(n as f64),
            Self::UInt(n) => Some(n as f64),
            Self::String(_) | Self::Bool(_) => None,
        }
    }

    /// The truth value.
    pub fn as_bool(self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// The text.
    pub fn as_str(self) -> Option<&'a str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Reads a value message to the end of a table. Of several values in one message the last counts.
    ///
    /// Each value is pushed in the arm that reads it, rather than returned: measured, moving it costs more than making it.
    #[inline]
    pub(crate) fn read(mut message: Cursor<'a>, table: &mut Vec<Self>) -> Result<(), Error> {
        let (start, length) = (message.offset(), table.len());
        while !message.is_empty() {
            let mut keep = |value| {
                table.truncate(length);
                table.push(value);
            };
            let at = message.offset();
            match message.key()? {
                STRING => keep(Self::String(message.text()?)),
                FLOAT => keep(Self::Float(f32::from_le_bytes(message.fixed()?))),
                DOUBLE => keep(Self::Double(f64::from_le_bytes(message.fixed()?))),
                INT => keep(Self::Int(message.wide_varint()?.cast_signed())),
                UINT => keep(Self::UInt(message.varint()?)),
                SINT => keep(Self::SInt(wire::unzigzag64(message.varint()?))),
                BOOL => keep(Self::Bool(message.varint()? != 0)),
                unknown => message.skip(unknown, at, &[1, 2, 3, 4, 5, 6, 7])?,
            }
        }
        if table.len() == length {
            return Err(Error::new(ErrorKind::Missing("value"), start));
        }
        Ok(())
    }

    /// Appends the value message.
    #[inline]
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::String(text) => put::text(out, STRING, text),
            Self::Float(n) => {
                put::varint(out, u64::from(FLOAT));
                out.extend_from_slice(&n.to_le_bytes());
            }
            Self::Double(n) => {
                put::varint(out, u64::from(DOUBLE));
                out.extend_from_slice(&n.to_le_bytes());
            }
            Self::Int(n) => put::integer(out, INT, n.cast_unsigned()),
            Self::UInt(n) => put::integer(out, UINT, n),
            Self::SInt(n) => put::integer(out, SINT, put::zigzag64(n)),
            Self::Bool(b) => put::integer(out, BOOL, u64::from(b)),
        }
    }
}
