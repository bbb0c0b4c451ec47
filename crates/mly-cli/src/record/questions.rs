//! The questions: a table. Their texts are those of the emulator, which can play other answers to them.

use mly_emulator::Question;

use super::graph;
use super::seen::Seen;
use super::sighting::Sighting;
use super::step::Step;
use super::unanswered::Unanswered;
use super::{files, tiles, transport};

/// A row of the table.
pub(super) struct QuestionRow {
    /// The name of the question.
    pub(super) name: &'static str,
    /// The answers that this program counts on.
    pub(super) expected: &'static [&'static str],
    /// The requests whose answers decide it.
    pub(super) steps: &'static [Step],
    pub(super) judge: fn(&Seen) -> Result<Sighting, Unanswered>,
}

impl QuestionRow {
    /// The question itself.
    pub(super) fn asks(&self) -> &'static str {
        Question::ALL.iter().find(|known| known.name == self.name).map_or("", |known| known.asks)
    }
}

const fn row(
    name: &'static str,
    expected: &'static [&'static str],
    steps: &'static [Step],
    judge: fn(&Seen) -> Result<Sighting, Unanswered>,
) -> QuestionRow {
    QuestionRow { name, expected, steps, judge }
}

const TILES: &[Step] = &[Step::Tile, Step::TileComputed, Step::TileNextComputed];
const IDS: &[Step] = &[Step::Ids51, Step::Ids50];
const CAMERAS: &[Step] = &[Step::SearchBrown, Step::SearchSmall, Step::Ids51, Step::Ids50];

pub(super) const QUESTIONS: [QuestionRow; 31] = [
    row("point-buffer", &["none"], TILES, tiles::point_buffer),
    row("computed-compass", &["original"], &[Step::Tile, Step::TileComputed], tiles::computed_compass),
    row("tile-compression", &["when-asked"], TILES, transport::tile_compression),
    row(
        "graph-compression",
        &["when-asked"],
        &[Step::SearchSmall, Step::Ids51],
        transport::graph_compression,
    ),
    row("tile-caching", &["none"], &[Step::Tile], transport::tile_caching),
    row("http-version", &["1.1", "2"], &[Step::Tile], transport::http_version),
    row("empty-coverage-tile", &["empty"], &[Step::TileEmpty], |seen| {
        tiles::without_features(seen, Step::TileEmpty)
    }),
    row("empty-feature-tile", &["water"], &[Step::TileNoSigns], |seen| {
        tiles::without_features(seen, Step::TileNoSigns)
    }),
    row("trailing-slash", &["accepted"], &[Step::TileSlash], tiles::trailing_slash),
    row("header-token-on-tiles", &["refused"], &[Step::TileHeader], tiles::header_token),
    row("cors", &["any"], &[Step::Tile, Step::SearchSmall], transport::cors),
    row("app-usage", &["absent"], &[Step::SearchSmall], transport::app_usage),
    row("retry-after", &["absent"], &[Step::IdsUnknown, Step::SearchTooLarge], transport::retry_after),
    row("overview-is-pano", &["absent"], &[Step::Overview], tiles::overview_is_pano),
    row(
        "overview-completeness",
        &["complete"],
        &[Step::Overview, Step::LowZoom],
        tiles::overview_completeness,
    ),
    row("low-zoom-properties", &["same"], &[Step::Tile, Step::LowZoom], tiles::low_zoom_properties),
    row(
        "map-feature-properties",
        &["four"],
        &[Step::TilePoints, Step::TileSigns],
        tiles::map_feature_properties,
    ),
    row("bbox-rule", &["area"], &[Step::SearchWide], graph::bbox_rule),
    row("bbox-too-large", &["refused"], &[Step::SearchTooLarge], graph::bbox_too_large),
    row("bbox-order", &["refused"], &[Step::SearchOrder], graph::bbox_order),
    row("bbox-position", &["original"], &[Step::SearchSmall], graph::bbox_position),
    row("bad-date", &["refused"], &[Step::SearchBadDate], graph::bad_date),
    row("limit-over-2000", &["refused"], &[Step::SearchLimit], graph::limit_over_2000),
    row("radius-over-50", &["refused"], &[Step::SearchRadius], graph::radius_over_50),
    row("ids-at-once", &["50"], IDS, graph::ids_at_once),
    row("bad-id-in-ids", &["fails"], &[Step::IdsUnknown], graph::bad_id_in_ids),
    row("bad-id-in-image-ids", &["left-out"], &[Step::ImageIdsUnknown], graph::bad_id_in_image_ids),
    row("detections-search", &["works"], &[Step::SearchDetections], graph::detections_search),
    row("mesh-file", &["unpacked"], &[Step::Mesh], files::mesh),
    row("cluster-file", &["zlib-array"], &[Step::Cluster], files::cluster),
    row("brown-parameters", &["nine"], CAMERAS, graph::brown_parameters),
];
