//! Texts of the options that narrow an area down.

use super::Entry;

pub(super) const TEXTS: &[Entry] = &[
    (
        "",
        "since",
        "Only what was captured at this time or later. A date is a year, a month, a day or a time: `2021`, `2021-03`, \
         `2021-03-04`, `2021-03-04T05:06:07Z`. A short date means its beginning. Without a time zone it is in UTC. \
         `today` and `yesterday` are days in UTC; `30d`, `6w`, `6m` and `2y` are so many days, weeks, months or years ago; \
         13 digits are milliseconds since 1970. Relative dates count from the moment of the plan, which says what they mean; a run that was stopped goes on with \
         the dates of its beginning. \
         Images whose date is unknown (1970) are left out.",
    ),
    (
        "",
        "until",
        "Only what was captured at this time or earlier. A date is written as for `--since`. A short date includes all \
         of it: `2021` means until the end of 2021.",
    ),
    (
        "",
        "image-type",
        "`pano` for panoramas (360° images), `flat` for all other images, `all` for both. Without this option both come.",
    ),
    (
        "",
        "compass",
        "Only images whose camera pointed between these two directions, in degrees clockwise from north. Where MIN is \
         larger than MAX, the range crosses north: `315,45` is everything that looks roughly north. The direction is \
         the original one of the device.",
    ),
    (
        "",
        "sequence",
        "Only images of these sequences, or only these sequences. Several ids have commas between them.",
    ),
    (
        "",
        "organization",
        "Only what was captured for these organizations, by id. Several ids have commas between them.",
    ),
    (
        "",
        "creator",
        "Only what these users uploaded, by id. Several ids have commas between them. For names of users see \
         `--creator-username`.",
    ),
    (
        "",
        "creator-username",
        "Only images by users of these names, written as the service writes them. Several names have commas between \
         them; a name that has a comma stands in double quotes. Tiles do not have these names, so search requests \
         answer the query; they cost no tiles.",
    ),
    (
        "",
        "not-creator",
        "Leave out what these users uploaded, by id. Several ids have commas between them. What has no creator stays.",
    ),
    (
        "",
        "not-creator-username",
        "Leave out images by users of these names, written as the service writes them. Several names have commas between \
         them. Tiles do not have these names, so search requests answer the query; they cost no tiles.",
    ),
    (
        "",
        "min-quality",
        "Only what has a quality score of at least Q, from 0 to 1, as the service has estimated it. What has no score is \
         left out. Searches do not carry the score, so it does not go together with `--make`, `--model` and names of \
         creators.",
    ),
    (
        "",
        "on-foot",
        "`yes` for what was captured on foot, `no` for everything that is known not to be. Searches do not carry this, so it \
         does not go together with `--make`, `--model` and names of creators.",
    ),
    (
        "",
        "spacing",
        "Of each sequence, in order of capture, keep the first image, then the next one that is at least M metres from the \
         last one kept, and so on. It is applied after all other filters. Rows come when all requests are answered, and \
         wait in memory until then.",
    ),
    (
        "",
        "positions",
        "`original` for the positions that the device has measured, `computed` for those that the service has computed from \
         the pictures. Both cost the same. Images that the service has not processed have no computed position and are \
         left out.",
    ),
    (
        "",
        "make",
        "Only images by cameras of these makes, written as the service writes them, such as `GoPro`. Several names have \
         commas between them; a name that has a comma stands in double quotes. Tiles do not have the camera, so \
         search requests answer the query; they cost no tiles.",
    ),
    (
        "",
        "model",
        "Only images by cameras of these models, written as the service writes them, such as `HERO9 Black`. Several \
         names have commas between them; a name that has a comma stands in double quotes. Tiles do not have the \
         camera, so search requests answer the query; they cost no tiles.",
    ),
    (
        "",
        "looking-at",
        "Only images that have this position in view: longitude and latitude in degrees. Panoramas look in every \
         direction, flat images 50° to either side of their own direction.",
    ),
    (
        "",
        "value",
        "Only signs or objects with these values, such as `regulatory--stop--g1` or `object--bench`. `*` stands for any \
         text, and several values have commas between them: `'regulatory--*,warning--*'`. Put a value with `*` in quotes, \
         so that the shell does not read it as names of files.",
    ),
    (
        "",
        "first-seen-since",
        "Only what the earliest image shows at this time or later. A date is written as for `--since` of images: `2021`, \
         `2021-03`, `2021-03-04`, `2021-03-04T05:06:07Z`.",
    ),
    (
        "",
        "first-seen-until",
        "Only what the earliest image shows at this time or earlier. A short date includes all of it: `2021` means until \
         the end of 2021.",
    ),
    (
        "",
        "last-seen-since",
        "Only what the latest image shows at this time or later. Something that was removed from the street stays in the \
         data, so this is the way to leave out what nobody has seen for years.",
    ),
    (
        "",
        "last-seen-until",
        "Only what the latest image shows at this time or earlier. A short date includes all of it: `2021` means until \
         the end of 2021.",
    ),
    (
        "",
        "cut",
        "Keep only those parts of lines that the fetched tiles show. Without this option sequences are whole: what lies \
         outside of the fetched tiles is fetched by id, and so are sequences that the tiles leave out because they \
         have only one image in a tile.",
    ),
    (
        "",
        "prune",
        "First fetch tiles of this lower zoom, from 6 to 13, which show where sequences are; then only those tiles of zoom \
         14 that a sequence touches, and their neighbours. In large areas with few images this saves most requests. \
         Lines of low zooms are simplified and not quite complete, so a few rows can be missing.",
    ),
    (
        "",
        "limit",
        "Stop after this many rows. Rows come in the order of the tiles, so these are not the newest or the best ones.",
    ),
    (
        "",
        "fields",
        "Only these columns, besides id and geometry; several have commas between them. A column that tiles do not have, \
         such as `make` or `computed_geometry`, is fetched by id for the rows that pass all filters, 50 rows a request. \
         These requests cost no tiles.",
    ),
];
