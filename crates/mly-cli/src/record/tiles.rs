//! Questions about what tiles hold.

use std::collections::{BTreeMap, HashSet};

use mly::TileId;
use mly::tile::DATA_ZOOM;

use super::drawn::DrawnTile;
use super::exchange::Exchange;
use super::place;
use super::seen::Seen;
use super::sighting::Sighting;
use super::step::Step;
use super::unanswered::Unanswered;

type Judged = Result<Sighting, Unanswered>;

/// The properties of map features that are documented.
const FOUR: [&str; 4] = ["first_seen_at", "id", "last_seen_at", "value"];

fn tile(seen: &Seen, step: Step) -> Result<DrawnTile<'_>, Unanswered> {
    seen.answer(step).and_then(Exchange::tile)
}

/// How many images of a tile lie outside of it, and how many there are.
fn outside(tile: &DrawnTile<'_>) -> (usize, usize) {
    let extent = tile.layer("image").map_or(4096, mly_mvt::Layer::extent);
    let last = i32::try_from(extent).unwrap_or(i32::MAX) - 1;
    let images = tile.points("image");
    let is_outside = |at: [i32; 2]| at.iter().any(|unit| !(0..=last).contains(unit));
    (images.iter().filter(|image| is_outside(image.at)).count(), images.len())
}

pub(super) fn point_buffer(seen: &Seen) -> Judged {
    let (public, computed) = (tile(seen, Step::Tile)?, tile(seen, Step::TileComputed)?);
    let ((of_public, public_count), (of_computed, count)) = (outside(&public), outside(&computed));
    if count == 0 || public_count == 0 {
        return Err(Unanswered::new("there are no images near the place"));
    }
    let here: HashSet<i64> = computed.points("image").iter().map(|image| image.id).collect();
    let next = tile(seen, Step::TileNextComputed).map(|next| next.points("image")).unwrap_or_default();
    let twice = next.iter().filter(|image| here.contains(&image.id)).count();
    let word = match (of_public, of_computed + twice) {
        (0, 0) => "none",
        (0, _) => "computed",
        _ => "all",
    };
    Ok(Sighting::new(
        word,
        format!(
            "of {count} computed positions {of_computed} are outside of their tile and {twice} in the next one too, \
             of {public_count} original ones {of_public} are outside"
        ),
    ))
}

pub(super) fn computed_compass(seen: &Seen) -> Judged {
    let angles = |step| -> Result<BTreeMap<i64, f64>, Unanswered> {
        let images = tile(seen, step)?.points("image");
        Ok(images.into_iter().filter_map(|image| Some((image.id, image.angle?))).collect())
    };
    let (original, computed) = (angles(Step::Tile)?, angles(Step::TileComputed)?);
    let both: Vec<_> = original.iter().filter_map(|(id, angle)| Some((*angle, *computed.get(id)?))).collect();
    if both.is_empty() {
        return Err(Unanswered::new("no image is in the tiles of both positions"));
    }
    let differ = both.iter().filter(|(a, b)| (a - b).abs() > 0.01).count();
    let word = if differ == 0 { "original" } else { "corrected" };
    Ok(Sighting::new(word, format!("{differ} of {} angles differ between the two sets", both.len())))
}

/// How a tile without anything of its set is answered.
pub(super) fn without_features(seen: &Seen, step: Step) -> Judged {
    let exchange = seen.answer(step)?;
    let (status, bytes) = (exchange.observed.status, exchange.observed.body.len());
    let detail = format!("status {status}, {bytes} bytes");
    if !exchange.is_success() {
        let word = if status == 404 { "not-found".to_owned() } else { format!("status {status}") };
        return Ok(Sighting::new(word, detail));
    }
    if bytes == 0 {
        return Ok(Sighting::new(if status == 204 { "no-content" } else { "empty" }, detail));
    }
    let names = exchange.tile()?.names();
    let word = match names.as_slice() {
        [("water", _)] => "water".to_owned(),
        [("mapillary-empty", _)] => "mapillary-empty".to_owned(),
        other => {
            format!("layers {}", other.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" and "))
        }
    };
    Ok(Sighting::new(word, detail))
}

pub(super) fn trailing_slash(seen: &Seen) -> Judged {
    let (exchange, usual) = (seen.answer(Step::TileSlash)?, seen.answer(Step::Tile)?);
    let status = exchange.observed.status;
    let is_same = exchange.is_success() && exchange.observed.body.len() == usual.observed.body.len();
    let word = if is_same { "accepted" } else { "refused" };
    Ok(Sighting::new(word, format!("status {status}, {} bytes", exchange.observed.body.len())))
}

