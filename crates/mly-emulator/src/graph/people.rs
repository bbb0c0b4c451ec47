//! Organizations and users.

use super::{
    Fields,
    node::{Slot, object},
};
use crate::{
    answer::ApiError,
    json::Json,
    world::{Organization, User},
};

pub(super) const ORGANIZATION: &str = "Organization";
pub(super) const USER: &str = "User";

pub(super) fn organization(
    json: &mut Json,
    organization: &Organization,
    fields: &Fields,
) -> Result<(), ApiError> {
    object(json, ORGANIZATION, organization.id, fields, |json, field| {
        json.text(match field.name.as_str() {
            "slug" => &organization.slug,
            "name" => &organization.name,
            "description" => &organization.description,
            _ => return Ok(Slot::Unknown),
        });
        Ok(Slot::Written)
    })
}

pub(super) fn user(json: &mut Json, user: &User, fields: &Fields) -> Result<(), ApiError> {
    object(json, USER, user.id, fields, |json, field| {
        if field.name != "username" {
            return Ok(Slot::Unknown);
        }
        json.text(&user.username);
        Ok(Slot::Written)
    })
}

/// Only the id: the tiles of a stored world name their creators and organizations by nothing else.
pub(super) fn stranger(json: &mut Json, node: &str, id: u64) -> Result<(), ApiError> {
    object(json, node, id, &Fields::default(), |_, _| Ok(Slot::Unknown))
}
