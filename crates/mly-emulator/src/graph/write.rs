//! Entities as JSON, with the entities inside them.
//!
//! The files beside this one write the fields of one kind of entity each. Images have detections, detections have an image,
//! and map features have both: such fields are only looked up there, as a [`Slot`], and written here.

use super::{
    detection,
    entity::Entity,
    feature,
    fields::{Field, Fields},
    image,
    lookup::Graph,
    node::{Slot, object},
    people,
};
use crate::{answer::ApiError, json::Json};

impl Graph<'_> {
    pub(crate) fn write(&self, json: &mut Json, entity: &Entity, fields: &Fields) -> Result<(), ApiError> {
        object(json, entity.node(), entity.id(), fields, |json, field| {
            let slot = match entity {
                Entity::Image(image) => image::write(json, self, image, field)?,
                Entity::Feature(feature) => feature::write(json, self, feature, field),
                Entity::Detection(detection) => detection::write(json, self, detection, field),
                Entity::Organization(organization) => people::organization(json, organization, field),
                Entity::User(user) => people::user(json, user, field),
            };
            self.write_nested(json, slot, field)
        })
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

    /// Writes the entities that a field refers to. Other values are written already.
    fn write_nested(&self, json: &mut Json, slot: Slot, field: &Field) -> Result<Slot, ApiError> {
        let asked = field.nested.as_ref();
        match slot {
            Slot::Entity(entity, unasked) => {
                self.write(json, &entity, asked.unwrap_or(&Fields::named(unasked)))?;
            }
            Slot::Entities(entities, unasked) => {
                self.write_data(json, entities, asked.unwrap_or(&Fields::named(unasked)))?;
            }
            Slot::Written | Slot::Empty | Slot::Unknown => return Ok(slot),
        }
        Ok(Slot::Written)
    }
}
