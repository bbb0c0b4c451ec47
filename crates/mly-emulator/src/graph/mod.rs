//! Entities as JSON: only the fields that were asked for, `id` always and last, nothing without a value.

mod cluster;
mod detection;
mod feature;
mod fields;
mod image;
mod link;
mod mesh;
mod node;
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
pub(crate) use link::{EXPIRED, File, Links, Size};
pub(crate) use mesh::file as mesh_file;
pub(crate) use picture::{View, jpeg};

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

    pub(crate) fn write(&self, json: &mut Json, entity: &Entity, fields: &Fields) -> Result<(), ApiError> {
        match entity {
            Entity::Image(image) => image::write(json, self, image, fields),
            Entity::Feature(feature) => feature::write(json, self, feature, fields),
            Entity::Detection(detection) => detection::write(json, self, detection, fields),
            Entity::Organization(organization) => people::organization(json, organization, fields),
            Entity::User(user) => people::user(json, user, fields),
        }
    }

    /// `{"data":[...]}`; without `fields` only ids.
    pub(crate) fn data(
        &self,
        entities: impl IntoIterator<Item = Entity>,
        fields: &Fields,
    ) -> Result<Json, ApiError> {
        let mut json = Json::default();
        self.write_data(&mut json, entities, fields)?;
        Ok(json)
    }

    fn write_data(
        &self,
        json: &mut Json,
        entities: impl IntoIterator<Item = Entity>,
        fields: &Fields,
    ) -> Result<(), ApiError> {
        json.open('{');
        self.write_rows(json, entities, fields)?;
        json.close('}');
        Ok(())
    }

    /// The member `"data":[...]`.
    pub(crate) fn write_rows(
        &self,
        json: &mut Json,
        entities: impl IntoIterator<Item = Entity>,
        fields: &Fields,
    ) -> Result<(), ApiError> {
        json.key("data").open('[');
        for entity in entities {
            self.write(json, &entity, fields)?;
        }
        json.close(']');
        Ok(())
    }

    /// An image at the other end of an edge: geometry and id unless asked otherwise. Whether there is one.
    fn write_linked_image(&self, json: &mut Json, id: u64, field: &Field) -> Result<bool, ApiError> {
        let Some(image) = self.image(id) else { return Ok(false) };
        let unasked = Fields::named(&["geometry"]);
        image::write(json, self, &image, field.nested.as_ref().unwrap_or(&unasked))?;
        Ok(true)
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
