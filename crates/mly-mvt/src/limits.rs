//! What a tile may hold before it is refused.

/// The most that a tile may hold. A tile with more is an error, not an allocation.
///
/// The defaults are generous: the largest tiles seen in service hold 170,000 features in 10 MB.
///
/// ```
/// let limits = mly_mvt::Limits::default().with_bytes(1 << 20).with_features(50_000);
/// assert_eq!(limits.features, 50_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Length of the tile in bytes; 64 MiB.
    pub bytes: usize,
    /// Layers of a tile; 256.
    pub layers: usize,
    /// Features of a layer; 2,000,000.
    pub features: usize,
    /// Entries in the key table of a layer; 65,536.
    pub keys: usize,
    /// Entries in the value table of a layer; 8,000,000.
    pub values: usize,
    /// Vertices of a feature, all parts together; 4,000,000.
    pub vertices: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            layers: 256,
            features: 2_000_000,
            keys: 65_536,
            values: 8_000_000,
            vertices: 4_000_000,
        }
    }
}

/// One setter per field: `Limits::default().with_layers(4)`.
macro_rules! setters {
    ($($setter:ident, $field:ident: $what:literal;)*) => {
        impl Limits {
            $(
                #[doc = concat!("Sets the most ", $what, ".")]
                #[must_use = "the limits are returned, not changed in place"]
                pub const fn $setter(mut self, $field: usize) -> Self {
                    self.$field = $field;
                    self
                }
            )*
        }
    };
}

setters! {
    with_bytes, bytes: "bytes of a tile";
    with_layers, layers: "layers of a tile";
    with_features, features: "features of a layer";
    with_keys, keys: "keys of a layer";
    with_values, values: "values of a layer";
    with_vertices, vertices: "vertices of a feature";
}
