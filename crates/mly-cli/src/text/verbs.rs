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
