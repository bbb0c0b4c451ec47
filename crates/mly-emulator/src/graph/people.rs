//! Organizations and users.

use super::{fields::Field, node::Slot};
use crate::{
    json::Json,
    world::{Organization, User},
};

pub(super) fn organization(json: &mut Json, organization: &Organization, field: &Field) -> Slot {
    json.text(match field.name.as_str() {
        "slug" => &organization.slug,
        "name" => &organization.name,
        "description" => &organization.description,
        _ => return Slot::Unknown,
    });
    Slot::Written
}

pub(super) fn user(json: &mut Json, user: &User, field: &Field) -> Slot {
    if field.name != "username" {
        return Slot::Unknown;
    }
    json.text(&user.username);
    Slot::Written
}
