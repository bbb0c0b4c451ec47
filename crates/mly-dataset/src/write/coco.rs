//! COCO: `train.json`, `val.json` and `test.json`.

use std::io::{self, Write};

use mly::Result;
use mly::sink::CocoOutline;
use serde_json::{Value, json};

use crate::content::{Content, Photo, of_part};
use crate::folder::{DatasetFolder, remove, write_whole};
use crate::outline::coco;
use crate::photos::IMAGES;
use crate::purpose::Purpose;
use crate::sample::Label;

/// Number of the one licence.
const LICENSE_ID: i64 = 1;

/// Writes a document for each part that has photos. Names of photos are relative to the folder of the document.
///
/// # Errors
/// [`mly::Error::Output`] when one cannot be written.
pub(super) fn write(folder: &DatasetFolder, content: &Content, photos: &[Photo<'_>]) -> Result<()> {
    for part in Purpose::ALL {
        let path = folder.path().join(format!("{part}.json"));
        if of_part(photos, part).next().is_none() {
            remove(&path)?;
            continue;
        }
        write_whole(&path, |out| document(out, content, photos, part))?;
    }
    Ok(())
}

fn document(out: &mut dyn Write, content: &Content, photos: &[Photo<'_>], part: Purpose) -> io::Result<()> {
    let info = json!({
        "description": content.question.as_deref().unwrap_or("photos of Mapillary and what was recognised in them"),
        "url": "https://www.mapillary.com",
        "version": "1.0",
        "contributor": "Mapillary",
        "split": part.name(),
    });
    let licenses = json!([{
        "id": LICENSE_ID,
        "name": "CC BY-SA 4.0",
        "url": "https://creativecommons.org/licenses/by-sa/4.0/",
    }]);
    write!(out, "{{\"info\":{info},\n\"licenses\":{licenses},\n\"categories\":[")?;
    for (number, name) in content.classes.names.iter().enumerate() {
        let end = if number == 0 { "" } else { "," };
        let supercategory = name.split_once("--").map_or(name.as_str(), |(category, _)| category);
        let category = json!({"id": number + 1, "name": name, "supercategory": supercategory});
        write!(out, "{end}\n{category}")?;
    }
    write!(out, "],\n\"images\":[")?;
    for (number, photo) in of_part(photos, part).enumerate() {
        let end = if number == 0 { "" } else { "," };
        write!(out, "{end}\n{}", image(photo))?;
    }
    write!(out, "],\n\"annotations\":[")?;
    let mut is_first = true;
    for photo in of_part(photos, part) {
        for label in &photo.sample.labels {
            let Some(annotation) = annotation(photo, label) else { continue };
            let end = if std::mem::take(&mut is_first) { "" } else { "," };
            write!(out, "{end}\n{annotation}")?;
        }
    }
    out.write_all(b"]}\n")
}

fn image(photo: &Photo<'_>) -> Value {
    let Photo { sample, width, height } = *photo;
    json!({
        "id": sample.number,
        "image_id": sample.id,
        "view": sample.view.map(|view| view.number),
        "width": width,
        "height": height,
        "file_name": format!("{IMAGES}/{}/{}", sample.purpose, sample.file_name()),
        "license": LICENSE_ID,
        "coco_url": super::datasheet::viewer_url(sample.id),
        "date_captured": super::datasheet::moment(sample.facts.captured_at_ms),
        "sequence_id": sample.facts.sequence,
        "creator": sample.facts.creator,
    })
}

fn annotation(photo: &Photo<'_>, label: &Label) -> Option<Value> {
    let outline = outline(photo, label)?;
    let polygons: Vec<Vec<f64>> =
        outline.polygons.iter().map(|ring| ring.iter().flatten().copied().collect()).collect();
    Some(json!({
        "id": label.id,
        "image_id": photo.sample.number,
        "category_id": label.class + 1,
        "bbox": outline.bbox,
        "segmentation": polygons,
        "area": outline.area,
        "iscrowd": 0,
    }))
}

/// The outline of a label in pixels of the photo as saved.
pub(super) fn outline(photo: &Photo<'_>, label: &Label) -> Option<CocoOutline> {
    let (width, height) = (f64::from(photo.width), f64::from(photo.height));
    let scaled = |ring: &Vec<[f64; 2]>| ring.iter().map(|[x, y]| [x * width, y * height]).collect::<Vec<_>>();
    let rings: Vec<Vec<[f64; 2]>> = label.rings.iter().map(scaled).collect();
    coco(&rings)
}
