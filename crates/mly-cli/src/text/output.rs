//! Texts of the options of results and messages.

use super::Entry;

pub(super) const TEXTS: &[Entry] = &[
    (
        "",
        "update",
        "An earlier result of the same query, which is brought up to date. All tiles are fetched again, but only rows \
         that FILE does not have, and those of the last 90 days before its newest row, are looked up by id. Rows that \
         the service no longer publishes are kept, and marked: their column `last_crawled_at` has the time at which it \
         last published them. FILE is not changed: `--output` names the new file.",
    ),
    (
        "",
        "changes",
        "Also write a list of what has changed from the earlier result to the updated one, as `mly diff` makes it. The \
         suffix sets the format. The updated result gets its name when the list is complete; until then it is beside \
         that name, and the same command goes on after an interruption.",
    ),
    (
        "",
        "output",
        "The file to write. Its suffix sets the format: `.geojson` or `.json`, `.geojsonl`, `.geojsonseq` or `.ndjson`, \
         `.csv`, `.parquet` or `.geoparquet`, `.fgb`, `.gpkg`, `.arrow` or `.feather`, `.pmtiles`.\n\n\
         The file appears only when it is complete. Until then the work is in the folder `FILE.unfinished`, and the \
         same command resumes it after an interruption. Without this option, or with `-`, rows go to standard output.",
    ),
    (
        "",
        "format",
        "The format of the result: {line}. It is needed where the suffix of the file does not say it. \
         `geojsonseq` is one GeoJSON feature per line, `parquet` is GeoParquet, `fgb` FlatGeobuf, `gpkg` GeoPackage, \
         `pmtiles` vector tiles for maps, which cannot be read again. \
         On standard output the format is GeoJSON where no other is given.",
    ),
    (
        "",
        "overwrite",
        "Replace a file that exists. Without it, the command stops before it sends anything. Unfinished work of another \
         query for the same file is discarded; that of the same query is resumed with or without this option, unless \
         its dates count back from now, such as `30d`: then it begins anew, with the dates of today.",
    ),
    (
        "",
        "csv_safe",
        "Write an apostrophe before text that begins with `=`, `+`, `-` or `@`, which spreadsheets take for a formula. \
         Numbers stay numbers. Other programs then see the apostrophe.",
    ),
    (
        "",
        "times",
        "How GeoJSON, CSV and PMTiles write times: `ms`, milliseconds since 1970 as the service does, or `iso`, such as \
         `2021-03-04T05:06:07.000Z`. Other formats have a type for times, and the option has no effect on them.",
    ),
    (
        "",
        "ids_as",
        "How GeoJSON writes ids: `number`, or `text` for programs that read numbers as 64-bit floats and so round those \
         above 2^53. It concerns the ids of rows, images, map features, creators and organizations, and has no effect on \
         other formats.",
    ),
    (
        "",
        "layer",
        "The name of the table in a GeoPackage, or of the layer in FlatGeobuf and PMTiles. Without it, it is named after the rows, \
         such as `images` or `signs`.",
    ),
    (
        "",
        "summary",
        "Write a summary of the run as JSON: rows, requests by kind, bytes, times, retries, ids that were not found, and \
         values that the format could not hold. `-` writes it to standard output, if the rows go to a file. An \
         existing file is replaced only if it is an earlier summary.",
    ),
    (
        "",
        "progress",
        "When a line with rate, remaining budget and estimated time is shown on standard error: `auto` only on a \
         terminal, `always` or `never`. `json` writes events instead, one JSON object per line: `start`, `progress` once a \
         second, `retry`, `warning`, `error` with `hint`, and `done` at the end.",
    ),
    ("", "quiet", "Print only warnings and errors, without progress and without the closing line."),
    ("", "verbose", "Log each retry to standard error. `-vv` logs every request. No log has the token."),
    (
        "",
        "to",
        "The folder to write to; it is created where it is missing. Files that are in it already are kept and not fetched \
         again, so the same command continues after an interruption. Ids that fail are listed in `DIR.failed`.",
    ),
    (
        "",
        "partition",
        "Run only part I of N equal parts, counted from 1, such as `1/3`. No request is in two parts. Each part runs at \
         one Nth of the rate, so that all parts together stay within the limits of one token.",
    ),
    (
        "",
        "raw",
        "Outlines as text in base64, exactly as the service sends them, in the column `pixel_geometry`.",
    ),
    (
        "",
        "pixels",
        "Outlines in pixels of the original image. Without it they are fractions of its width and height, from 0 to 1, \
         counted from the top left corner with y pointing down.",
    ),
    (
        "",
        "with_empty",
        "Also a row for each image in which nothing was recognised. COCO files list such images without annotations, so \
         that training has examples of nothing.",
    ),
    (
        "",
        "size",
        "The width of photos in pixels: `256`, `1024` or `2048`, or `original` for the photo as it was uploaded.",
    ),
    (
        "",
        "layout",
        "`files` writes one file per photo, `SEQUENCE/ID.jpg`. `webdataset` writes tar archives of 1,000 photos with their \
         metadata as JSON, for training.",
    ),
    (
        "",
        "frame",
        "The coordinates of points: `enu` is metres east, north and up of an origin, which the file names; `wgs84` is \
         longitude, latitude and height.",
    ),
];
