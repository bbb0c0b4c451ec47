//! Writes labels, and what describes a data set.

mod coco;
mod datasheet;
mod folders;
pub(crate) mod shards;
mod yolo;

use mly::Result;

use crate::assembled::Assembled;
use crate::content::{Content, Photo};
use crate::folder::{DatasetFolder, write_small};
use crate::photos::pixels;
use crate::sample::Sample;
use crate::settings::{Dataset, DatasetFormat};

/// Writes everything but photos that are there already.
///
/// # Errors
/// [`mly::Error::Output`] when something cannot be written.
pub(crate) fn write(folder: &DatasetFolder, dataset: &Dataset, content: &Content) -> Result<Assembled> {
    let photos = match dataset.format {
        DatasetFormat::WebDataset => shards::write(folder, dataset, content)?,
        _ => photos(folder, dataset, &content.samples)?,
    };
    match dataset.format {
        DatasetFormat::Coco => {
            coco::write(folder, content, &photos)?;
            folders::write(folder, content, &photos)?;
        }
        DatasetFormat::Yolo => {
            yolo::write(folder, content, &photos)?;
            folders::write(folder, content, &photos)?;
        }
        DatasetFormat::WebDataset => {}
    }
    let names: Vec<&str> = content.classes.names.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
    write_small(&folder.path().join("classes.txt"), names.concat().as_bytes())?;
    let made = count(content, &photos);
    datasheet::write(folder, dataset, content, &photos, &made)?;
    Ok(made)
}

/// The samples whose photos were downloaded.
fn photos<'a>(folder: &DatasetFolder, dataset: &Dataset, samples: &'a [Sample]) -> Result<Vec<Photo<'a>>> {
    let mut photos = Vec::with_capacity(samples.len());
    for sample in samples {
        if let Some([width, height]) = pixels(folder, dataset.format, sample)? {
            photos.push(Photo { sample, width, height });
        }
    }
    Ok(photos)
}

fn count(content: &Content, photos: &[Photo<'_>]) -> Assembled {
    let mut made = Assembled { images: photos.len() as u64, ..Assembled::default() };
    made.classes = content.classes.names.iter().map(|name| (name.clone(), 0)).collect();
    for photo in photos {
        made.parts[photo.sample.purpose.index()] += 1;
        for label in &photo.sample.labels {
            made.labels += 1;
            if let Some((_, count)) = made.classes.get_mut(label.class) {
                *count += 1;
            }
        }
    }
    made
}
