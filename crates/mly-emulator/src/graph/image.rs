//! Images.

use super::{
    cluster,
    entity::Entity,
    fields::{Field, Fields},
    link::{PictureSize, SignedFile},
    lookup::Graph,
    node::{Slot, object},
};
use crate::{
    answer::ApiError,
    answers::BrownParameters,
    dice::{mix, unit},
    json::Json,
    world::{Camera, Image},
};

/// The camera that is of the type `brown` when one of its answers is played. Images of such cameras were seen.
const BROWN_MODEL: &str = "HERO9 Black";

pub(super) fn write(
    json: &mut Json,
    graph: &Graph<'_>,
    image: &Image,
    field: &Field,
) -> Result<Slot, ApiError> {
    let plain = recorded(json, graph, image, &field.name)
        .or_else(|| computed(json, graph, image, &field.name))
        .or_else(|| picture(json, graph, image, &field.name));
    if matches!(plain, Slot::Unknown) { nested(json, graph, image, field) } else { Ok(plain) }
}

/// Fields that came with the photo.
fn recorded(json: &mut Json, graph: &Graph<'_>, image: &Image, name: &str) -> Slot {
    let camera = image.camera;
    let sequence = || graph.limits.hostile_name(image.id).unwrap_or(&image.sequence);
    match name {
        "altitude" => Slot::of(image.altitude_m, |metres| json.float(metres)),
        "camera_type" => Slot::of(camera, |camera| json.text(calibration(graph, camera).0)),
        "captured_at" => Slot::of(Some(image.captured_at_ms), |ms| json.int(ms)),
        "compass_angle" => Slot::of(image.compass_angle, |degrees| json.float(degrees)),
        "exif_orientation" => Slot::of(camera, |_| json.int(1)),
        "geometry" => Slot::of(Some(image.position), |place| json.point(place)),
        "height" => Slot::of(camera, |camera| json.int(camera.height.into())),
        "width" => Slot::of(camera, |camera| json.int(camera.width.into())),
        "is_pano" => Slot::of(Some(image.is_pano), |is_pano| json.bool(is_pano)),
        "make" => Slot::of(camera.and_then(|camera| camera.make), |make| json.text(make)),
        "model" => Slot::of(camera.and_then(|camera| camera.model), |model| json.text(model)),
        "quality_score" => Slot::of(image.quality_score, |score| json.float(score)),
        "sequence" => Slot::of(Some(sequence()), |sequence| json.text(sequence)),
        _ => Slot::Unknown,
    }
}

/// Fields that the service computed.
fn computed(json: &mut Json, graph: &Graph<'_>, image: &Image, name: &str) -> Slot {
    let processed = image.computed.is_some();
    let chance = unit(mix(image.id));
    let camera = image.camera;
    let heading = image.computed_compass_angle;
    match name {
        // Images that were not processed have a scale of 1 and a default calibration.
        "atomic_scale" => Slot::of(camera, |_| json.float(if processed { 0.95 + 0.1 * chance } else { 1.0 })),
        "camera_parameters" => Slot::of(camera.filter(|camera| !camera.is_pano()), |camera| {
            json.floats(if processed { calibration(graph, camera).1 } else { &[0.85, 0.0, 0.0] });
        }),
        "computed_altitude" => Slot::of(camera.filter(|_| processed), |_| json.float(1.5 + chance)),
        "computed_compass_angle" => Slot::of(heading, |degrees| json.float(degrees)),
        "computed_geometry" => Slot::of(image.computed, |place| json.point(place)),
        "computed_rotation" => Slot::of(heading, |degrees| json.floats(&cluster::rotation(degrees))),
        "merge_cc" => Slot::of(image.computed, |_| json.float(cluster::merge_cc(image))),
        _ => Slot::Unknown,
    }
}

/// The type of a camera and its parameters.
fn calibration(graph: &Graph<'_>, camera: &'static Camera) -> (&'static str, &'static [f64]) {
    let is_brown = camera.model == Some(BROWN_MODEL);
    match graph.answers.brown_parameters {
        BrownParameters::Nine if is_brown => (
            "brown",
            &[0.583_117, 0.583_021, 0.000_412, -0.000_835, -0.021_774, 0.006_125, 0.0001, -0.0002, 0.0],
        ),
        BrownParameters::Five if is_brown => ("brown", &[0.583_117, -0.021_774, 0.006_125, 0.0001, -0.0002]),
        _ => (camera.projection, camera.parameters),
    }
}

/// `thumb_256_url` and the other sizes.
fn picture(json: &mut Json, graph: &Graph<'_>, image: &Image, name: &str) -> Slot {
    let wanted = name.strip_prefix("thumb_").and_then(|rest| rest.strip_suffix("_url"));
    let Some((size, _)) = PictureSize::ALL.into_iter().find(|(_, known)| Some(*known) == wanted) else {
        return Slot::Unknown;
    };
    let file = SignedFile::Picture { image: image.id, size };
    Slot::of(image.camera, |_| json.text(&graph.links.sign(file)))
}

/// Fields that are objects.
fn nested(json: &mut Json, graph: &Graph<'_>, image: &Image, field: &Field) -> Result<Slot, ApiError> {
    let processed = image.computed.is_some() && image.camera.is_some();
    let file = match field.name.as_str() {
        "creator" => {
            let user = |id| graph.source.user(id).map(Entity::User);
            return Ok(person(json, image.creator, user, &["username"]));
        }
        "organization" => {
            let organization = |id| graph.source.organization(id).map(Entity::Organization);
            return Ok(person(json, image.organization, organization, &[]));
        }
        "detections" => {
            let detections = graph.source.detections_of_image(image.id).into_iter();
            return Ok(Slot::Entities(detections.map(Entity::Detection).collect(), &[]));
        }
        "mesh" => processed.then(|| {
            let url = graph.links.sign(SignedFile::Mesh { image: image.id });
            file(json, "Mesh", mix(image.id) >> 14, &url, 9, field)
        }),
        "sfm_cluster" => processed.then(|| {
            let file_of = SignedFile::Cluster { sequence: &image.sequence, cluster: image.cluster };
            file(json, "SfmCluster", cluster::id(image), &graph.links.sign(file_of), 7, field)
        }),
        _ => return Ok(Slot::Unknown),
    };
    Ok(Slot::of(file.transpose()?, |()| {}))
}

/// A creator or an organization. Stored tiles name them by their id alone, so in a world of stored tiles nothing else is
/// known of them, whatever the request names.
fn person(
    json: &mut Json,
    id: Option<u64>,
    find: impl FnOnce(u64) -> Option<Entity>,
    unasked: &'static [&'static str],
) -> Slot {
    let Some(id) = id else { return Slot::Empty };
    let found = find(id);
    if found.is_none() {
        json.object(|json| json.key("id").id(id));
        return Slot::Written;
    }
    Slot::entity(found, unasked)
}

/// `{url, id}`. One object in `missing` has no URL, as on the service.
fn file(
    json: &mut Json,
    node: &str,
    id: u64,
    url: &str,
    missing: u64,
    field: &Field,
) -> Result<(), ApiError> {
    let has_url = !mix(id).is_multiple_of(missing);
    object(json, node, id, field.nested.as_ref().unwrap_or(&Fields::named(&["url"])), |json, field| {
        Ok(if field.name == "url" {
            Slot::of(has_url.then_some(url), |url| json.text(url))
        } else {
            Slot::Unknown
        })
    })
}
