//! Which streets a job looks at, and how far from them a photo can be.

use std::fmt;
use std::str::FromStr;

use mly::Error;

/// Kinds of streets, by the values that `highway` has in OpenStreetMap.
///
/// ```
/// use mly_jobs::Ways;
///
/// assert_eq!("drive".parse::<Ways>()?, Ways::default());
/// assert_eq!("residential,track".parse::<Ways>()?.to_string(), "residential,track");
/// # Ok::<(), mly::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ways {
    /// Streets for cars: from motorways to residential streets, and service roads that are neither driveways nor the
    /// aisles of a parking lot.
    #[default]
    Drive,
    /// Paths for feet and bicycles, and tracks.
    Walk,
    /// Every street and path that exists.
    All,
    /// These values of `highway`.
    Listed(Vec<String>),
}

/// Streets for cars.
const DRIVE: [&str; 14] = [
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
];

/// Paths for feet and bicycles, and tracks.
const WALK: [&str; 6] = ["footway", "pedestrian", "path", "steps", "cycleway", "track"];

/// Values of `highway` for what is not a street, is not there any more, or not yet.
const NO_STREET: [&str; 16] = [
    "abandoned",
    "bus_stop",
    "construction",
    "corridor",
    "demolished",
    "disused",
    "elevator",
    "no",
    "planned",
    "platform",
    "proposed",
    "razed",
    "removed",
    "rest_area",
    "services",
    "street_lamp",
];

/// Service roads that belong to one house or one parking lot.
const PRIVATE_SERVICES: [&str; 2] = ["driveway", "parking_aisle"];

/// The tags by which streets are chosen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StreetKind<'a> {
    pub(super) class: Option<&'a str>,
    pub(super) service: Option<&'a str>,
    pub(super) access: Option<&'a str>,
    pub(super) area: Option<&'a str>,
}

impl Ways {
    /// Whether a street is one of these.
    ///
    /// Areas and private ground never are. A street without a class is one of any kind, since its file tells no classes.
    pub(super) fn has(&self, kind: StreetKind<'_>) -> bool {
        let is_area = kind.area.is_some_and(|area| matches!(area, "yes" | "true" | "1"));
        if is_area || kind.access == Some("private") {
            return false;
        }
        let Some(class) = kind.class else { return true };
        match self {
            Self::Drive => {
                let is_aisle = kind.service.is_some_and(|service| PRIVATE_SERVICES.contains(&service));
                DRIVE.contains(&class) && !(class == "service" && is_aisle)
            }
            Self::Walk => WALK.contains(&class),
            Self::All => !NO_STREET.contains(&class),
            Self::Listed(classes) => classes.iter().any(|listed| listed == class),
        }
    }
}

impl FromStr for Ways {
    type Err = Error;

    /// `drive`, `walk`, `all`, or values of `highway` with commas between them.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim() {
            "drive" => return Ok(Self::Drive),
            "walk" => return Ok(Self::Walk),
            "all" => return Ok(Self::All),
            _ => {}
        }
        let classes: Vec<String> = text.split(',').map(|class| class.trim().to_owned()).collect();
        let is_class = |class: &String| {
            !class.is_empty() && class.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-'))
        };
        match classes.iter().find(|class| !is_class(class)) {
            None => Ok(Self::Listed(classes)),
            Some(class) => Err(Error::query(format!("`{}` is no kind of street", class.escape_debug()))
                .with_hint(
                    "give drive, walk, all, or values of highway with commas, such as residential,track",
                )),
        }
    }
}

impl fmt::Display for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drive => f.write_str("drive"),
            Self::Walk => f.write_str("walk"),
            Self::All => f.write_str("all"),
            Self::Listed(classes) => f.write_str(&classes.join(",")),
        }
    }
}

/// How far from the middle of a street of this class a photo of it can be, in metres: wide roads are drawn as one line.
pub(crate) fn radius_m(class: Option<&str>) -> f64 {
    match class.map(|class| class.strip_suffix("_link").unwrap_or(class)) {
        Some("motorway" | "trunk") => 40.0,
        Some("primary" | "secondary") => 30.0,
        Some("footway" | "path" | "cycleway" | "steps") => 15.0,
        _ => 25.0,
    }
}

/// The largest of the radiuses.
pub(crate) const LARGEST_RADIUS_M: f64 = 40.0;
