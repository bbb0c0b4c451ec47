//! Entities as JSON: only the fields that were asked for, `id` always and last, nothing without a value.

mod cluster;
mod detection;
mod feature;
mod fields;
mod image;
mod link;
mod mesh;
mod people;
mod picture;

use crate::{
    answer::ApiError,
    json::Json,
    limits::Limits,
    shared::Shared,
    world::{Detection, Image, MapFeature, Organization, Source, User},
};

pub(crate) use cluster::file as cluster_file;
pub(crate) use fields::{Field, Fields};
pub(crate) use link::{File, Links, Size};
pub(crate) use mesh::file as mesh_file;
pub(crate) use picture::jpeg;

/// Anything that has an id.
#[derive(Clone, Debug)]
pub(crate) enum Entity {
    Image(Image),
    Feature(MapFeature),
    Detection(Detection),
    Organization(Organization),
    User(User),
}

/// The graph at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Graph<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) limits: &'a Limits,
    pub(crate) links: Links<'a>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(shared: &'a Shared, now_ms: i64) -> Self {
        Self {
            source: shared.world.source(),
            limits: &shared.meter.limits,
            links: Links { base: &shared.url, now_ms },
        }
    }

    /// An image that the graph has not forgotten.
    pub(crate) fn image(&self, id: u64) -> Option<Image> {
        self.source.image(id).filter(|image| !self.limits.is_stale(image.id))
    }

    pub(crate) fn entity(&self, id: &str) -> Result<Entity, ApiError> {
        let find = |id: u64| {
            self.image(id)
                .map(Entity::Image)
                .or_else(|| self.source.feature(id).map(Entity::Feature))
                .or_else(|| self.source.detection(id).map(Entity::Detection))
                .or_else(|| self.source.organization(id).map(Entity::Organization))
                .or_else(|| self.source.user(id).map(Entity::User))
        };
        id.parse().ok().and_then(find).ok_or_else(|| ApiError::unknown_id(id))
    }

    pub(crate) fn json(&self, entity: &Entity, fields: &Fields) -> Result<Json, ApiError> {
        match entity {
            Entity::Image(image) => image::json(self, image, fields),
            Entity::Feature(feature) => feature::json(self, feature, fields),
            Entity::Detection(detection) => detection::json(self, detection, fields),
            Entity::Organization(organization) => people::organization(organization, fields),
            Entity::User(user) => people::user(user, fields),
        }
    }

    /// `{"data":[...]}`; without `fields` only ids.
    pub(crate) fn data(
        &self,
        entities: impl IntoIterator<Item = Entity>,
        fields: &Fields,
    ) -> Result<Json, ApiError> {
        let rows = entities.into_iter().map(|entity| self.json(&entity, fields));
        Ok(Json::data(rows.collect::<Result<_, _>>()?))
    }

    /// The edge `images` of a map feature or `image` of a detection: geometry and id unless asked otherwise.
    fn images(
        &self,
        ids: &'a [u64],
        field: &'a Field,
    ) -> impl Iterator<Item = Result<Json, ApiError>> {
        let fields = field.nested.clone().unwrap_or_else(|| Fields::named(&["geometry"]));
        ids.iter().filter_map(|&id| self.image(id)).map(move |image| image::json(self, &image, &fields))
    }
}

impl Entity {
    pub(crate) const fn node(&self) -> &'static str {
        match self {
            Self::Image(_) => image::NODE,
            Self::Feature(_) => feature::NODE,
            Self::Detection(_) => detection::NODE,
            Self::Organization(_) => people::ORGANIZATION,
            Self::User(_) => people::USER,
        }
    }
}

/// Builds an object from the fields that were asked for. `value` gives nothing for a field that this entity has no
/// value for, and `None` for a field that its kind does not have.
fn object<'a>(
    node: &str,
    id: &str,
    fields: &'a Fields,
    value: impl Fn(&'a Field) -> Option<Result<Option<Json>, ApiError>>,
) -> Result<Json, ApiError> {
    let mut members = Vec::with_capacity(fields.0.len() + 1);
    for field in fields.0.iter().filter(|field| field.name != "id") {
        let found = value(field).ok_or_else(|| ApiError::unknown_field(&field.name, node))??;
        if let Some(found) = found {
            if field.nested.is_some() && !matches!(found, Json::Object(_)) {
                return Err(ApiError::invalid(format!("Subfields are not supported by {}", field.name)));
            }
            members.push((field.name.clone().into(), found));
        }
    }
    members.push(("id".into(), Json::text(id)));
    Ok(Json::Object(members))
}
