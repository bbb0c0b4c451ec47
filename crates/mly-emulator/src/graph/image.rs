//! Images.

use super::{
    Entity, Field, Fields, File, Graph, Size, cluster,
    node::{Slot, object},
    people,
};
use crate::{
    answer::ApiError,
    dice::{mix, unit},
    json::Json,
    world::Image,
};

/// The node type that a recorded error names for an image.
pub(super) const NODE: &str = "ChunkObject";

pub(super) fn write(
    json: &mut Json,
    graph: &Graph<'_>,
    image: &Image,
    fields: &Fields,
) -> Result<(), ApiError> {
    object(json, NODE, image.id, fields, |json, field| {
        let plain = recorded(json, graph, image, &field.name)
            .or_else(|| computed(json, image, &field.name))
            .or_else(|| picture(json, graph, image, &field.name));
        if plain == Slot::Unknown { nested(json, graph, image, field) } else { Ok(plain) }
    })
}

/// What came with the photo.
fn recorded(json: &mut Json, graph: &Graph<'_>, image: &Image, name: &str) -> Slot {
    let camera = image.camera;
    let sequence = || graph.limits.hostile_name(image.id).unwrap_or(&image.sequence);
    match name {
        "altitude" => Slot::of(image.altitude_m, |metres| json.float(metres)),
        "camera_type" => Slot::of(camera, |camera| json.text(camera.projection)),
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

/// What the service made of it.
fn computed(json: &mut Json, image: &Image, name: &str) -> Slot {
    let processed = image.computed.is_some();
    let chance = unit(mix(image.id));
    let camera = image.camera;
    let heading = image.computed_compass_angle;
    match name {
        // Unprocessed images carry a scale of 1 and a calibration that is none.
        "atomic_scale" => Slot::of(camera, |_| json.float(if processed { 0.95 + 0.1 * chance } else { 1.0 })),
        "camera_parameters" => Slot::of(camera.filter(|camera| !camera.is_pano()), |camera| {
            json.floats(if processed { camera.parameters } else { &[0.85, 0.0, 0.0] });
        }),
        "computed_altitude" => Slot::of(camera.filter(|_| processed), |_| json.float(1.5 + chance)),
        "computed_compass_angle" => Slot::of(heading, |degrees| json.float(degrees)),
        "computed_geometry" => Slot::of(image.computed, |place| json.point(place)),
        "computed_rotation" => Slot::of(heading, |degrees| json.floats(&cluster::rotation(degrees))),
        "merge_cc" => Slot::of(image.computed, |_| json.float(cluster::merge_cc(image))),
        _ => Slot::Unknown,
    }
}

/// `thumb_256_url` and the like.
fn picture(json: &mut Json, graph: &Graph<'_>, image: &Image, name: &str) -> Slot {
    let wanted = name.strip_prefix("thumb_").and_then(|rest| rest.strip_suffix("_url"));
    let Some((size, _)) = Size::ALL.into_iter().find(|(_, known)| Some(*known) == wanted) else {
        return Slot::Unknown;
    };
    let file = File::Picture { image: image.id, size };
    Slot::of(image.camera, |_| json.text(&graph.links.sign(file)))
}

/// What is an object itself.
fn nested(json: &mut Json, graph: &Graph<'_>, image: &Image, field: &Field) -> Result<Slot, ApiError> {
    let asked = field.nested.as_ref();
    let processed = image.computed.is_some() && image.camera.is_some();
    let written = match field.name.as_str() {
        "creator" => image.creator.map(|id| match graph.source.user(id) {
            Some(user) => people::user(json, &user, asked.unwrap_or(&Fields::named(&["username"]))),
            None => people::stranger(json, people::USER, id),
        }),
        "organization" => image.organization.map(|id| match graph.source.organization(id) {
            Some(organization) => {
                people::organization(json, &organization, asked.unwrap_or(&Fields::default()))
            }
            None => people::stranger(json, people::ORGANIZATION, id),
        }),
        "mesh" => processed.then(|| {
            let url = graph.links.sign(File::Mesh { image: image.id });
            file(json, "Mesh", mix(image.id) >> 14, &url, 9, asked)
        }),
        "sfm_cluster" => processed.then(|| {
            let file_of = File::Cluster { sequence: &image.sequence, cluster: image.cluster };
            file(json, "SfmCluster", cluster::id(image), &graph.links.sign(file_of), 7, asked)
        }),
        "detections" => {
            let found = graph.source.detections_of_image(image.id).into_iter().map(Entity::Detection);
            Some(graph.write_data(json, found, asked.unwrap_or(&Fields::default())))
        }
        _ => return Ok(Slot::Unknown),
    };
    Ok(Slot::of(written.transpose()?, |()| {}))
}

/// `{url, id}`; one in `missing` has no address.
fn file(
    json: &mut Json,
    node: &str,
    id: u64,
    url: &str,
    missing: u64,
    asked: Option<&Fields>,
) -> Result<(), ApiError> {
    let has_url = !mix(id).is_multiple_of(missing);
    object(json, node, id, asked.unwrap_or(&Fields::named(&["url"])), |json, field| {
        Ok(if field.name == "url" {
            Slot::of(has_url.then_some(url), |url| json.text(url))
        } else {
            Slot::Unknown
        })
    })
}
