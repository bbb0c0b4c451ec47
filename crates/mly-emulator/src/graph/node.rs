//! One entity as a JSON object.

use super::{
    entity::Entity,
    fields::{Field, Fields},
};
use crate::{answer::ApiError, json::Json};

/// What an entity has under the name of a field.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    /// A value, which is written already.
    Written,
    /// There is such a field, but this entity has no value for it; the field is left out.
    Empty,
    /// No entity of this kind has such a field.
    Unknown,
    /// An entity, still to be written: with these fields unless the request names others.
    Entity(Box<Entity>, &'static [&'static str]),
    /// A list of entities, still to be written in the same way.
    Entities(Vec<Entity>, &'static [&'static str]),
}

impl Slot {
    /// This one, or what `other` finds if this one is unknown.
    pub(super) fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        if matches!(self, Self::Unknown) { other() } else { self }
    }

    /// The entity at the other end of a reference, if there is one.
    pub(super) fn entity(entity: Option<Entity>, unasked: &'static [&'static str]) -> Self {
        entity.map_or(Self::Empty, |entity| Self::Entity(Box::new(entity), unasked))
    }

    /// Writes a value, if there is one.
    pub(super) fn of<T>(value: Option<T>, write: impl FnOnce(T)) -> Self {
        value.map(write).map_or(Self::Empty, |()| Self::Written)
    }
}

/// Writes the fields that were requested, in that order, then the id. `write` writes the value of a field.
pub(super) fn object(
    json: &mut Json,
    node: &str,
    id: u64,
    fields: &Fields,
    mut write: impl FnMut(&mut Json, &Field) -> Result<Slot, ApiError>,
) -> Result<(), ApiError> {
    json.open('{');
    for field in fields.0.iter().filter(|field| field.name != "id") {
        let before = json.mark();
        let value = json.key(&field.name).mark();
        match write(json, field)? {
            Slot::Unknown => return Err(ApiError::unknown_field(&field.name, node)),
            Slot::Written if field.nested.is_some() && !json.is_object_at(value) => {
                return Err(ApiError::invalid(format!("Subfields are not supported by {}", field.name)));
            }
            Slot::Empty => json.back_to(before),
            _ => {}
        }
    }
    json.key("id").id(id);
    json.close('}');
    Ok(())
}
