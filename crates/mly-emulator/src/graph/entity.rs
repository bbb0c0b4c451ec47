//! What an id leads to.

use crate::world::{Detection, Image, MapFeature, Organization, User};

/// Anything that has an id.
#[derive(Clone, Debug)]
pub(crate) enum Entity {
    Image(Image),
    Feature(MapFeature),
    Detection(Detection),
    Organization(Organization),
    User(User),
}

impl Entity {
    /// The node type that errors name, as the service calls it.
    pub(crate) const fn node(&self) -> &'static str {
        match self {
            // From a recorded error.
            Self::Image(_) => "ChunkObject",
            Self::Feature(_) => "MapFeature",
            Self::Detection(_) => "ImageDetection",
            Self::Organization(_) => "Organization",
            Self::User(_) => "User",
        }
    }

    pub(super) const fn id(&self) -> u64 {
        match self {
            Self::Image(image) => image.id,
            Self::Feature(feature) => feature.id,
            Self::Detection(detection) => detection.id,
            Self::Organization(organization) => organization.id,
            Self::User(user) => user.id,
        }
    }
}
