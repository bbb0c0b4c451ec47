//! Look-ups: entities by their ids.

use super::area;
use crate::{
    answer::ApiError,
    answers::{BadIdInIds, IdsAtOnce},
    graph::{Entity, Fields, Graph},
    json::Json,
    request::Request,
};

/// The fields that a request asks for.
pub(super) fn fields(request: &Request) -> Result<Fields, ApiError> {
    Fields::parse(request.parameter("fields").unwrap_or_default())
}

/// `/ID`.
pub(super) fn one(graph: &Graph<'_>, request: &Request, id: &str) -> Result<Json, ApiError> {
    let mut json = Json::default();
    graph.write(&mut json, &graph.entity(id)?, &fields(request)?)?;
    Ok(json)
}

/// `/?ids=`: an object keyed by id. By default, one unknown id fails the whole request.
pub(super) fn batch(graph: &Graph<'_>, request: &Request) -> Result<Json, ApiError> {
    let ids: Vec<&str> = list(request.parameter("ids")).collect();
    if ids.is_empty() {
        return Err(ApiError::invalid("The parameter ids is required"));
    }
    let most = match graph.answers.ids_at_once {
        IdsAtOnce::Fifty => 50,
        IdsAtOnce::More => 200,
        IdsAtOnce::Fewer => 20,
    };
    if ids.len() > most {
        return Err(ApiError::invalid(format!("Too many IDs. Maximum: {most}. Provided: {}", ids.len())));
    }
    if graph.limits.entity_rows.is_some_and(|most| ids.len() > most) {
        return Err(ApiError::too_much_data());
    }
    let fields = fields(request)?;
    refuse_clusters(&fields, ids.len())?;
    let mut entities: Vec<(&str, Option<Entity>)> = Vec::with_capacity(ids.len());
    for id in ids {
        match (graph.entity(id), graph.answers.bad_id_in_ids) {
            (Ok(entity), _) => entities.push((id, Some(entity))),
            (Err(unknown), BadIdInIds::Fails) => return Err(unknown),
            (Err(_), BadIdInIds::LeftOut) => {}
            (Err(_), BadIdInIds::Null) => entities.push((id, None)),
        }
    }
    let mut nodes = entities.iter().filter_map(|(_, entity)| entity.as_ref().map(Entity::node));
    let first = nodes.next();
    if nodes.any(|node| Some(node) != first) {
        return Err(ApiError::invalid("The IDs must be of the same type"));
    }
    let mut json = Json::default();
    json.open('{');
    for (id, entity) in &entities {
        match entity {
            Some(entity) => graph.write(json.key(id), entity, &fields)?,
            None => json.key(id).null(),
        }
    }
    json.close('}');
    Ok(json)
}

/// `/ID/detections`.
pub(super) fn detections(graph: &Graph<'_>, request: &Request, id: &str) -> Result<Json, ApiError> {
    let entity = graph.entity(id)?;
    let found = match &entity {
        Entity::Image(image) => graph.source.detections_of_image(image.id),
        Entity::Feature(feature) => graph.source.detections_of_feature(feature.id),
        _ => return Err(ApiError::unknown_field("detections", entity.node())),
    };
    let limit = area::limit(request, graph.answers)?;
    graph.data(found.into_iter().take(limit).map(Entity::Detection), &fields(request)?)
}

/// `/image_ids?sequence_id=`: in order of capture. For an unknown sequence the service answers with no images.
pub(super) fn image_ids(graph: &Graph<'_>, request: &Request) -> Result<Json, ApiError> {
    let sequence = request
        .parameter("sequence_id")
        .ok_or_else(|| ApiError::invalid("The parameter sequence_id is required"))?;
    let images = graph.source.images_of_sequence(sequence).into_iter();
    graph.data(images.filter(|image| !graph.limits.is_stale(image.id)).map(Entity::Image), &Fields::default())
}

/// Asking for the point clouds of several images at once has failed every time that it was tried.
pub(super) fn refuse_clusters(fields: &Fields, images: usize) -> Result<(), ApiError> {
    if images > 1 && fields.has("sfm_cluster") { Err(ApiError::unavailable()) } else { Ok(()) }
}

/// The items of a comma list.
pub(super) fn list(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty())
}
