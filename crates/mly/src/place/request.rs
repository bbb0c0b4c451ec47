//! What the service is asked (Nominatim, "Search" and "Lookup").

use url::Url;

/// Most hits of a search. Enough to tell places of one name apart.
const MOST_HITS: &str = "10";

/// The request for a name, or for an id of OpenStreetMap.
pub(super) fn url(base: &Url, name: &str) -> Url {
    let mut url = base.clone();
    let (path, key, value) = match osm_id(name) {
        Some(id) => ("lookup", "osm_ids", id),
        None => ("search", "q", name.to_owned()),
    };
    if let Ok(mut parts) = url.path_segments_mut() {
        parts.pop_if_empty().push(path);
    }
    let mut query = url.query_pairs_mut();
    query.append_pair(key, &value).append_pair("format", "jsonv2");
    query.append_pair("polygon_geojson", "1").append_pair("addressdetails", "1");
    if path == "search" {
        query.append_pair("limit", MOST_HITS);
    }
    drop(query);
    url
}

/// An id such as `R62422`, in capitals; `None` for a name.
fn osm_id(name: &str) -> Option<String> {
    let (kind, number) = name.split_at_checked(1)?;
    let is_id = matches!(kind, "R" | "W" | "N" | "r" | "w" | "n")
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| name.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_looked_up_and_names_are_searched() {
        let base: Url = "http://localhost:1/places/".parse().unwrap();
        let text = |name: &str| url(&base, name).to_string();
        assert_eq!(
            text("r62422"),
            "http://localhost:1/places/lookup?osm_ids=R62422&format=jsonv2&polygon_geojson=1&addressdetails=1"
        );
        assert!(
            text("Bad Salzuflen & Co")
                .starts_with("http://localhost:1/places/search?q=Bad+Salzuflen+%26+Co&")
        );
        assert!(text("N").contains("search?q=N&") && text("R2D2").contains("search?"));
        assert!(
            url(&"http://localhost:1".parse().unwrap(), "x")
                .as_str()
                .starts_with("http://localhost:1/search?")
        );
    }
}
