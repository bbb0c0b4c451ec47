//! Writes labels, and what describes a data set.

mod coco;
mod datasheet;
mod folders;
pub(crate) mod shards;
mod yolo;

use std::collections::BTreeSet;

use mly::Result;

use crate::assembled::Assembled;
use crate::classes::ClassMap;
use crate::folder::{DatasetFolder, write_small};
use crate::photos::pixels;
use crate::purpose::Purpose;
use crate::sample::Sample;
use crate::settings::{Dataset, DatasetFormat};

/// What a data set holds, if all photos can be had.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) classes: ClassMap,
    /// By id.
    pub(crate) samples: Vec<Sample>,
    /// Every value that was recognised.
    pub(crate) values: BTreeSet<String>,
    pub(crate) question: Option<String>,
    /// What it was made of, in words.
    pub(crate) made_of: String,
    /// How many ids failed.
    pub(crate) failed: usize,
}

/// A sample whose photo is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Photo<'a> {
    pub(crate) sample: &'a Sample,
    /// In pixels, as saved.
    pub(crate) width: u32,
    pub(crate) height: u32,
}

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
    let names: String = content.classes.names.iter().map(|name| format!("{name}\n")).collect();
    write_small(&folder.path().join("classes.txt"), names.as_bytes())?;
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

/// The photos of one part.
fn of_part<'a, 'b>(photos: &'b [Photo<'a>], part: Purpose) -> impl Iterator<Item = &'b Photo<'a>> {
    photos.iter().filter(move |photo| photo.sample.purpose == part)
}
