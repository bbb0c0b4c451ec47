//! `metadata.jsonl` beside the photos, by which Hugging Face `datasets` loads the folder `images` with its labels.

use mly::Result;
use serde_json::{Value, json};

use super::coco::outline;
use crate::content::{Content, Photo, of_part};
use crate::folder::{DatasetFolder, remove, write_whole};
use crate::photos::IMAGES;
use crate::purpose::Purpose;

/// Writes a line for each photo.
///
/// # Errors
/// [`mly::Error::Output`] when it cannot be written.
pub(super) fn write(folder: &DatasetFolder, content: &Content, photos: &[Photo<'_>]) -> Result<()> {
    for part in Purpose::ALL {
        let path = folder.path().join(IMAGES).join(part.name()).join("metadata.jsonl");
        if of_part(photos, part).next().is_none() {
            remove(&path)?;
            continue;
        }
        write_whole(&path, |out| {
            of_part(photos, part).try_for_each(|photo| writeln!(out, "{}", line(content, photo)))
        })?;
    }
    Ok(())
}

fn line(content: &Content, photo: &Photo<'_>) -> Value {
    let (mut boxes, mut classes, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for label in &photo.sample.labels {
        let Some(outline) = outline(photo, label) else { continue };
        boxes.push(outline.bbox);
        classes.push(label.class);
        names.push(content.classes.names.get(label.class));
    }
    json!({
        "file_name": photo.sample.file_name(),
        "image_id": photo.sample.id,
        "width": photo.width,
        "height": photo.height,
        "objects": {"bbox": boxes, "category_id": classes, "category": names},
    })
}
