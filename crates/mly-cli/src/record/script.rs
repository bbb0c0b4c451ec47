//! The requests, in the order in which they are sent: a table.

use mly::TileId;
use serde_json::Value;

use super::ask::Ask;
use super::exchange::rows;
use super::place;
use super::seen::Seen;
use super::step::Step;
use super::unanswered::Unanswered;

/// The tile sets.
const PUBLIC: &str = "mly1_public";
const COMPUTED: &str = "mly1_computed_public";
const POINTS: &str = "mly_map_feature_point";
const SIGNS: &str = "mly_map_feature_traffic_sign";

/// An id that no entity has.
pub(super) const UNKNOWN_ID: &str = "999999999999999999";

/// The fields that the questions about images need. The URL is there to see what is signed and to have a body that is worth
/// compressing.
const IMAGE_FIELDS: &str = "geometry,computed_geometry,camera_type,camera_parameters,thumb_256_url";
const FILE_FIELDS: &str = "geometry,computed_geometry,mesh,sfm_cluster";
const CAMERA_FIELDS: &str = "camera_type,camera_parameters";

/// A row of the table.
pub(super) struct ScriptRow {
    pub(super) step: Step,
    /// The name of its payload.
    pub(super) name: &'static str,
    pub(super) ask: fn(&Seen) -> Result<Ask, Unanswered>,
}

const fn row(step: Step, name: &'static str, ask: fn(&Seen) -> Result<Ask, Unanswered>) -> ScriptRow {
    ScriptRow { step, name, ask }
}

pub(super) const SCRIPT: [ScriptRow; 28] = [
    row(Step::Overview, "overview", |_| Ok(Ask::tile(PUBLIC, place::overview()))),
    row(Step::Tile, "tile", |seen| Ok(here(PUBLIC, seen))),
    row(Step::TileComputed, "tile-computed", |seen| Ok(here(COMPUTED, seen))),
    row(Step::TileNextComputed, "tile-next-computed", |seen| {
        Ok(Ask::tile(COMPUTED, place::next_tile(seen)).without_gzip())
    }),
    row(Step::TileEmpty, "tile-empty", |_| Ok(Ask::tile(PUBLIC, place::ocean()))),
    row(Step::LowZoom, "tile-low-zoom", |_| Ok(Ask::tile(PUBLIC, place::low_zoom()))),
    row(Step::TilePoints, "tile-points", |seen| Ok(here(POINTS, seen))),
    row(Step::TileSigns, "tile-signs", |seen| Ok(here(SIGNS, seen))),
    row(Step::TileNoSigns, "tile-no-signs", |_| Ok(Ask::tile(SIGNS, place::ocean()))),
    row(Step::TileHeader, "tile-header-token", |seen| Ok(here(PUBLIC, seen).with_token_in_header())),
    row(Step::TileSlash, "tile-slash", |seen| Ok(here(PUBLIC, seen).with_slash())),
    row(Step::Ids51, "ids-51", |seen| some_ids(seen, 51)),
    row(Step::Ids50, "ids-50", |seen| {
        let is_accepted = seen.answer(Step::Ids51)?.answer().is_ok();
        if is_accepted { Err(Unanswered::new("51 ids were accepted")) } else { some_ids(seen, 50) }
    }),
    row(Step::IdsUnknown, "ids-unknown", |seen| {
        Ok(Ask::entities("").with("ids", one_unknown(seen)?).with("fields", "captured_at"))
    }),
    row(Step::ImageIdsUnknown, "image-ids-unknown", |seen| {
        Ok(Ask::search("images").with("image_ids", one_unknown(seen)?).with("fields", "captured_at"))
    }),
    row(Step::SearchSmall, "search-small", |seen| {
        Ok(in_small_box("images", seen)?.with("fields", IMAGE_FIELDS))
    }),
    row(Step::SearchWide, "search-wide", |seen| in_box("images", seen, [0.01, 0.001])),
    row(Step::SearchTooLarge, "search-too-large", |seen| in_box("images", seen, [0.1, 0.1])),
    row(Step::SearchOrder, "search-order", |seen| {
        let bbox = place::small_box(seen)?.bbox;
        let turned = mly::tile::Bbox { west: bbox.east, east: bbox.west, ..bbox };
        Ok(Ask::search("images").with("bbox", place::parameter(turned)))
    }),
    row(Step::SearchBadDate, "search-bad-date", |seen| {
        Ok(in_small_box("images", seen)?.with("start_captured_at", "2016-13-45"))
    }),
    row(Step::SearchLimit, "search-limit", |seen| Ok(in_small_box("images", seen)?.with("limit", "2001"))),
    row(Step::SearchRadius, "search-radius", |seen| {
        let [lon, lat] = place::images(seen)?[0].original;
        let search = Ask::search("images").with("lat", format!("{lat:.6}")).with("lng", format!("{lon:.6}"));
        Ok(search.with("radius", "51"))
    }),
    row(Step::SearchBrown, "search-brown", |seen| {
        let search = in_box("images", seen, [0.004, 0.004])?.with("make", "GoPro");
        Ok(search.with("fields", CAMERA_FIELDS).with("limit", "500"))
    }),
    row(Step::SearchDetections, "search-detections", |seen| {
        Ok(in_box("detections", seen, [0.004, 0.004])?.with("fields", "value,created_at").with("limit", "10"))
    }),
    row(Step::Image, "image", |seen| one_image(seen, 0)),
    row(Step::OtherImage, "image-other", |seen| {
        let has = |name| file_url(seen, Step::Image, name).is_some();
        let is_enough = has("mesh") && has("sfm_cluster");
        if is_enough { Err(Unanswered::new("one image was enough")) } else { one_image(seen, 1) }
    }),
    row(Step::Mesh, "mesh", |seen| file(seen, "mesh")),
    row(Step::Cluster, "cluster", |seen| file(seen, "sfm_cluster")),
];

