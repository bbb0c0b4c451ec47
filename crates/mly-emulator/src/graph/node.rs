//! One entity as a JSON object.

use super::{Field, Fields};
use crate::{answer::ApiError, json::Json};

/// What an entity has under the name of a field.
#[derive(Debug)]
pub(super) enum Slot {
    Value(Json),
    /// There is such a field, but this entity has no value for it: it is left out.
    Empty,
    /// No entity of this kind has such a field.
    Unknown,
}

impl Slot {
    /// This one, or what another list of fields has.
    pub(super) fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        if matches!(self, Self::Unknown) { other() } else { self }
    }
}

impl From<Json> for Slot {
    fn from(value: Json) -> Self {
        Self::Value(value)
    }
}

impl From<Option<Json>> for Slot {
    fn from(value: Option<Json>) -> Self {
        value.map_or(Self::Empty, Self::Value)
    }
}

/// The fields that were asked for, in that order, then the id.
pub(super) fn object(
    node: &str,
    id: u64,
    fields: &Fields,
    slot: impl Fn(&Field) -> Result<Slot, ApiError>,
) -> Result<Json, ApiError> {
    let mut members = Vec::with_capacity(fields.0.len() + 1);
    for field in fields.0.iter().filter(|field| field.name != "id") {
        match slot(field)? {
            Slot::Unknown => return Err(ApiError::unknown_field(&field.name, node)),
            Slot::Value(value) if field.nested.is_some() && !matches!(value, Json::Object(_)) => {
                return Err(ApiError::invalid(format!("Subfields are not supported by {}", field.name)));
            }
            Slot::Value(value) => members.push((field.name.clone().into(), value)),
            Slot::Empty => {}
        }
    }
    members.push(("id".into(), Json::text(id.to_string())));
    Ok(Json::Object(members))
}
