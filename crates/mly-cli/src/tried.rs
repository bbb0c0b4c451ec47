//! Words that people try because other programs have them, and what stands for them here.

/// Verbs that people try, and the hint for each.
const VERBS: [(&[&str], &str); 17] = [
    (&["photos", "photo", "pictures", "get", "fetch"], "did you mean `download`?"),
    (&["traffic-signs", "traffic_signs", "trafficsigns", "traffic-sign"], "did you mean `signs`?"),
    (
        &["objects", "features", "map-features", "map_features", "mapfeatures"],
        "did you mean `points` or `signs`?",
    ),
    (&["search", "find", "list", "query", "bbox", "area", "image-list"], "did you mean `images`?"),
    (&["tracks", "lines", "trips"], "did you mean `sequences`?"),
    (&["segmentations", "segmentation", "labels", "coco"], "did you mean `detections`?"),
    (&["thumbnails", "thumbs", "thumb", "url", "urls"], "did you mean `thumbnail`?"),
    (
        &["clouds", "pointcloud", "pointclouds", "point-cloud", "point-clouds", "sfm", "las"],
        "did you mean `cloud`?",
    ),
    (&["orgs", "org", "organisations", "organisation", "organizations"], "did you mean `organization`?"),
    (&["cost", "estimate", "dry-run", "count"], "did you mean `plan`?"),
    (&["export", "transform", "ogr2ogr", "write"], "did you mean `convert`?"),
    (&["quota", "usage", "limit", "limits", "stats"], "did you mean `budget`?"),
    (&["serve", "server", "mock", "demo"], "did you mean `emulate`? --demo goes with any verb"),
    (&["check", "test", "status", "ping", "info"], "did you mean `doctor`?"),
    (&["version"], "did you mean `--version`?"),
    (
        &["login", "auth", "authenticate", "token", "config", "configure", "init", "setup"],
        "there is no login: set MAPILLARY_TOKEN or pass --token; `mly doctor` checks it",
    ),
    (&["upload", "process", "video_process"], "uploading is done by mapillary_tools; mly only reads"),
];

/// Options that people try, without their dashes; what the usage of a verb has where the hint fits; and the hint.
const OPTIONS: [(&[&str], &str, &str); 11] = [
    (
        &[
            "lat",
            "lon",
            "lng",
            "long",
            "latitude",
            "longitude",
            "center",
            "centre",
            "point",
            "around",
            "lat-lon",
            "latlon",
        ],
        "AREA",
        "a position is --near LON,LAT --radius M",
    ),
    (
        &["polygon", "geometry", "shape", "aoi", "area", "boundary", "intersects"],
        "AREA",
        "polygons are --within FILE",
    ),
    (&["box", "bounds", "extent", "bounding-box", "boundingbox", "spat"], "AREA", "a box is --bbox W,S,E,N"),
    (
        &[
            "start",
            "start-date",
            "start-time",
            "begin",
            "after",
            "min-date",
            "date-from",
            "start_captured_at",
            "min-captured-at",
        ],
        "FILTERS",
        "the first date is --since DATE",
    ),
    (
        &[
            "end",
            "end-date",
            "end-time",
            "before",
            "max-date",
            "date-to",
            "end_captured_at",
            "max-captured-at",
        ],
        "FILTERS",
        "the last date is --until DATE",
    ),
    (
        &["date", "year", "captured-at", "captured_at"],
        "FILTERS",
        "dates are --since DATE and --until DATE, such as --since 2023 --until 2023",
    ),
    (
        &["pano", "panorama", "panoramas", "is-pano", "is_pano", "360"],
        "FILTERS",
        "panoramas are --image-type pano",
    ),
    (&["out", "outfile", "output-file", "out-file", "file", "save"], "OUTPUT", "the file is -o FILE"),
    (
        &["json", "geojson", "csv", "parquet", "geoparquet", "gpkg", "fgb", "arrow", "coco"],
        "OUTPUT",
        "the format is -f FORMAT, or the suffix of -o FILE",
    ),
    (&["force", "replace", "clobber", "yes"], "OUTPUT", "an existing file is replaced with --overwrite"),
    (
        &["access-token", "access_token", "api-key", "apikey", "key", "client-id", "client_id"],
        "",
        "the token is --token T",
    ),
];

/// The hint for a verb that does not exist, if it is one that people try.
pub(crate) fn verb(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    VERBS.iter().find(|(words, _)| words.contains(&word.as_str())).map(|(_, hint)| *hint)
}

/// The hint for an option that a verb with this usage does not have, if it is one that people try.
pub(crate) fn option(word: &str, usage: &str) -> Option<&'static str> {
    let word = word.strip_prefix("--")?.to_lowercase();
    let fits =
        |(words, place, _): &&(&[&str], &str, &str)| words.contains(&word.as_str()) && usage.contains(place);
    OPTIONS.iter().find(fits).map(|(.., hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_stands_twice() {
        let verbs: Vec<_> = VERBS.iter().flat_map(|(words, _)| *words).collect();
        let options: Vec<_> = OPTIONS.iter().flat_map(|(words, ..)| *words).collect();
        for mut words in [verbs, options] {
            let count = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), count);
        }
    }
}
