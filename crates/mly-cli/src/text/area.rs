//! Texts of the options that name an area.

use super::Entry;

pub(super) const TEXTS: &[Entry] = &[
    (
        "",
        "bbox",
        "A box: west, south, east and north in degrees, with commas between them. Longitude comes first, as in GeoJSON. \
         Where west is larger than east, the box crosses the antimeridian. A point on the border is inside.\n\n\
         `--bbox 8.98,51.98,9.03,52.01`",
    ),
    (
        "",
        "within",
        "A file with the polygons of the area, or with lines or points and a `--buffer`: GeoJSON, GeoPackage, FlatGeobuf, \
         GeoParquet, Shapefile (also as a .zip), KML, KMZ, GPX, WKT, or CSV with a column `wkt` or with `longitude` and \
         `latitude`. `FILE#LAYER` chooses one of several layers. Holes are respected, and a point on the border is inside. `-` reads text from standard input.\n\n\
         Coordinates are degrees, longitude first. A file that says it is in Web Mercator is converted; one in any \
         other reference system is refused, with the command that converts it.",
    ),
    (
        "",
        "place",
        "The outline of a place, asked of a Nominatim service: by default the public one of OpenStreetMap, with at most one \
         request a second, whose answers are kept for a month. The name may have region and country: \
         `--place \"Springfield, Ohio\"`. If several places of the name are alike, they are listed with their ids, and \
         `--place R62422` chooses one (`W` and `N` for ways and nodes). The outlines are (c) OpenStreetMap contributors, \
         under the ODbL.\n\n`--place Herford`",
    ),
    (
        "",
        "places_url",
        "The base URL of another Nominatim service for `--place`; `/search` and `/lookup` are appended.",
    ),
    (
        "",
        "near",
        "The centre of a circle: longitude and latitude in degrees. `--radius` says how large the circle is.\n\n\
         `--near 9.005,51.998 --radius 300`",
    ),
    (
        "",
        "radius",
        "The radius of the circle around `--near`, in metres. Up to 50 m the circle is answered by search requests, \
         which cost no tiles.",
    ),
    (
        "",
        "tile",
        "One tile of the map, named by zoom, column and row, as in the addresses of web maps.\n\n`--tile 14/8601/5411`",
    ),
];
