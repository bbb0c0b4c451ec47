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
    ("cloud", "format", "The format of point clouds: `ply`, `las`, or `laz`, which is LAS compressed."),
    (
        "convert",
        "input",
        "The file to read: a result of mly in any format except COCO, or a file of another program in one of these \
         formats.",
    ),
    ("convert", "output", "The file to write, or `-` for standard output. Its suffix sets the format."),
    (
        "convert",
        "format",
        "The format of OUT, where its suffix does not say it: {line}. COCO can be made from detections only.",
    ),
    ("convert", "overwrite", "Replace a file that exists. OUT may be IN."),
    (
        "convert",
        "layer",
        "The name of the table in a GeoPackage, or of the layer in FlatGeobuf. Without it, it is that of IN, or the name \
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
        "world",
        "The data to serve: `demo` is the small invented town, `empty` nothing, `random:7:1000000` a million random images \
         from the seed 7. A file or folder serves your own tiles or GeoJSON.",
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
