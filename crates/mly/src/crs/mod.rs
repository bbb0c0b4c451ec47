//! Reference systems of coordinates that files name, and the conversion of positions to longitude and latitude.
//!
//! Results are in longitude and latitude on WGS 84 (OGC:CRS84). Web Mercator (EPSG:3857) is a formula and is converted
//! wherever coordinates are read. Every other system is refused, also those that differ by less than a metre, such as
//! ETRS89: converting them needs tables that this library does not have.

mod name;
mod projjson;
mod wkt;

use std::fmt;

use serde_json::Value;

/// The reference system of coordinates that are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Crs {
    /// Longitude and latitude on WGS 84, in degrees.
    #[default]
    Degrees,
    /// Web Mercator, EPSG:3857, in metres.
    WebMercator,
}

/// A reference system that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OtherCrs {
    /// What the file calls it.
    name: String,
}

/// Radius of the sphere of Web Mercator (EPSG method 1024) in metres: the larger half axis of WGS 84.
const SPHERE_RADIUS_M: f64 = 6_378_137.0;

/// By how many degrees a position may exceed the limits, since other programs round when they convert positions. It is a
/// tenth of a millimetre on the ground.
const ROUNDING: f64 = 1e-9;

/// Most characters of a name that a message shows.
const SHOWN: usize = 60;

/// What to do when numbers are too large for degrees, and the file does not say what they are.
pub(crate) const NOT_DEGREES: &str = "longitude comes first, then latitude, both in degrees; if these are metres: \
                                      ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN";

impl Crs {
    /// The system that the member `crs` of a GeoJSON object names; `None` if it is null.
    ///
    /// RFC 7946 has no such member, but ogr2ogr and QGIS write it as the specification of 2008 describes it, section 3.
    pub(crate) fn of_geojson(member: &Value) -> Result<Option<Self>, OtherCrs> {
        let property = |name: &str| member.get("properties").and_then(|properties| properties.get(name));
        let kind = member.get("type").and_then(Value::as_str).unwrap_or_default();
        match (kind.to_ascii_lowercase().as_str(), property("name"), property("code")) {
            _ if member.is_null() => Ok(None),
            ("name", Some(Value::String(name)), _) => Self::of_text(name).map(Some),
            ("epsg", _, Some(code)) => Self::of_code("EPSG", &digits(code)).map(Some),
            _ => Err(OtherCrs::new(&member.to_string())),
        }
    }

    /// The system that a text names: a code such as `EPSG:4326`, a URN, a URL, a name, or a description in WKT or
    /// PROJJSON.
    pub(crate) fn of_text(text: &str) -> Result<Self, OtherCrs> {
        let text = text.trim();
        if text.starts_with('{') {
            let description = serde_json::from_str(text).map_err(|_broken| OtherCrs::new(text))?;
            return Self::of_projjson(&description);
        }
        if text.contains('[') {
            return wkt::read(text).ok_or_else(|| OtherCrs::new(wkt::name(text).unwrap_or(text)));
        }
        name::read(text).ok_or_else(|| OtherCrs::new(text))
    }

    /// The system with a code of an authority.
    pub(crate) fn of_code(authority: &str, code: &str) -> Result<Self, OtherCrs> {
        name::coded(authority, code).ok_or_else(|| OtherCrs::new(&format!("{authority}:{code}")))
    }

    /// The system that PROJJSON describes (<https://proj.org/en/stable/specifications/projjson.html>).
    pub(crate) fn of_projjson(description: &Value) -> Result<Self, OtherCrs> {
        projjson::read(description).ok_or_else(|| OtherCrs::new(&projjson::name(description)))
    }

    /// Longitude and latitude of a position.
    ///
    /// # Errors
    /// When it is not on this earth, with the number.
    pub(crate) fn degrees(self, [x, y]: [f64; 2]) -> Result<[f64; 2], String> {
        match self {
            Self::Degrees => Ok([within("longitude", x, 180.0)?, within("latitude", y, 90.0)?]),
            Self::WebMercator => {
                let lon = (x / SPHERE_RADIUS_M).to_degrees();
                let lat = (y / SPHERE_RADIUS_M).sinh().atan().to_degrees();
                let is_beyond = |_what| format!("{x},{y} is outside of EPSG:3857");
                Ok([
                    within("longitude", lon, 180.0).map_err(is_beyond)?,
                    within("latitude", lat, 90.0).map_err(is_beyond)?,
                ])
            }
        }
    }
}

