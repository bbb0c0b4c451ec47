//! The one error of the crate: what is wrong, and at which byte.

/// What is wrong with a tile or with a feature to write, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct Error {
    kind: ErrorKind,
    offset: usize,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A field, or the tile, ends before its content does.
    #[error("the tile is cut short")]
    Truncated,
    /// A variable-length integer is longer than 64 bits, or its value is too large for its field.
    #[error("integer is out of range")]
    Varint,
    /// A field number that protobuf does not have: 0, or more than 29 bits.
    #[error("field number is not valid")]
    FieldNumber,
    /// A known field with another wire type than the format gives it, a protobuf group, or a wire type that protobuf does
    /// not have.
    #[error("field has the wrong wire type")]
    WireType,
    /// A name, a key or a string value is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// The layer follows a version of the specification that is not read: neither 1 nor 2.
    #[error("layer version {0} is neither 1 nor 2")]
    Version(u32),
    /// The extent of the layer is 0, so that its coordinates have no unit.
    #[error("layer extent is 0")]
    Extent,
    /// A required part is absent: `"name"`, `"version"`, `"value"` or `"geometry"`.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A tag points outside a table of its layer: `"key"` or `"value"`.
    #[error("tag points outside the {0} table")]
    TagIndex(&'static str),
    /// A key without a value: the number of tag integers is odd.
    #[error("tags are not pairs")]
    OddTags,
    /// A geometry command in the wrong place, or with a wrong count; the text says which rule it breaks.
    #[error("{0}")]
    Command(&'static str),
    /// [`Feature::point`](crate::Feature::point) was asked of a feature that is not a point.
    #[error("feature is not a point")]
    NotAPoint,
    /// A geometry that the format cannot hold was given to the writer; the text says which rule it breaks.
    #[error("{0}")]
    Geometry(&'static str),
    /// The tile has more of something than [`Limits`](crate::Limits) allow.
    #[error("more than {limit} {what}")]
    Limit {
        /// What there is too much of, by the name of the field in [`Limits`](crate::Limits).
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
}

impl Error {
    #[cold]
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where: the offset in the tile, in bytes, of the field or the integer at fault.
    ///
    /// For an error of the writer, the length in bytes of the features written to the layer before.
    pub const fn offset(&self) -> usize {
        self.offset
    }
}
