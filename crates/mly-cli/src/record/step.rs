//! The names of the requests.

/// A request of the script, in the order in which they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Overview,
    Tile,
    TileComputed,
    TileNextComputed,
    TileEmpty,
    LowZoom,
    TilePoints,
    TileSigns,
    TileNoSigns,
    TileHeader,
    TileSlash,
    Ids51,
    Ids50,
    IdsUnknown,
    ImageIdsUnknown,
    SearchSmall,
    SearchWide,
    SearchTooLarge,
    SearchOrder,
    SearchBadDate,
    SearchLimit,
    SearchRadius,
    SearchBrown,
    SearchDetections,
    Image,
    OtherImage,
    Mesh,
    Cluster,
}
