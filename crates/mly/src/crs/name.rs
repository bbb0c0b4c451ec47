//! Reference systems by their codes and names.

use super::Crs;

/// Codes of the systems that are read. 900913 and 102100 are older numbers of 3857.
const CODES: [(&str, &[&str], Crs); 5] = [
    ("OGC", &["CRS84", "84"], Crs::Degrees),
    ("CRS", &["84", "CRS84"], Crs::Degrees),
    ("EPSG", &["4326"], Crs::Degrees),
    ("EPSG", &["3857", "900913", "102100"], Crs::WebMercator),
    ("ESRI", &["102100"], Crs::WebMercator),
];

/// Names of the systems that are read, in small letters and digits only.
const NAMES: [(&str, Crs); 14] = [
    ("crs84", Crs::Degrees),
    ("wgs84", Crs::Degrees),
    ("wgs1984", Crs::Degrees),
    ("wgs84crs84", Crs::Degrees),
    ("wgs84longitudelatitude", Crs::Degrees),
    ("gcswgs84", Crs::Degrees),
    ("gcswgs1984", Crs::Degrees),
    ("worldgeodeticsystem1984", Crs::Degrees),
    ("webmercator", Crs::WebMercator),
    ("wgs84pseudomercator", Crs::WebMercator),
    ("wgs1984webmercator", Crs::WebMercator),
    ("wgs1984webmercatorauxiliarysphere", Crs::WebMercator),
    ("popularvisualisationcrsmercator", Crs::WebMercator),
    ("googlemapsglobalmercator", Crs::WebMercator),
];

/// The system of a code such as `EPSG:4326`, of a URN or URL that ends with one, or of a name.
pub(super) fn read(text: &str) -> Option<Crs> {
    code_at_end(text).and_then(|(authority, code)| coded(authority, code)).or_else(|| named(text))
}

/// The system with a code of an authority.
pub(super) fn coded(authority: &str, code: &str) -> Option<Crs> {
    let is_it = |known: &&str| known.eq_ignore_ascii_case(code);
    let found =
        CODES.iter().find(|(name, codes, _)| name.eq_ignore_ascii_case(authority) && codes.iter().any(is_it));
    found.map(|(_, _, crs)| *crs)
}

/// The system with a name, however it is punctuated.
pub(super) fn named(text: &str) -> Option<Crs> {
    let plain: String =
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    NAMES.iter().find(|(name, _)| *name == plain).map(|(_, crs)| *crs)
}

/// Authority and code at the end of a text such as `EPSG:4326`, `urn:ogc:def:crs:EPSG:6.6:4326` or
/// `http://www.opengis.net/def/crs/EPSG/0/4326`. A version may stand between them.
fn code_at_end(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.split([':', '/', '#']).filter(|part| !part.is_empty()).rev();
    let code = parts.next()?;
    let is_version = |part: &&str| part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let authority = parts.find(|part| !is_version(part))?;
    // The register of GML was a file.
    Some((authority.strip_suffix(".xml").unwrap_or(authority), code))
}
