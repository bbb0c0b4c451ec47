//! Who took the photos.

use std::borrow::Cow;

use crate::world::record::{Organization, User};

/// The creators with their share of the drives.
pub(super) const CREATORS: [(u64, &str, u32); 8] = [
    (102_316_268_680_032, "kartenfuchs", 22),
    (104_214_208_486_349, "weserwalker", 18),
    (109_663_124_620_197, "dashcam_dora", 16),
    (105_861_927_318_544, "pano_pete", 14),
    (112_078_441_205_963, "jule.unterwegs", 12),
    (103_557_891_640_728, "nordlicht23", 8),
    (116_402_935_871_206, "Bürgerblick", 6),
    (107_219_364_058_871, "citysurvey", 4),
];

/// The organizations with their share of the drives that belong to one.
pub(super) const ORGANIZATIONS: [(Organization, u32); 3] = [
    (
        Organization {
            id: 2_647_395_818_226_401,
            slug: Cow::Borrowed("stadt-neubruck"),
            name: Cow::Borrowed("Stadt Neubrück"),
            description: Cow::Borrowed("Streets, signs and cycle paths of Neubrück, surveyed each spring."),
        },
        5,
    ),
    (
        Organization {
            id: 541_903_776_120_854,
            slug: Cow::Borrowed("landkreis_wege"),
            name: Cow::Borrowed("Landkreis Wege"),
            description: Cow::Borrowed("Condition of the district's roads."),
        },
        3,
    ),
    (
        Organization {
            id: 1_805_562_249_930_117,
            slug: Cow::Borrowed("radfreunde"),
            name: Cow::Borrowed("Radfreunde e.V."),
            description: Cow::Borrowed("We photograph where we ride."),
        },
        2,
    ),
];

pub(super) fn users() -> Vec<User> {
    CREATORS.iter().map(|&(id, username, _)| User { id, username: username.into() }).collect()
}

pub(super) fn organizations() -> Vec<Organization> {
    ORGANIZATIONS.iter().map(|(organization, _)| organization.clone()).collect()
}
