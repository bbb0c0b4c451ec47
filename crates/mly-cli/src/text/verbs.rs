//! Texts of options of one verb alone, or that mean something else there.

use super::Entry;

pub(super) const TEXTS: &[Entry] = &[
    (
        "",
        "ids",
        "The ids to look up, with blanks or commas between them; `-` reads them from standard input, one per line. They \
         are looked up 50 per request, and rows come in the order of the ids. Ids that are not found are listed in \
         `OUTPUT.failed`; the rest is written, and the exit code is 7.",
    ),
    (
        "sequence",
        "ids",
        "The ids of the sequences; `-` reads them from standard input, one per line. Write `--` before an id that begins \
         with a dash: `mly sequence -- -ab...`.",
    ),
    (
        "",
        "what",
        "Ids of images, files that contain such ids (any result of mly, or a list with one id per line), or `-` for \
         standard input. In tables the ids are in the column `id` or `image_id`.",
    ),
    (
        "plan",
        "layer",
        "What the query is about: `images`, `sequences`, `points` (objects such as benches) or `signs`.",
    ),
    (
        "plan",
        "output",
        "Store the plan as JSON, for `mly run`. `-` writes it to standard output. The file has no token.",
    ),
    ("run", "plan", "A plan that `mly plan -o` has stored, or `-` to read it from standard input."),
    (
        "detections",
        "image",
        "What was recognised in these images. Several ids have blanks or commas between them; `-` reads them from standard \
         input.",
    ),
    (
        "detections",
        "feature",
        "In which images these map features (signs or objects) were recognised. Several ids have blanks or commas between \
         them; `-` reads them from standard input.",
    ),
    (
        "detections",
        "from",
        "A file with ids of images or of map features, such as a result of `mly images` or `mly signs`, or `-` for standard \
         input. Each id is used once.",
    ),
    (
        "detections",
        "format",
        "The format of the result: {line}. It is needed where the suffix of the file does not say it. `coco` is the \
         format of the COCO data set, with image sizes, boxes, areas and categories, in pixels of the original images.",
    ),
    (
        "download",
        "concurrency",
        "The largest number of photos that are downloaded at the same time. Photos do not count towards the tile quota.",
    ),
    (
        "dataset",
        "file",
        "Any result of mly, or a list with one id per line, or `-` for standard input. Images are labelled with everything \
         that was recognised in them. Of map features, such as signs, the images that show them are found, and only these \
         features are labelled in them.",
    ),
    (
        "dataset",
        "to",
        "The folder of the data set. It must be new or empty, or hold the same data set, which is then continued: nothing \
         that is in it is asked for again. Ids that fail are listed in `DIR.failed`.",
    ),
    (
        "dataset",
        "format",
        "`coco`: `train.json`, `val.json` and `test.json` with outlines. `yolo`: `data.yaml`, and boxes in a text for each \
         photo. `webdataset`: tar archives, such as `train-00000.tar`, of photos and JSON.",
    ),
    (
        "dataset",
        "split",
        "The shares of the photos to train, to validate and to test with, in percent. They sum to 100. The same images are \
         always divided in the same way. If whole sequences cannot be divided so, the nearest division is taken and told.",
    ),
    (
        "dataset",
        "by",
        "`sequence` keeps the images of a sequence together: they show the same objects one after the other, so that a model \
         would be tested with what it was trained with. `image` divides single images.",
    ),
    (
        "dataset",
        "crops_of_pano",
        "Divide each panorama into views, as photos of a camera without distortion: `4x90` makes four views of 90 degrees, \
         the first in the direction of the middle of the panorama, the others to the right of it. Labels go with them. \
         Without it, panoramas are in the data set as they are.",
    ),
    (
        "dataset",
        "value",
        "Only detections of these values become labels, each value a class, in this order. `*` stands for any text. Without \
         `--value` and `--classes`, every value is a class, in alphabetical order.",
    ),
    (
        "dataset",
        "classes",
        "A file that says which detections become labels, and of which classes: values one a line, or a mapping in YAML or \
         JSON such as `warning--*: warning`, where several values may be of one class. Classes are numbered in the order of \
         the file, also those that do not occur.",
    ),
    (
        "dataset",
        "negatives",
        "Also images in which none of the classes was recognised. Without it, they are not downloaded.",
    ),
    (
        "dataset",
        "concurrency",
        "The largest number of photos that are downloaded at the same time. Photos do not count towards the tile quota.",
    ),
    ("cloud", "format", "The format of point clouds: `ply`, `las`, or `laz`, which is LAS compressed."),
    (
        "assets",
        "signs",
        "The signs or objects: a result of `mly signs` or `mly points` in any format. The columns `aligned_direction` and \
         `images` are used if they are there.",
    ),
    (
        "assets",
        "detections",
        "Look up the features again with their directions and photos, what was recognised in these photos, and the photos \
         themselves: one request for every 50 features, one for each feature, and one for every 50 photos. The cost is \
         told before. Until the inventory is written, the answers are kept in the folder `OUTPUT.lookups`, so that the same \
         command goes on after an interruption.",
    ),
    (
        "assets",
        "roads",
        "Roads within 25 m of the signs, for the columns `side`, `road_id` and `road_offset_m`: a file of OpenStreetMap \
         (`.osm.pbf`), an answer of Overpass in JSON, or lines in any format that mly reads.",
    ),
    (
        "assets",
        "crops",
        "Save a picture of each sign, cut out of its best photo, as `ASSET_ID.jpg` in this folder. Each photo is downloaded \
         once, in its original size.",
    ),
    (
        "assets",
        "within_m",
        "How far two map features of one sign are apart at most, in metres. The service makes features again when new \
         photos arrive; features of the same value, seen at different times and this near are taken for one sign.",
    ),
    (
        "assets",
        "as_of",
        "The day from which the age of photos counts when the best one is chosen. Dates after it count as unknown. Without \
         it, it is the newest date of SIGNS, so that the same file gives the same result at any time.",
    ),
    (
        "osm",
        "signs",
        "The signs or objects: a result of `mly signs`, `mly points` or `mly assets` in any format. More is known with the \
         columns `aligned_direction` and `images`, which `--fields` adds, and most with an inventory.",
    ),
    (
        "osm",
        "osm",
        "Data of OpenStreetMap for the same place: an extract (`.osm.pbf`), or the answer of Overpass in JSON, best with \
         `out meta;`, which tells versions and dates.",
    ),
    (
        "osm",
        "country",
        "The country whose rules count. They tell what a sign is in OpenStreetMap, and the codes in `traffic_sign`.",
    ),
    (
        "osm",
        "tags",
        "A file of rules in JSON that add to those of the country, or replace them; the guide on OpenStreetMap shows one. A \
         mistake is told with its line and column.",
    ),
    (
        "osm",
        "looks",
        "A result of `mly images` for the area. What OpenStreetMap has, no sign stands for, and at least 4 newer photos of 2 \
         sequences look at becomes a row `maybe_removed`.",
    ),
    (
        "osm",
        "as_of",
        "Dates of signs after this day count as unknown: they come from clocks that were wrong.",
    ),
    (
        "osm",
        "permanent",
        "Signs that were seen for less than nine months become `temporary`. Most signs were seen by one drive alone, so this \
         leaves only those that are certain to last.",
    ),
    (
        "osm",
        "format",
        "The format of the result: {line}. Besides the formats of rows, `maproulette` makes tasks for MapRoulette, `osm` a \
         layer for JOSM, and `osc` a change file, which adds points alone. Nothing is uploaded.",
    ),
    (
        "map",
        "files",
        "Results of mly in any format except COCO, or files of other programs in one of these formats. Each is a layer, \
         named after its file. Rows are coloured by their age, or by their column `value`, `status`, `change` or `tier`.",
    ),
    (
        "map",
        "output",
        "The page to write, such as `town.html`; `-` is standard output. It is one file that opens by a double click, and \
         sends no request.",
    ),
    ("map", "open", "Open the page in the browser. Without `-o`, the page is a temporary file."),
    (
        "map",
        "basemap",
        "Put a map from elsewhere below the rows: `osm`, the address of raster tiles with `{z}`, `{x}` and `{y}`, or the \
         address of a MapLibre style. Whoever opens the page then asks that host for tiles, and no other. Without this \
         option the page sends no request.",
    ),
    (
        "map",
        "photos",
        "Put small photos (256 pixels) of up to this many images into the page. They are looked up, 50 ids per request, \
         and downloaded, which takes a token; the number is printed first. A photo adds about 15 KB to the page. It is shown \
         with its row, and with the outlines of detections if they are a layer.",
    ),
    (
        "convert",
        "files",
        "The files to read: results of mly in any format except COCO and PMTiles, or files of other programs in one of \
         these formats. The last is the file to write, or `-` for standard output; its suffix sets the format. Several files \
         become one GeoPackage with a table for each, named after the file.",
    ),
    (
        "convert",
        "format",
        "The format of OUT, where its suffix does not say it: {line}. COCO can be made from detections only.",
    ),
    (
        "streets",
        "roads",
        "The streets: data of OpenStreetMap as `.osm.pbf` or as JSON of an Overpass service, or lines in any format that \
         mly reads, with the columns `highway`, `name`, `oneway`, `layer`, `junction`, `service`, `access` and `area` as \
         OpenStreetMap has them, as far as they are there. Streets are cut into edges where they meet.",
    ),
    (
        "streets",
        "images",
        "The images, as `mly images` writes them. Without this option they are asked for around the streets, and kept beside \
         OUTPUT in `OUTPUT.images.parquet`, so that the same command goes on after an interruption.",
    ),
    (
        "streets",
        "ways",
        "Which streets: `drive` (from motorways to residential streets, and service roads but driveways and the aisles of \
         parking lots), `walk` (footways, pedestrian streets, paths, steps, cycleways, tracks), `all`, or values of `highway` \
         with commas between them. Areas and private ground are never among them.",
    ),
    (
        "streets",
        "as_of",
        "The moment from which ages count back; images with a later date count as undated. `2025` is the end of that year. \
         Without this option, it is the date of the newest image, so that the same files give the same result on every day.",
    ),
    (
        "streets",
        "fresh",
        "Images up to this age are fresh. A number of days (`90d`), weeks (`6w`), months (`18m`) or years (`2y`).",
    ),
    (
        "streets",
        "aging",
        "Images up to this age are aging, and older ones are stale. The tier of an edge is that of most of its covered \
         metres, by the newest image that shows each.",
    ),
    (
        "streets",
        "yes",
        "Ask for the images even where that takes more than 500 tiles. Without it, the cost is shown and nothing is sent.",
    ),
    (
        "streets",
        "gaps",
        "Also write every part of an edge of 20 m or more that no image shows, as lines with `edge_id`, `way_id`, `name`, \
         `class`, `length_m`, and where on the edge they are. The suffix sets the format.",
    ),
    ("convert", "overwrite", "Replace a file that exists. OUT may be IN."),
    (
        "convert",
        "layer",
        "The name of the table in a GeoPackage, or of the layer in FlatGeobuf and PMTiles. Without it, it is that of IN, or the name \
         of the file IN.",
    ),
    (
        "diff",
        "old",
        "The earlier result: a file of mly in any format except COCO, or one of another program in one of these formats. \
         OLD and NEW are of one layer. Rows are compared by the column `id`, which may be numbers in one file and text \
         in the other.",
    ),
    (
        "diff",
        "new",
        "The later result of the same layer. What only one of the two questions asked for is `unmeasured`: rows outside the \
         area of the other result, or such as its filters leave out. Files carry their question, but for CSV and GeoJSON \
         sequences.",
    ),
    (
        "diff",
        "seen_by",
        "Images by which it is judged whether signs and points that NEW lacks are gone. A look is an image that was taken \
         more than a day after the sign was last seen, in the daytime, from 3 to 25 m away, with the sign in view, and not \
         from behind. Four looks of two sequences on two days can make it `gone`, if looks seldom fail: how often they find \
         what is there is computed from the signs that both files have. Anything less is `maybe_gone`. Without this option, \
         what is missing is `unseen`.",
    ),
    (
        "diff",
        "within_m",
        "The service gives new ids when it computes a place anew. A sign or point with a new id is the same (`remade`) if one \
         of that name was lost within this many metres; each is matched once, the nearest first. One that is alone may have \
         moved two thirds farther.",
    ),
    (
        "diff",
        "lag",
        "What photos show appears on the map weeks after they were taken. Only images that were older than this when NEW was \
         made count as looks. Hours, days or weeks: `12h`, `60d`, `6w`.",
    ),
    ("diff", "all", "Also write the rows that have not changed. They are counted in any case."),
    (
        "diff",
        "as_of",
        "When NEW was made. Dates after it are taken for those of wrong clocks. The same files give the same result at any \
         time, since the clock of this computer does not matter.",
    ),
    (
        "diff",
        "old_within",
        "A file with the polygons that OLD was asked for. It counts more than what the file of OLD tells. If it is not known, \
         OLD is taken to cover everything, which is told.",
    ),
    (
        "diff",
        "new_within",
        "A file with the polygons that NEW was asked for. It counts more than what the file of NEW tells. Leave places out \
         that could not be fetched, so that nothing is missing there.",
    ),
    (
        "diff",
        "output",
        "The file to write. Its suffix sets the format, as for areas. It appears when it is complete, and may be OLD or NEW \
         with `--overwrite`. Without this option, or with `-`, rows go to standard output.",
    ),
    (
        "emulate",
        "as_of",
        "Serve the demo town as the service knew it at the end of this date: without what was photographed later, and before \
         2024 with signs that have been made again under another id, replaced or taken away since.",
    ),
    (
        "emulate",
        "osm",
        "Write the world as OpenStreetMap would have it, and end: its streets, and a part of its signs and objects, some \
         of them wrong. `.osm.pbf` is the binary format, `.json` that of the Overpass API.",
    ),
    (
        "emulate",
        "world",
        "The data to serve: `demo` is the small invented town, `avenue` a street of which every sign is known, `empty` nothing, \
         `random:7:1000000` a million random images from the seed 7. A file or folder serves your own tiles or GeoJSON.",
    ),
    ("emulate", "port", "The port of localhost to listen on; 0 picks a free one. Printed variables name it."),
    (
        "emulate",
        "fault",
        "Make requests fail, for example `status=503,every=10` for every tenth request. May be given several times. The \
         guide on tests without the service lists all faults.",
    ),
    (
        "emulate",
        "answer",
        "Play another answer to a question that the documentation of the service leaves open, such as `bbox-rule=side`. May \
         be given several times.",
    ),
    ("emulate", "memory", "How many MiB of encoded tiles are kept in memory."),
    ("emulate", "token", "A token that is accepted, besides the one that is printed."),
    (
        "budget",
        "forget_block",
        "Forget that the service has blocked this IP address, for when the address has changed, or when a filter of your \
         network was to blame.",
    ),
    (
        "cache",
        "action",
        "`path` prints where the cache is, `size` prints how many tiles it holds, `clear` empties it.",
    ),
    (
        "doctor",
        "record",
        "Ask the service, with about 25 requests at the usual pace, what its documentation leaves open, and write the \
         answers into this folder, which must be new or empty. The folder has no token and no names of users.",
    ),
];
