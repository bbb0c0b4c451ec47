//! The questions.

use super::question::{AnswerVariant, Question};

kinds! {
    PointBuffer { None, Computed, All }
    ComputedCompass { Original, Corrected }
    Packing { WhenAsked, Always, Never, Unnamed }
    TileCaching { None, Validator, MaxAge, Both }
    HttpVersion { Http11, Http10 }
    EmptyCoverage { Empty, NoContent, NotFound, Water, MapillaryEmpty }
    EmptyFeatures { Water, Empty, NoContent, NotFound, MapillaryEmpty }
    TrailingSlash { Accepted, Refused }
    HeaderToken { Refused, Accepted }
    Cors { Any, None }
    Presence { Absent, Sent }
    OverviewIsPano { Absent, Present }
    OverviewCompleteness { Complete, Thinned }
    LowZoomProperties { Same, Fewer }
    MapFeatureProperties { Four, More }
    BboxRule { Area, Side }
    BboxTooLarge { Refused, TooMuchData, Empty }
    BboxOrder { Refused, Swapped, Empty }
    BboxPosition { Original, Computed, Either }
    BadDate { Refused, Ignored, Empty }
    LimitOver2000 { Refused, Capped }
    RadiusOver50 { Refused, Capped }
    IdsAtOnce { Fifty, More, Fewer }
    BadIdInIds { Fails, LeftOut, Null }
    BadIdInImageIds { LeftOut, Fails }
    DetectionsSearch { Works, Refused, Empty }
    MeshFile { Unpacked, Packed, Ply }
    ClusterFile { ZlibArray, JsonArray, ZlibObject, GzipArray }
    BrownParameters { None, Nine, Five }
}

