//! The record of requests.

/// The kinds of requests that an emulator tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/maps/vtp/...`: a vector tile.
    Tile,
    /// `/ID`, `/?ids=`, `/ID/detections`, `/image_ids`: look-ups.
    Entity,
    /// `/images`, `/map_features`, `/detections`: searches.
    Search,
    /// `/token`: the exchange of a code or a token for a new token.
    Token,
    /// A signed URL of a picture.
    Thumbnail,
    /// A signed URL of a mesh or of a point cloud.
    File,
    /// Anything else.
    Other,
}

impl Endpoint {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Tile, Self::Entity, Self::Search, Self::Token, Self::Thumbnail, Self::File, Self::Other];

    /// The word for it: `tile`, `entity`, `search`, `token`, `thumbnail`, `file` or `other`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tile => "tile",
            Self::Entity => "entity",
            Self::Search => "search",
            Self::Token => "token",
            Self::Thumbnail => "thumbnail",
            Self::File => "file",
            Self::Other => "other",
        }
    }

    /// Whether its URLs are signed, so that requests need no token.
    pub(crate) const fn is_signed(self) -> bool {
        matches!(self, Self::Thumbnail | Self::File)
    }
}

/// Where a request carried its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenForm {
    /// In the header `Authorization`, whatever its scheme.
    Header,
    /// `?access_token=TOKEN`.
    Query,
    /// Nowhere.
    None,
}

/// One request that reached the emulator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The kind of the request.
    pub kind: Endpoint,
    /// `GET`, `POST` ...
    pub method: String,
    /// The path as sent.
    pub path: String,
    /// The query as sent, without the token.
    pub query: String,
    /// Where the request carried its token.
    pub token: TokenForm,
    /// The HTTP status of the answer; 0 before the answer, and when the client disconnected before it.
    pub status: u16,
    /// When it arrived, in milliseconds of the emulator's clock.
    pub at_ms: i64,
}
