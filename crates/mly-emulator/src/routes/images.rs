//! `/images`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use url::form_urlencoded;

use super::{
    area::{self, SearchArea},
    entity,
};
use crate::{
    answer::ApiError,
    answers::{Answers, BadIdInImageIds, BboxPosition, RadiusOver50},
    dice::mix,
    graph::{Entity, Fields, Graph},
    grid::{contains, distance_m},
    json::Json,
    request::Request,
    world::{Image, PositionKind},
};

/// The largest radius.
const MOST_RADIUS_M: f64 = 50.0;
/// Boxes larger than this lose images with [`Limits::thin_large_boxes`](crate::Limits::thin_large_boxes).
const THIN_ABOVE_SQUARE_DEGREES: f64 = 0.001;
/// No computed position is farther from the original one than this.
const MOST_DISPLACED_DEGREES: f64 = 0.002;

pub(super) fn search(graph: &Graph<'_>, request: &Request) -> Result<Json, ApiError> {
    let filter = ImageFilter::of(request, graph.answers)?;
    let limit = area::limit(request, graph.answers)?;
    let fields = entity::fields(request)?;
    let area = area::bbox(request, graph.answers)?;
    let (mut images, paged) = if let Some(ids) = request.parameter("image_ids") {
        (by_id(graph, ids)?, false)
    } else if let Some(area) = area {
        match area {
            SearchArea::Box(bbox) => (in_box(graph, bbox, graph.answers.bbox_position)?, false),
            SearchArea::Nowhere => (Vec::new(), false),
        }
    } else if let Some(circle) = circle(request, graph.answers)? {
        (in_circle(graph, circle)?, false)
    } else if let Some(ids) = request.parameter("sequence_ids") {
        (entity::list(Some(ids)).flat_map(|id| graph.source.images_of_sequence(id)).collect(), false)
    } else if let Some(username) = request.parameter("creator_username") {
        (of_creator(graph, username), true)
    } else {
        let needed = "one of bbox, lat with lng and radius, creator_username, sequence_ids, image_ids";
        return Err(ApiError::invalid(format!("The request needs {needed}")));
    };
    let creator = filter.creator_username.and_then(|username| graph.source.user_named(username));
    images.retain(|image| {
        !graph.limits.is_stale(image.id)
            && filter.admits(image)
            && (filter.creator_username.is_none() || image.creator == creator.as_ref().map(|user| user.id))
    });
    if area.is_some() {
        // The service refuses point clouds in a search by box, however few images it finds.
        entity::refuse_clusters(&fields, usize::MAX)?;
    }
    if paged {
        return page(graph, request, images, limit, &fields);
    }
    images.truncate(limit);
    entity::refuse_clusters(&fields, images.len())?;
    graph.data(images.into_iter().map(Entity::Image), &fields)
}

/// The filters, which apply to every kind of search.
struct ImageFilter<'a> {
    captured: area::TimeSpan,
    is_pano: Option<bool>,
    make: Option<&'a str>,
    model: Option<&'a str>,
    organization: Option<u64>,
    creator_username: Option<&'a str>,
    sequences: Vec<&'a str>,
}

impl<'a> ImageFilter<'a> {
    fn of(request: &'a Request, answers: &Answers) -> Result<Self, ApiError> {
        Ok(Self {
            captured: area::TimeSpan::of(request, "start_captured_at", "end_captured_at", answers)?,
            is_pano: area::boolean(request, "is_pano")?,
            make: request.parameter("make"),
            model: request.parameter("model"),
            organization: area::id(request, "organization_id")?,
            creator_username: request.parameter("creator_username"),
            sequences: entity::list(request.parameter("sequence_ids")).collect(),
        })
    }

    fn admits(&self, image: &Image) -> bool {
        let camera = image.camera;
        let is = |wanted: Option<&str>, value: Option<&str>| wanted.is_none() || wanted == value;
        self.captured.contains(image.captured_at_ms)
            && self.is_pano.is_none_or(|wanted| wanted == image.is_pano)
            && is(self.make, camera.and_then(|camera| camera.make))
            && is(self.model, camera.and_then(|camera| camera.model))
            && self.organization.is_none_or(|wanted| image.organization == Some(wanted))
            && (self.sequences.is_empty() || self.sequences.contains(&&*image.sequence))
    }
}

/// By default, unknown ids are left out.
fn by_id(graph: &Graph<'_>, ids: &str) -> Result<Vec<Image>, ApiError> {
    let mut images = Vec::new();
    for id in entity::list(Some(ids)) {
        match (id.parse().ok().and_then(|id| graph.image(id)), graph.answers.bad_id_in_image_ids) {
            (Some(image), _) => images.push(image),
            (None, BadIdInImageIds::LeftOut) => {}
            (None, BadIdInImageIds::Fails) => return Err(ApiError::unknown_id(id)),
        }
    }
    Ok(images)
}