questions! {
    point_buffer: PointBuffer, "point-buffer",
        "are points near the edge of a tile in the next tile too?",
        None = "none": "no, each point is in one tile",
        Computed = "computed": "in the tiles of computed positions, 64 units wide",
        All = "all": "in the tiles of all sets, 64 units wide";
    computed_compass: ComputedCompass, "computed-compass",
        "is compass_angle in the tiles of computed positions the original or the corrected angle?",
        Original = "original": "the angle of the device, as in the other tiles",
        Corrected = "corrected": "the computed angle";
    tile_compression: Packing, "tile-compression",
        "when are tiles compressed with gzip?",
        WhenAsked = "when-asked": "when the request accepts it",
        Always = "always": "also when the request does not accept it",
        Never = "never": "never",
        Unnamed = "unnamed": "always, without the header Content-Encoding";
    graph_compression: Packing, "graph-compression",
        "when are answers of the graph compressed with gzip?",
        WhenAsked = "when-asked": "when the request accepts it and there are at least 1,000 bytes",
        Always = "always": "also when the request does not accept it, and whatever the size",
        Never = "never": "never",
        Unnamed = "unnamed": "always, without the header Content-Encoding";
    tile_caching: TileCaching, "tile-caching",
        "which headers of tiles are for caches?",
        None = "none": "none",
        Validator = "validator": "ETag",
        MaxAge = "max-age": "Cache-Control with max-age",
        Both = "both": "ETag, and Cache-Control with max-age";
    http_version: HttpVersion, "http-version",
        "which version of HTTP do answers have?",
        Http11 = "1.1": "HTTP/1.1",
        Http10 = "1.0": "HTTP/1.0, one request a connection";
    empty_coverage_tile: EmptyCoverage, "empty-coverage-tile",
        "how is a coverage tile without images answered?",
        Empty = "empty": "200 without a body",
        NoContent = "no-content": "204",
        NotFound = "not-found": "404",
        Water = "water": "a tile with a layer water",
        MapillaryEmpty = "mapillary-empty": "a tile with a layer mapillary-empty without features";
    empty_feature_tile: EmptyFeatures, "empty-feature-tile",
        "how is a tile without map features answered?",
        Water = "water": "a tile with a layer water",
        Empty = "empty": "200 without a body",
        NoContent = "no-content": "204",
        NotFound = "not-found": "404",
        MapillaryEmpty = "mapillary-empty": "a tile with a layer mapillary-empty without features";
    trailing_slash: TrailingSlash, "trailing-slash",
        "may the path of a tile end with a slash?",
        Accepted = "accepted": "yes",
        Refused = "refused": "no, 404";
    header_token_on_tiles: HeaderToken, "header-token-on-tiles",
        "do tiles accept the token in the header Authorization?",
        Refused = "refused": "no, 403",
        Accepted = "accepted": "yes";
    cors: Cors, "cors",
        "may pages of any origin read the answers?",
        Any = "any": "yes, Access-Control-Allow-Origin is *",
        None = "none": "there is no such header";
    app_usage: Presence, "app-usage",
        "do answers of the graph tell how much of the limit is used?",
        Absent = "absent": "no",
        Sent = "sent": "in the header X-App-Usage";
    retry_after: Presence, "retry-after",
        "do errors tell when to try again?",
        Absent = "absent": "no",
        Sent = "sent": "in the header Retry-After";
    overview_is_pano: OverviewIsPano, "overview-is-pano",
        "does the layer overview tell panoramas?",
        Absent = "absent": "no",
        Present = "present": "by is_pano";
    overview_completeness: OverviewCompleteness, "overview-completeness",
        "does the layer overview have a point for every tile of zoom 14 that has images?",
        Complete = "complete": "yes",
        Thinned = "thinned": "only one for each tile of zoom 10";
    low_zoom_properties: LowZoomProperties, "low-zoom-properties",
        "do sequences of zooms 6 to 13 have the properties of zoom 14?",
        Same = "same": "yes",
        Fewer = "fewer": "only the id";
    map_feature_properties: MapFeatureProperties, "map-feature-properties",
        "do map features of tiles have other properties than id, value, first_seen_at and last_seen_at?",
        Four = "four": "no",
        More = "more": "also aligned_direction";
    bbox_rule: BboxRule, "bbox-rule",
        "which boxes may be searched?",
        Area = "area": "those of less than 0.01 square degrees",
        Side = "side": "those with sides of less than 0.01 degrees";
    bbox_too_large: BboxTooLarge, "bbox-too-large",
        "how is a search of a larger box answered?",
        Refused = "refused": "400, code 100",
        TooMuchData = "too-much-data": "500, code 1",
        Empty = "empty": "by a list without rows";
    bbox_order: BboxOrder, "bbox-order",
        "how is a search answered whose box has east before west?",
        Refused = "refused": "400, code 100",
        Swapped = "swapped": "as if the two were exchanged",
        Empty = "empty": "by a list without rows";
    bbox_position: BboxPosition, "bbox-position",
        "which position of an image must be in the box of a search?",
        Original = "original": "the original one",
        Computed = "computed": "the computed one, if there is one",
        Either = "either": "one of the two";
    bad_date: BadDate, "bad-date",
        "how is a search with a date answered that is none?",
        Refused = "refused": "400, code 100",
        Ignored = "ignored": "as if there were no date",
        Empty = "empty": "by a list without rows";
    limit_over_2000: LimitOver2000, "limit-over-2000",
        "how is a search with a limit over 2,000 answered?",
        Refused = "refused": "400, code 100",
        Capped = "capped": "by at most 2,000 rows";
    radius_over_50: RadiusOver50, "radius-over-50",
        "how is a search with a radius over 50 m answered?",
        Refused = "refused": "400, code 100",
        Capped = "capped": "as if the radius were 50 m";
    ids_at_once: IdsAtOnce, "ids-at-once",
        "how many ids may a look-up name?",
        Fifty = "50": "50",
        More = "more": "200",
        Fewer = "fewer": "20";
    bad_id_in_ids: BadIdInIds, "bad-id-in-ids",
        "what becomes of an unknown id in /?ids=?",
        Fails = "fails": "the whole request fails",
        LeftOut = "left-out": "it is left out",
        Null = "null": "its value is null";
    bad_id_in_image_ids: BadIdInImageIds, "bad-id-in-image-ids",
        "what becomes of an unknown id in /images?image_ids=?",
        LeftOut = "left-out": "it is left out",
        Fails = "fails": "the whole request fails";
    detections_search: DetectionsSearch, "detections-search",
        "does the search for detections in a box work?",
        Works = "works": "yes",
        Refused = "refused": "400, code 100",
        Empty = "empty": "it never finds any";
    mesh_file: MeshFile, "mesh-file",
        "in which format are meshes?",
        Unpacked = "unpacked": "protobuf, each number with its own tag",
        Packed = "packed": "protobuf, packed numbers",
        Ply = "ply": "PLY";
    cluster_file: ClusterFile, "cluster-file",
        "in which format are the files of sfm_cluster?",
        ZlibArray = "zlib-array": "zlib of a JSON array of reconstructions",
        JsonArray = "json-array": "a JSON array of reconstructions",
        ZlibObject = "zlib-object": "zlib of the JSON of one reconstruction",
        GzipArray = "gzip-array": "gzip of a JSON array of reconstructions";
    brown_parameters: BrownParameters, "brown-parameters",
        "how many camera_parameters has an image of camera_type brown?",
        None = "none": "there are no such images",
        Nine = "nine": "nine: focal_x, focal_y, c_x, c_y, k1, k2, p1, p2, k3",
        Five = "five": "five: focal, k1, k2, p1, p2";
}

impl EmptyFeatures {
    /// The same answer about a coverage tile, so that one place makes both.
    pub(crate) const fn as_coverage(self) -> EmptyCoverage {
        match self {
            Self::Water => EmptyCoverage::Water,
            Self::Empty => EmptyCoverage::Empty,
            Self::NoContent => EmptyCoverage::NoContent,
            Self::NotFound => EmptyCoverage::NotFound,
            Self::MapillaryEmpty => EmptyCoverage::MapillaryEmpty,
        }
    }
}
