//! Which positions of images are used.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, unknown};

/// Which of the two positions of an image are used. Both cost the same requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Positions {
    /// What the device has measured.
    #[default]
    Original,
    /// What the service has computed from the pictures. Images that it has not processed have none and are left out.
    Computed,
}

impl Positions {
    fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Computed => "computed",
        }
    }
}

impl fmt::Display for Positions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Positions {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let all = [Self::Original, Self::Computed];
        let names = all.map(Self::name);
        all.into_iter().find(|p| p.name() == text).ok_or_else(|| unknown("kind of positions", text, &names))
    }
}
