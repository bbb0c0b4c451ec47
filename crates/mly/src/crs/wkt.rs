//! Reference systems that are described in well-known text, of version 1 (`GEOGCS[...]`) or 2 (`GEOGCRS[...]`).

use super::{Crs, name};

/// The system of a description: by the code at its end, or else by its name.
pub(super) fn read(text: &str) -> Option<Crs> {
    let keyword = text.split('[').next().unwrap_or_default().trim().to_ascii_uppercase();
    let own = match keyword.as_str() {
        "GEOGCS" | "GEOGCRS" | "GEODCRS" => Crs::Degrees,
        "PROJCS" | "PROJCRS" => Crs::WebMercator,
        _ => return None,
    };
    let found = match code(text) {
        Some((authority, code)) => name::coded(authority, code),
        None => name(text).and_then(name::named),
    };
    found.filter(|found| *found == own)
}

/// The name of the system: the first text in quotes.
pub(super) fn name(text: &str) -> Option<&str> {
    text.split('"').nth(1)
}

/// The code of the whole description, `ID["EPSG",4326]` or `AUTHORITY["EPSG","4326"]` at its end. The parts of a
/// description have codes too, which stand further inside.
fn code(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim_end().strip_suffix(']')?.trim_end().strip_suffix(']')?;
    let (before, id) = inner.rsplit_once('[')?;
    if !["ID", "AUTHORITY"].iter().any(|word| before.trim_end().ends_with(word)) || id.contains(']') {
        return None;
    }
    let mut parts = id.split(',').map(|part| part.trim().trim_matches('"'));
    Some((parts.next()?, parts.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_at_the_end_counts_and_without_one_the_name() {
        const UTM: &str =
            r#"PROJCS["ETRS89 / UTM zone 32N",GEOGCS["ETRS89",AUTHORITY["EPSG","4258"]],UNIT["metre",1]]"#;
        for (text, want) in [
            (
                r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]]]"#,
                Some(Crs::Degrees),
            ),
            (r#"GEOGCS["anything",AUTHORITY["EPSG","4326"]]"#, Some(Crs::Degrees)),
            (r#"GEOGCRS["WGS 84",ID["EPSG",4326]]"#, Some(Crs::Degrees)),
            (r#"GEOGCRS["ETRS89",ID["EPSG",4258]]"#, None),
            (r#"GEOGCS["ETRS89",DATUM["x",AUTHORITY["EPSG","4326"]]]"#, None),
            (r#"PROJCRS["WGS 84 / Pseudo-Mercator",ID["EPSG",3857]]"#, Some(Crs::WebMercator)),
            (r#"PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",UNIT["Meter",1.0]]"#, Some(Crs::WebMercator)),
            (UTM, None),
            (r#"LOCAL_CS["WGS 84"]"#, None),
            ("[", None),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
        assert_eq!(name(UTM), Some("ETRS89 / UTM zone 32N"));
    }
}
