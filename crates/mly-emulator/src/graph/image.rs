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

pub(super) fn json(graph: &Graph<'_>, image: &Image, fields: &Fields) -> Result<Json, ApiError> {
    object(NODE, image.id, fields, |field| {
        let plain = recorded(image, &field.name)
            .or_else(|| computed(image, &field.name))
            .or_else(|| picture(graph, image, &field.name));
        if matches!(plain, Slot::Unknown) { nested(graph, image, field) } else { Ok(plain) }
    })
}

/// What came with the photo.
fn recorded(image: &Image, name: &str) -> Slot {
    let camera = image.camera;
    let value = match name {
        "altitude" => image.altitude_m.map(Json::Float),
        "camera_type" => camera.map(|camera| Json::text(camera.projection)),
        "captured_at" => Some(Json::Int(image.captured_at_ms)),
        "compass_angle" => image.compass_angle.map(Json::Float),
        "exif_orientation" => camera.map(|_| Json::Int(1)),
        "geometry" => Some(Json::point(image.position)),
        "height" => camera.map(|camera| Json::Int(camera.height.into())),
        "width" => camera.map(|camera| Json::Int(camera.width.into())),
        "is_pano" => Some(Json::Bool(image.is_pano)),
        "make" => camera.and_then(|camera| camera.make).map(Json::text),
        "model" => camera.and_then(|camera| camera.model).map(Json::text),
        "quality_score" => image.quality_score.map(Json::Float),
        "sequence" => Some(Json::text(&*image.sequence)),
        _ => return Slot::Unknown,
    };
    value.into()
}

/// What the service made of it.
fn computed(image: &Image, name: &str) -> Slot {
    let processed = image.computed.is_some();
    let chance = unit(mix(image.id));
    let camera = image.camera;
    let value = match name {
        // Unprocessed images carry a scale of 1 and a calibration that is none.
        "atomic_scale" => camera.map(|_| Json::Float(if processed { 0.95 + 0.1 * chance } else { 1.0 })),
        "camera_parameters" => camera.filter(|camera| !camera.is_pano()).map(|camera| {
            let parameters = if processed { camera.parameters } else { &[0.85, 0.0, 0.0] };
            Json::floats(parameters)
        }),
        "computed_altitude" => camera.filter(|_| processed).map(|_| Json::Float(1.5 + chance)),
        "computed_compass_angle" => image.computed_compass_angle.map(Json::Float),
        "computed_geometry" => image.computed.map(Json::point),
        "computed_rotation" => {
            image.computed_compass_angle.map(|heading| Json::floats(&cluster::rotation(heading)))
        }
        "merge_cc" => processed.then(|| Json::Float(cluster::merge_cc(image))),
        _ => return Slot::Unknown,
    };
    value.into()
}

/// `thumb_256_url` and the like.
fn picture(graph: &Graph<'_>, image: &Image, name: &str) -> Slot {
    let wanted = name.strip_prefix("thumb_").and_then(|rest| rest.strip_suffix("_url"));
    let Some((size, _)) = Size::ALL.into_iter().find(|(_, known)| Some(*known) == wanted) else {
        return Slot::Unknown;
    };
    let address = || Json::text(graph.links.sign(File::Picture { image: image.id, size }));
    image.camera.map(|_| address()).into()
}

/// What is an object itself.
fn nested(graph: &Graph<'_>, image: &Image, field: &Field) -> Result<Slot, ApiError> {
    let asked = field.nested.as_ref();
    let processed = image.computed.is_some() && image.camera.is_some();
    let value = match field.name.as_str() {
        "creator" => image.creator.map(|id| match graph.source.user(id) {
            Some(user) => people::user(&user, asked.unwrap_or(&Fields::named(&["username"]))),
            None => people::stranger(people::USER, id),
        }),
        "organization" => image.organization.map(|id| match graph.source.organization(id) {
            Some(organization) => people::organization(&organization, asked.unwrap_or(&Fields::default())),
            None => people::stranger(people::ORGANIZATION, id),
        }),
        "mesh" => processed.then(|| {
            let url = graph.links.sign(File::Mesh { image: image.id });
            file("Mesh", mix(image.id) >> 14, url, 9, asked)
        }),
        "sfm_cluster" => processed.then(|| {
            let file_of = File::Cluster { sequence: &image.sequence, cluster: image.cluster };
            file("SfmCluster", cluster::id(image), graph.links.sign(file_of), 7, asked)
        }),
        "detections" => {
            let found = graph.source.detections_of_image(image.id).into_iter().map(Entity::Detection);
            Some(graph.data(found, asked.unwrap_or(&Fields::default())))
        }
        _ => return Ok(Slot::Unknown),
    };
    Ok(value.transpose()?.into())
}

/// `{url, id}`; one in `missing` has no address.
fn file(node: &str, id: u64, url: String, missing: u64, asked: Option<&Fields>) -> Result<Json, ApiError> {
    let url = (!mix(id).is_multiple_of(missing)).then(|| Json::text(url));
    object(node, id, asked.unwrap_or(&Fields::named(&["url"])), |field| {
        Ok(if field.name == "url" { url.clone().into() } else { Slot::Unknown })
    })
}
