//! A map from elsewhere below the rows.

use std::str::FromStr;

use url::Url;

use crate::error::MapError;
use crate::json::append_member;

/// The tiles of `OpenStreetMap`, and whom to name (<https://operations.osmfoundation.org/policies/tiles/>).
const OSM: &str = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";
const OSM_ATTRIBUTION: &str = "© OpenStreetMap contributors";

/// A map from elsewhere below the rows. With one, the page asks its host for tiles, and no other host.
///
/// It is parsed from `osm`, from the address of raster tiles with `{z}`, `{x}` and `{y}`, or from the address of a
/// style of `MapLibre`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basemap {
    address: String,
    /// Scheme, host and port, the only ones that the page may ask.
    origin: String,
    attribution: Option<&'static str>,
}

impl Basemap {
    /// Scheme, host and port that the page asks.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Appends it as a JSON object.
    pub(crate) fn append_json(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        let is_raster = ["{z}", "{x}", "{y}"].iter().all(|part| self.address.contains(part));
        append_member(if is_raster { "tiles" } else { "style" }, &self.address, out);
        if let Some(attribution) = self.attribution {
            append_member("attribution", attribution, out);
        }
        out.push(b'}');
    }
}

impl FromStr for Basemap {
    type Err = MapError;

    fn from_str(text: &str) -> Result<Self, MapError> {
        let fail = |why| Err(MapError::Basemap { address: text.to_owned(), why });
        if text == "osm" {
            return Ok(Self { attribution: Some(OSM_ATTRIBUTION), ..OSM.parse()? });
        }
        let Ok(url) = Url::parse(text) else { return fail("give osm, or a whole URL") };
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return fail("it must begin with https:// or http://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return fail("everybody who gets the page could read the password in it");
        }
        Ok(Self { address: text.to_owned(), origin: url.origin().ascii_serialization(), attribution: None })
    }
}