/// A number within its limits; one that exceeds them by rounding alone becomes the limit.
fn within(name: &str, value: f64, limit: f64) -> Result<f64, String> {
    match value.abs() {
        size if size <= limit => Ok(value),
        size if size <= limit + ROUNDING => Ok(limit.copysign(value)),
        _ => Err(format!("{name} {value} is not within -{limit}..{limit}")),
    }
}

impl OtherCrs {
    fn new(name: &str) -> Self {
        let shown: String = name.chars().take(SHOWN).collect();
        let name = match shown.trim() {
            "" => "an unnamed reference system".to_owned(),
            name => name.escape_debug().to_string(),
        };
        Self { name }
    }
}

impl fmt::Display for OtherCrs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the coordinates are in {}, and not in longitude and latitude on WGS 84", self.name)
    }
}

/// A code that is a number or text.
fn digits(code: &Value) -> String {
    code.as_str().map_or_else(|| code.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn web_mercator_becomes_degrees_as_its_definition_computes_them() {
        // The example of EPSG Guidance Note 7-2, section 3.5.2.
        let found = Crs::WebMercator.degrees([-11_169_055.58, 2_800_000.0]).unwrap();
        let want = [-(100.0 + 20.0 / 60.0), 24.0 + 22.0 / 60.0 + 54.433 / 3600.0];
        assert!(found.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-7), "{found:?} {want:?}");
        assert_eq!(Crs::WebMercator.degrees([0.0, 0.0]), Ok([0.0, 0.0]));
        let corner = 20_037_508.342_789_244;
        assert_eq!(Crs::WebMercator.degrees([corner, 0.0]), Ok([180.0, 0.0]));
        assert!(Crs::WebMercator.degrees([2.0 * corner, 0.0]).is_err());
    }

    #[test]
    fn degrees_stay_as_they_are_and_have_limits() {
        assert_eq!(Crs::Degrees.degrees([-180.0, 90.0]), Ok([-180.0, 90.0]));
        assert_eq!(Crs::Degrees.degrees([180.000_000_000_1, -90.0]), Ok([180.0, -90.0]));
        assert_eq!(
            Crs::Degrees.degrees([1_002_286.0, 6_799_688.0]),
            Err("longitude 1002286 is not within -180..180".to_owned())
        );
        assert!(Crs::Degrees.degrees([f64::NAN, 0.0]).is_err());
    }

    #[test]
    fn a_member_of_geojson_is_judged_by_what_it_names() {
        let named = |name: &str| json!({"type": "name", "properties": {"name": name}});
        for name in [
            "urn:ogc:def:crs:OGC:1.3:CRS84",
            "urn:ogc:def:crs:OGC::CRS84",
            "urn:ogc:def:crs:EPSG::4326",
            "urn:ogc:def:crs:EPSG:6.6:4326",
            "EPSG:4326",
            "epsg:4326",
            "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            "http://www.opengis.net/def/crs/EPSG/0/4326",
            "WGS84",
            "WGS 84",
        ] {
            assert_eq!(Crs::of_geojson(&named(name)), Ok(Some(Crs::Degrees)), "{name}");
        }
        for name in ["urn:ogc:def:crs:EPSG::3857", "EPSG:3857", "EPSG:900913", "WGS 84 / Pseudo-Mercator"] {
            assert_eq!(Crs::of_geojson(&named(name)), Ok(Some(Crs::WebMercator)), "{name}");
        }
        for name in ["urn:ogc:def:crs:EPSG::31467", "EPSG:4258", "urn:ogc:def:crs:OGC:1.3:CRS83", "local", ""]
        {
            assert!(Crs::of_geojson(&named(name)).is_err(), "{name}");
        }
        assert_eq!(Crs::of_geojson(&Value::Null), Ok(None));
        assert_eq!(
            Crs::of_geojson(&json!({"type": "EPSG", "properties": {"code": 4326}})),
            Ok(Some(Crs::Degrees))
        );
        for odd in [json!({}), json!(4326), json!({"type": "link", "properties": {"href": "x"}})] {
            assert!(Crs::of_geojson(&odd).is_err(), "{odd}");
        }
        let said = Crs::of_geojson(&named("urn:ogc:def:crs:EPSG::31467")).unwrap_err().to_string();
        assert_eq!(
            said,
            "the coordinates are in urn:ogc:def:crs:EPSG::31467, and not in longitude and latitude on WGS 84"
        );
    }
}