pub(super) fn header_token(seen: &Seen) -> Judged {
    let exchange = seen.answer(Step::TileHeader)?;
    let word = match exchange.observed.status {
        200..300 => "accepted".to_owned(),
        401 | 403 => "refused".to_owned(),
        other => format!("status {other}"),
    };
    Ok(Sighting::new(word, format!("status {}", exchange.observed.status)))
}

pub(super) fn overview_is_pano(seen: &Seen) -> Judged {
    let tile = tile(seen, Step::Overview)?;
    let keys = tile.keys("overview");
    if keys.is_empty() {
        return Err(Unanswered::new("the tile has no layer overview"));
    }
    let word = if keys.contains(&"is_pano") { "present" } else { "absent" };
    Ok(Sighting::new(word, format!("its properties are {}", keys.join(", "))))
}

/// Compares the layer overview with the vertices of the lines of zoom 6, each of which is the position of an image.
pub(super) fn overview_completeness(seen: &Seen) -> Judged {
    let low = tile(seen, Step::LowZoom)?;
    let extent = low.layer("sequence").map_or(4096, mly_mvt::Layer::extent);
    let with_lines = tiles_of_lines(&low, extent);
    if with_lines.is_empty() {
        return Err(Unanswered::new("the tile of zoom 6 has no lines"));
    }
    let shown: HashSet<TileId> = place::tiles_of_overview(&tile(seen, Step::Overview)?).into_iter().collect();
    let found = with_lines.iter().filter(|tile| shown.contains(tile)).count();
    // A few may be missing because images were deleted since one of the two was made.
    let is_complete = found * 100 >= with_lines.len() * 99;
    let word = if is_complete { "complete" } else { "thinned" };
    Ok(Sighting::new(
        word,
        format!("{found} of {} tiles of zoom 14 that lines of zoom 6 touch have a point", with_lines.len()),
    ))
}

/// The tiles of zoom 14 that a vertex lies in. Vertices near the edge of one are left out, since they are rounded, and so
/// are those on the edge of the whole tile, where lines are cut.
fn tiles_of_lines(low: &DrawnTile<'_>, extent: u32) -> HashSet<TileId> {
    let parts = 1 << (DATA_ZOOM - place::low_zoom().z());
    let units = i32::try_from(extent / parts).unwrap_or(i32::MAX).max(1);
    let extent = i32::try_from(extent).unwrap_or(i32::MAX);
    let is_inside = |unit: &i32| (1..extent).contains(unit) && (1..units - 1).contains(&(unit % units));
    let home = place::low_zoom();
    let tile = |[x, y]: [i32; 2]| {
        let part = |unit: i32| u32::try_from(unit / units).ok();
        TileId::new(DATA_ZOOM, home.x() * parts + part(x)?, home.y() * parts + part(y)?)
    };
    let vertices = low.lines("sequence").into_iter().flatten();
    vertices.filter(|at| at.iter().all(is_inside)).filter_map(tile).collect()
}

pub(super) fn low_zoom_properties(seen: &Seen) -> Judged {
    let (near, far) = (tile(seen, Step::Tile)?, tile(seen, Step::LowZoom)?);
    let (near_keys, far_keys) = (near.keys("sequence"), far.keys("sequence"));
    if near_keys.is_empty() || far_keys.is_empty() {
        return Err(Unanswered::new("one of the tiles has no sequences"));
    }
    let missing: Vec<_> = near_keys.into_iter().filter(|key| !far_keys.contains(key)).collect();
    let (near_ids, far_ids) = (near.text_ids("sequence"), far.text_ids("sequence"));
    let found = near_ids.iter().filter(|id| far_ids.contains(*id)).count();
    let missing_too = match missing.as_slice() {
        [] => String::new(),
        names => format!(", without {}", names.join(", ")),
    };
    let word = if missing.is_empty() { "same" } else { "fewer" };
    let detail = format!("zoom 6 has {found} of {} sequences of a tile{missing_too}", near_ids.len());
    Ok(Sighting::new(word, detail))
}

pub(super) fn map_feature_properties(seen: &Seen) -> Judged {
    let (points, signs) = (tile(seen, Step::TilePoints)?, tile(seen, Step::TileSigns)?);
    let mut keys = points.keys("point");
    keys.extend(signs.keys("traffic_sign"));
    if keys.is_empty() {
        return Err(Unanswered::new("there are no map features near the place"));
    }
    keys.sort_unstable();
    keys.dedup();
    let word = if keys == FOUR {
        "four"
    } else if FOUR.iter().all(|key| keys.contains(key)) {
        "more"
    } else {
        "others"
    };
    Ok(Sighting::new(word, keys.join(", ")))
}
