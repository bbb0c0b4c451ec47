//! Geometries as blobs (GeoPackage 1.4, "Geometry Encoding").

use crate::sink::bounds::Bounds;

/// The id of WGS 84 in the table of reference systems.
pub(super) const SRS_ID: i32 = 4326;

const LITTLE_ENDIAN: u8 = 1;
const WITH_ENVELOPE: u8 = 1 << 1;
const EMPTY: u8 = 1 << 4;

/// Replaces the content of `blob` by a geometry.
///
/// The envelope is left out for points, which it would only repeat (other writers do the same), and for empty
/// geometries, which have none.
pub(super) fn encode(wkb: &[u8], bounds: &Bounds, blob: &mut Vec<u8>) {
    let Bounds { west, south, east, north } = *bounds;
    let is_point = west.to_bits() == east.to_bits() && south.to_bits() == north.to_bits();
    let flags = match bounds {
        bounds if bounds.is_empty() => EMPTY,
        _ if is_point => 0,
        _ => WITH_ENVELOPE,
    };
    blob.clear();
    blob.extend_from_slice(&[b'G', b'P', 0, LITTLE_ENDIAN | flags]);
    blob.extend_from_slice(&SRS_ID.to_le_bytes());
    if flags == WITH_ENVELOPE {
        for side in [west, east, south, north] {
            blob.extend_from_slice(&side.to_le_bytes());
        }
    }
    blob.extend_from_slice(wkb);
}