/// The tile of a set at the place.
fn here(set: &str, seen: &Seen) -> Ask {
    Ask::tile(set, place::tile(seen))
}

fn some_ids(seen: &Seen, count: usize) -> Result<Ask, Unanswered> {
    let images = place::images(seen)?;
    let ids: Vec<_> = images.iter().take(count).map(|image| image.id.to_string()).collect();
    if ids.len() < count {
        let tile: TileId = place::tile(seen);
        return Err(Unanswered::new(format!("tile {tile} has fewer than {count} images")));
    }
    Ok(Ask::entities("").with("ids", ids.join(",")).with("fields", IMAGE_FIELDS))
}

/// The id of an image and one that does not exist.
fn one_unknown(seen: &Seen) -> Result<String, Unanswered> {
    Ok(format!("{},{UNKNOWN_ID}", place::images(seen)?[0].id))
}

fn in_small_box(path: &str, seen: &Seen) -> Result<Ask, Unanswered> {
    Ok(Ask::search(path).with("bbox", place::parameter(place::small_box(seen)?.bbox)))
}

fn in_box(path: &str, seen: &Seen, half: [f64; 2]) -> Result<Ask, Unanswered> {
    Ok(Ask::search(path).with("bbox", place::parameter(place::box_of(seen, half)?)))
}

/// Asks for one of the images that have a computed position, since only those have a mesh and a cluster.
fn one_image(seen: &Seen, number: usize) -> Result<Ask, Unanswered> {
    let images = place::images(seen)?;
    let image = images.iter().filter(|image| image.computed.is_some()).nth(number);
    let image = image.ok_or_else(|| Unanswered::new("no image near the place has a computed position"))?;
    Ok(Ask::entities(image.id.to_string()).with("fields", FILE_FIELDS))
}

/// The URL of a file of an image.
fn file_url(seen: &Seen, step: Step, field: &str) -> Option<String> {
    let image: Value = seen.answer(step).ok()?.answer().ok()?;
    image[field]["url"].as_str().map(str::to_owned)
}

fn file(seen: &Seen, field: &'static str) -> Result<Ask, Unanswered> {
    let url = [Step::Image, Step::OtherImage].into_iter().find_map(|step| file_url(seen, step, field));
    let url =
        url.ok_or_else(|| Unanswered::new(format!("no image that was asked for has a URL of its {field}")))?;
    Ok(Ask::file(&url))
}

/// Every row of the searches for images and look-ups of images that has this field.
pub(super) fn values_of(seen: &Seen, field: &str) -> Vec<Value> {
    let steps = [Step::SearchBrown, Step::SearchSmall, Step::Ids51, Step::Ids50];
    let answers = steps.into_iter().filter_map(|step| seen.answer(step).ok()?.answer().ok());
    let listed = |answer: Value| match rows(&answer) {
        Ok(rows) => rows.to_vec(),
        Err(_) => answer.as_object().map(|by_id| by_id.values().cloned().collect()).unwrap_or_default(),
    };
    answers.flat_map(listed).filter(|row| row.get(field).is_some()).collect()
}
