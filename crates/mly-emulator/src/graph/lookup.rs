//! Looking entities up.

use super::{entity::Entity, link::Links};
use crate::{
    answer::ApiError,
    answers::Answers,
    limits::Limits,
    world::{Image, Source},
};

/// The graph at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Graph<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) limits: &'a Limits,
    pub(crate) answers: &'a Answers,
    pub(crate) links: Links<'a>,
}

impl Graph<'_> {
    /// An image, unless it is one of those that only the tiles still show.
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
}
