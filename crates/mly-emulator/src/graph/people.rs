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

pub(super) fn organization(organization: &Organization, fields: &Fields) -> Result<Json, ApiError> {
    object(ORGANIZATION, organization.id, fields, |field| {
        let text = match field.name.as_str() {
            "slug" => &organization.slug,
            "name" => &organization.name,
            "description" => &organization.description,
            _ => return Ok(Slot::Unknown),
        };
        Ok(Json::text(text.clone()).into())
    })
}

pub(super) fn user(user: &User, fields: &Fields) -> Result<Json, ApiError> {
    object(USER, user.id, fields, |field| {
        let is_known = field.name == "username";
        Ok(if is_known { Json::text(&*user.username).into() } else { Slot::Unknown })
    })
}

/// Only the id: the tiles of a stored world name their creators and organizations by nothing else.
pub(super) fn stranger(node: &str, id: u64) -> Result<Json, ApiError> {
    object(node, id, &Fields::default(), |_| Ok(Slot::Unknown))
}
