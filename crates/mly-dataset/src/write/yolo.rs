//! YOLO: a text with boxes for each photo, and `data.yaml`.

use std::collections::HashSet;
use std::fmt::Write;

use mly::Result;

use crate::content::{Content, Photo, of_part};
use crate::folder::{DatasetFolder, create_folder, names_in, remove, write_small};
use crate::outline::coco;
use crate::photos::IMAGES;
use crate::purpose::Purpose;

/// Folder of the labels. Trainers find them by the path of a photo, in which they replace `images`.
const LABELS: &str = "labels";

/// Writes the labels of all photos; one without labels has an empty text.
///
/// # Errors
/// [`mly::Error::Output`] when one cannot be written.
pub(super) fn write(folder: &DatasetFolder, content: &Content, photos: &[Photo<'_>]) -> Result<()> {
    for part in Purpose::ALL {
        let labels = folder.path().join(LABELS).join(part.name());
        let mut names = HashSet::new();
        for photo in of_part(photos, part) {
            if names.is_empty() {
                create_folder(&labels)?;
            }
            let name = format!("{}.txt", photo.sample.stem());
            write_small(&labels.join(&name), lines(photo).as_bytes())?;
            names.insert(name);
        }
        // Labels of photos that an earlier run had in this part.
        for name in names_in(&labels)?.into_iter().filter(|name| !names.contains(name)) {
            remove(&labels.join(name))?;
        }
    }
    write_small(&folder.path().join("data.yaml"), data_yaml(content, photos).as_bytes())
}

/// The number of the class, and the centre and size of the box in shares of the width and height.
fn lines(photo: &Photo<'_>) -> String {
    let mut text = String::new();
    for label in &photo.sample.labels {
        let Some([left, top, width, height]) = coco(&label.rings).map(|outline| outline.bbox) else {
            continue;
        };
        let (x, y) = (left + width / 2.0, top + height / 2.0);
        // Writing to a string does not fail.
        let _ = writeln!(text, "{} {x:.8} {y:.8} {width:.8} {height:.8}", label.class);
    }
    text
}

/// Paths in it are relative to its own folder, wherever the trainer is started: that is so without a `path`.
fn data_yaml(content: &Content, photos: &[Photo<'_>]) -> String {
    let mut text = "# Photos and detections of Mapillary, CC BY-SA 4.0; see datasheet.md.\n".to_owned();
    let has = |part: Purpose| of_part(photos, part).next().is_some();
    let mut line = |name: &str, part: Purpose| {
        let _ = writeln!(text, "{name}: {IMAGES}/{part}");
    };
    line("train", Purpose::Train);
    // Trainers insist on photos to validate with.
    line("val", if has(Purpose::Validate) { Purpose::Validate } else { Purpose::Train });
    if has(Purpose::Test) {
        line("test", Purpose::Test);
    }
    text.push_str(if content.classes.names.is_empty() { "names: {}\n" } else { "names:\n" });
    for (number, name) in content.classes.names.iter().enumerate() {
        // A text of JSON is one of YAML.
        let _ = writeln!(text, "  {number}: {}", serde_json::Value::from(name.as_str()));
    }
    text
}
