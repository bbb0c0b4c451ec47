//! Zooms of the vector tiles (API v4, "Zoom behaviour").

use std::ops::Range;

/// The only zoom at which the service publishes images and map features, and the deepest that it has.
pub const DATA_ZOOM: u8 = 14;

/// Lower zooms, whose tiles hold nearly all sequences as simplified lines.
pub(crate) const SIMPLIFIED_ZOOMS: Range<u8> = 6..DATA_ZOOM;

/// Names of all layers that tiles of the service have been seen to have. `water` stands alone where there are no map
/// features, and `mapillary-empty` stood so in version 3 (API v4, "Empty tiles, sizes, transport").
pub(crate) const LAYERS: [&str; 7] =
    ["overview", "sequence", "image", "point", "traffic_sign", "water", "mapillary-empty"];
