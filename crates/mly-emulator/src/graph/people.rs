//! Organizations and users.

use super::{Fields, object};
use crate::{
    answer::ApiError,
    json::Json,
    world::{Organization, User},
};

pub(super) const ORGANIZATION: &str = "Organization";
pub(super) const USER: &str = "User";

pub(super) fn organization(organization: &Organization, fields: &Fields) -> Result<Json, ApiError> {
    object(ORGANIZATION, &organization.id.to_string(), fields, |field| {
        let text = match field.name.as_str() {
            "slug" => &organization.slug,
            "name" => &organization.name,
            "description" => &organization.description,
            _ => return None,
        };
        Some(Ok(Some(Json::text(text.clone()))))
    })
}

pub(super) fn user(user: &User, fields: &Fields) -> Result<Json, ApiError> {
    object(USER, &user.id.to_string(), fields, |field| {
        (field.name == "username").then(|| Ok(Some(Json::text(&*user.username))))
    })
}
