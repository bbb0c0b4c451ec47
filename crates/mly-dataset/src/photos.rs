//! Where the photos of a data set are, and which are left to download.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use mly::{Result, jpeg_pixels};

use crate::folder::{DatasetFolder, create_folder, failed, names_in};
use crate::purpose::Purpose;
use crate::record::recorded;
use crate::sample::Sample;
use crate::settings::DatasetFormat;

/// Folder of the photos.
pub(crate) const IMAGES: &str = "images";

/// Where photos of archives wait until their archive is written.
const WAITING: &str = "photos";

/// The folder into which photos are downloaded. In it is one folder for each part of the data set.
pub(crate) fn folder_of(folder: &DatasetFolder, format: DatasetFormat) -> PathBuf {
    match format {
        DatasetFormat::WebDataset => folder.kept(WAITING),
        _ => folder.path().join(IMAGES),
    }
}

/// The place of a photo.
pub(crate) fn place_of(folder: &DatasetFolder, format: DatasetFormat, purpose: Purpose, id: i64) -> PathBuf {
    folder_of(folder, format).join(purpose.name()).join(file_name(id))
}

/// The name of a photo in its folder or archive.
pub(crate) fn file_name(id: i64) -> String {
    format!("{id}.jpg")
}

/// The images whose photos are in the folder, or in an archive that is recorded.
///
/// # Errors
/// [`mly::Error::Output`] when the folder cannot be read.
pub(crate) fn present(folder: &DatasetFolder, format: DatasetFormat) -> Result<HashSet<i64>> {
    let mut ids = HashSet::new();
    for part in Purpose::ALL {
        let names = names_in(&folder_of(folder, format).join(part.name()))?;
        ids.extend(names.iter().filter_map(|name| id_of(name)));
    }
    if format == DatasetFormat::WebDataset {
        ids.extend(recorded(folder)?);
    }
    Ok(ids)
}

/// The id of the image that a photo is of.
fn id_of(name: &str) -> Option<i64> {
    name.strip_suffix(".jpg")?.parse().ok()
}

/// Moves photos that an earlier run has put into another part: when images are found that had failed before, the parts
/// are not the same any more.
///
/// # Errors
/// [`mly::Error::Output`] when a photo cannot be moved.
pub(crate) fn put_in_place(folder: &DatasetFolder, format: DatasetFormat, samples: &[Sample]) -> Result<()> {
    let wanted: HashMap<i64, Purpose> = samples.iter().map(|sample| (sample.id, sample.purpose)).collect();
    for part in Purpose::ALL {
        let from = folder_of(folder, format).join(part.name());
        for name in names_in(&from)? {
            let purpose = id_of(&name).and_then(|id| wanted.get(&id));
            let Some(purpose) = purpose.filter(|purpose| **purpose != part) else { continue };
            let to = folder_of(folder, format).join(purpose.name());
            create_folder(&to)?;
            fs::rename(from.join(&name), to.join(&name)).map_err(|e| failed(&to, e))?;
        }
    }
    Ok(())
}

/// Width and height of the photo of a sample; `None` if it was not downloaded.
///
/// # Errors
/// [`mly::Error::Output`] when it cannot be read.
pub(crate) fn pixels(
    folder: &DatasetFolder,
    format: DatasetFormat,
    sample: &Sample,
) -> Result<Option<[u32; 2]>> {
    let path = place_of(folder, format, sample.purpose, sample.id);
    match fs::File::open(&path).and_then(jpeg_pixels) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        pixels => pixels.map_err(|e| failed(&path, e)),
    }
}