/// The images whose position is in a box, in an order that means nothing, as on the service.
fn in_box(graph: &Graph<'_>, bbox: [f64; 4], by: BboxPosition) -> Result<Vec<Image>, ApiError> {
    let most = graph.limits.images_per_box;
    let images = if by == BboxPosition::Original {
        graph.source.images_in(bbox, most)
    } else {
        let [left, bottom, right, top] = bbox;
        let by_degrees = MOST_DISPLACED_DEGREES;
        let around = [left - by_degrees, bottom - by_degrees, right + by_degrees, top + by_degrees];
        graph.source.images_in(around, usize::MAX).map(|mut images| {
            images.retain(|image| is_in(bbox, image, by));
            images
        })
    };
    let mut images = images.filter(|images| images.len() <= most).ok_or_else(ApiError::too_much_data)?;
    let square_degrees = (bbox[2] - bbox[0]) * (bbox[3] - bbox[1]);
    if graph.limits.thin_large_boxes && square_degrees > THIN_ABOVE_SQUARE_DEGREES {
        images.retain(|image| mix(!image.id) % 10 < 3);
    }
    images.sort_by_key(|image| mix(image.id));
    Ok(images)
}

/// Whether a box holds the position of an image that counts.
fn is_in(bbox: [f64; 4], image: &Image, by: BboxPosition) -> bool {
    let computed = image.at(PositionKind::Computed).map(|place| contains(bbox, place));
    let original = contains(bbox, image.position);
    match by {
        BboxPosition::Original => original,
        BboxPosition::Computed => computed.unwrap_or(original),
        BboxPosition::Either => original || computed == Some(true),
    }
}

/// The centre of a circle as longitude and latitude, and its radius in metres.
fn circle(request: &Request, answers: &Answers) -> Result<Option<([f64; 2], f64)>, ApiError> {
    let [lng, lat, radius] = ["lng", "lat", "radius"].map(|name| area::number(request, name));
    let (Some(lng), Some(lat), Some(mut radius_m)) = (lng?, lat?, radius?) else { return Ok(None) };
    if answers.radius_over_50 == RadiusOver50::Capped {
        radius_m = radius_m.min(MOST_RADIUS_M);
    }
    if !(0.0..=MOST_RADIUS_M).contains(&radius_m) {
        return Err(ApiError::invalid("The parameter radius must be <= 50"));
    }
    Ok(Some(([lng, lat], radius_m)))
}

fn in_circle(graph: &Graph<'_>, (centre, radius_m): ([f64; 2], f64)) -> Result<Vec<Image>, ApiError> {
    const METRES_PER_DEGREE: f64 = 111_000.0;
    let north = radius_m / METRES_PER_DEGREE;
    let east = north / centre[1].to_radians().cos().max(0.01);
    let around = [centre[0] - east, centre[1] - north, centre[0] + east, centre[1] + north];
    let mut images = in_box(graph, around, BboxPosition::Original)?;
    images.retain(|image| contains(around, image.position) && distance_m(centre, image.position) <= radius_m);
    Ok(images)
}

/// Newest first.
fn of_creator(graph: &Graph<'_>, username: &str) -> Vec<Image> {
    let user = graph.source.user_named(username);
    let mut images = user.map(|user| graph.source.images_of_creator(user.id)).unwrap_or_default();
    images.sort_by_key(|image| (-image.captured_at_ms, image.id));
    images
}

/// One page of the images of a creator, the only search with pages. The URL of the next page is without the token.
fn page(
    graph: &Graph<'_>,
    request: &Request,
    images: Vec<Image>,
    limit: usize,
    fields: &Fields,
) -> Result<Json, ApiError> {
    let start = match request.parameter("after") {
        None => 0,
        Some(cursor) => {
            let last = image_of(cursor).ok_or_else(|| ApiError::invalid("Invalid cursor"))?;
            let place = images.iter().position(|image| image.id == last);
            place.ok_or_else(|| ApiError::invalid("Invalid cursor"))? + 1
        }
    };
    let more = images.len() > start + limit;
    let rows: Vec<Image> = images.into_iter().skip(start).take(limit).collect();
    entity::refuse_clusters(fields, rows.len())?;
    let ends = rows.first().zip(rows.last()).map(|(first, last)| (cursor(first.id), cursor(last.id)));
    let mut json = Json::default();
    json.open('{');
    graph.write_rows(&mut json, rows.into_iter().map(Entity::Image), fields)?;
    if let Some((before, after)) = ends {
        json.key("paging").object(|json| {
            json.key("cursors").object(|json| {
                json.key("before").text(&before);
                json.key("after").text(&after);
            });
            if more {
                json.key("next").text(&next(graph, request, &after));
            }
        });
    }
    json.close('}');
    Ok(json)
}

/// The URL of the same request after a cursor.
fn next(graph: &Graph<'_>, request: &Request, after: &str) -> String {
    let kept = form_urlencoded::parse(request.query.as_bytes()).filter(|(key, _)| key != "after");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("after", after)
        .finish();
    format!("{}/images?{query}", graph.links.base)
}

/// A cursor, which means nothing to clients.
fn cursor(image: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("image:{image}"))
}

fn image_of(cursor: &str) -> Option<u64> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    text.strip_prefix("image:")?.parse().ok()
}
