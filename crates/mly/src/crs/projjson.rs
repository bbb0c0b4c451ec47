//! Reference systems that are described in PROJJSON. Many descriptions have no id, so they are judged by their parts.

use serde_json::Value;

use super::{Crs, digits, name};

/// Bound systems are nested; none is nested deeper than this.
const DEEPEST: usize = 4;

pub(super) fn read(description: &Value) -> Option<Crs> {
    read_at(description, 0)
}

/// The id or the name of a description.
pub(super) fn name(description: &Value) -> String {
    match id(description) {
        Some((authority, code)) => format!("{authority}:{code}"),
        None => text(description, "name").to_owned(),
    }
}

fn read_at(description: &Value, depth: usize) -> Option<Crs> {
    if let Some((authority, code)) = id(description) {
        return name::coded(authority, &code);
    }
    match text(description, "type") {
        "GeographicCRS" | "GeodeticCRS" => is_wgs84_in_degrees(description).then_some(Crs::Degrees),
        "ProjectedCRS" => is_web_mercator(description).then_some(Crs::WebMercator),
        "BoundCRS" if depth < DEEPEST => read_at(description.get("source_crs")?, depth + 1),
        _ => None,
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn id(value: &Value) -> Option<(&str, String)> {
    let first = || value.get("ids").and_then(Value::as_array).and_then(|ids| ids.first());
    let id = value.get("id").or_else(first)?;
    Some((id.get("authority")?.as_str()?, digits(id.get("code")?)))
}

/// Whether positions are longitude and latitude on WGS 84 in degrees, from Greenwich. Where no datum is described, the name
/// decides.
fn is_wgs84_in_degrees(description: &Value) -> bool {
    let datum = description.get("datum").or_else(|| description.get("datum_ensemble"));
    let is_wgs84 = match datum {
        Some(datum) => {
            let plain = text(datum, "name").trim_end_matches(" ensemble").to_owned();
            name::named(&plain) == Some(Crs::Degrees)
                || plain.eq_ignore_ascii_case("D_WGS_1984")
                || plain.eq_ignore_ascii_case("WGS_1984")
        }
        None => name::named(text(description, "name")) == Some(Crs::Degrees),
    };
    let from = datum.and_then(|datum| datum.get("prime_meridian")).map(|meridian| &meridian["longitude"]);
    let is_from_greenwich = from.is_none_or(|at| at.as_f64() == Some(0.0));
    let axes =
        description.get("coordinate_system").and_then(|system| system.get("axis")).and_then(Value::as_array);
    let is_degree = |axis: &Value| match axis.get("unit") {
        None => true,
        Some(Value::String(unit)) => unit == "degree",
        Some(unit) => text(unit, "name") == "degree",
    };
    is_wgs84 && is_from_greenwich && axes.is_none_or(|axes| axes.len() == 2 && axes.iter().all(is_degree))
}

/// Whether it is Web Mercator, without a shift of its origin.
fn is_web_mercator(description: &Value) -> bool {
    let Some(conversion) = description.get("conversion") else {
        return name::named(text(description, "name")) == Some(Crs::WebMercator);
    };
    let method = &conversion["method"];
    let is_method = text(method, "name").eq_ignore_ascii_case("Popular Visualisation Pseudo Mercator")
        || id(method).is_some_and(|(authority, code)| authority == "EPSG" && code == "1024");
    let parameters = conversion.get("parameters").and_then(Value::as_array);
    let is_zero = |parameter: &Value| parameter["value"].as_f64() == Some(0.0);
    let base = description.get("base_crs").is_some_and(|base| read_at(base, DEEPEST) == Some(Crs::Degrees));
    is_method && base && parameters.is_none_or(|all| all.iter().all(is_zero))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn geographic(datum: &str) -> Value {
        json!({"type": "GeographicCRS", "name": "unknown", "datum": {"type": "GeodeticReferenceFrame", "name": datum},
            "coordinate_system": {"subtype": "ellipsoidal", "axis": [{"unit": "degree"}, {"unit": "degree"}]}})
    }

    fn mercator(base: &Value, easting: f64) -> Value {
        json!({"type": "ProjectedCRS", "name": "x", "base_crs": base, "conversion": {
            "method": {"name": "Popular Visualisation Pseudo Mercator"},
            "parameters": [{"name": "False easting", "value": easting, "unit": "metre"}]}})
    }

    #[test]
    fn an_id_decides_and_without_one_the_parts_do() {
        let wgs84 = geographic("World Geodetic System 1984");
        let ensemble = json!({"type": "GeographicCRS", "name": "WGS 84",
            "datum_ensemble": {"name": "World Geodetic System 1984 ensemble"}});
        for (description, want) in [
            (json!({"id": {"authority": "EPSG", "code": 4326}}), Some(Crs::Degrees)),
            (json!({"id": {"authority": "OGC", "code": "CRS84"}}), Some(Crs::Degrees)),
            (json!({"id": {"authority": "EPSG", "code": 3857}}), Some(Crs::WebMercator)),
            (json!({"id": {"authority": "EPSG", "code": 25832}, "name": "WGS 84"}), None),
            (json!({"type": "GeographicCRS", "name": "WGS 84 (CRS84)"}), Some(Crs::Degrees)),
            (json!({"type": "GeographicCRS", "name": "ETRS89"}), None),
            (json!({"type": "ProjectedCRS", "name": "unnamed"}), None),
            (json!({"type": "ProjectedCRS", "name": "WGS 84 / Pseudo-Mercator"}), Some(Crs::WebMercator)),
            (json!({}), None),
            (json!(null), None),
            (wgs84.clone(), Some(Crs::Degrees)),
            (ensemble, Some(Crs::Degrees)),
            (geographic("European Terrestrial Reference System 1989"), None),
            (mercator(&wgs84, 0.0), Some(Crs::WebMercator)),
            (mercator(&wgs84, 5.0), None),
            (mercator(&geographic("NAD27"), 0.0), None),
            (json!({"type": "BoundCRS", "source_crs": wgs84}), Some(Crs::Degrees)),
        ] {
            assert_eq!(read(&description), want, "{description}");
        }
    }

    #[test]
    fn grads_and_other_meridians_are_other_systems() {
        let mut grads = geographic("World Geodetic System 1984");
        grads["coordinate_system"]["axis"][0]["unit"] = json!({"type": "AngularUnit", "name": "grad"});
        let mut paris = geographic("World Geodetic System 1984");
        paris["datum"]["prime_meridian"] = json!({"name": "Paris", "longitude": 2.337});
        assert_eq!((read(&grads), read(&paris)), (None, None));
    }
}
