//! Where the photos of a data set are, and which are left to download.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use mly::{Result, jpeg_pixels};

use crate::crops::PanoJob;
use crate::folder::{DatasetFolder, create_folder, failed, names_in};
use crate::purpose::Purpose;
use crate::record::recorded;
use crate::sample::Sample;
use crate::settings::DatasetFormat;

/// Folder of the photos.
pub(crate) const IMAGES: &str = "images";

/// Where photos of archives wait until their archive is written.
const WAITING: &str = "photos";

/// Where panoramas wait until their views are made.
pub(crate) const PANOS: &str = "panos";

/// The folder into which photos are downloaded. In it is one folder for each part of the data set.
pub(crate) fn folder_of(folder: &DatasetFolder, format: DatasetFormat) -> PathBuf {
    match format {
        DatasetFormat::WebDataset => folder.kept(WAITING),
        _ => folder.path().join(IMAGES),
    }
}

/// The place of a photo.
pub(crate) fn place_of(folder: &DatasetFolder, format: DatasetFormat, sample: &Sample) -> PathBuf {
    folder_of(folder, format).join(sample.purpose.name()).join(sample.file_name())
}

/// The names of photos, without extension, that are in the folder, or in an archive that is recorded.
///
/// # Errors
/// [`mly::Error::Output`] when the folder cannot be read.
pub(crate) fn present(folder: &DatasetFolder, format: DatasetFormat) -> Result<HashSet<String>> {
    let mut stems = HashSet::new();
    for part in Purpose::ALL {
        let names = names_in(&folder_of(folder, format).join(part.name()))?;
        stems.extend(names.iter().filter_map(|name| name.strip_suffix(".jpg")).map(str::to_owned));
    }
    if format == DatasetFormat::WebDataset {
        stems.extend(recorded(folder)?);
    }
    Ok(stems)
}

/// Moves photos that an earlier run has put into another part: when images are found that had failed before, the parts
/// are not the same any more.
///
/// # Errors
/// [`mly::Error::Output`] when a photo cannot be moved.
pub(crate) fn put_in_place(folder: &DatasetFolder, format: DatasetFormat, samples: &[Sample]) -> Result<()> {
    let wanted: HashMap<String, Purpose> =
        samples.iter().map(|sample| (sample.file_name(), sample.purpose)).collect();
    for part in Purpose::ALL {
        let from = folder_of(folder, format).join(part.name());
        for name in names_in(&from)? {
            let Some(purpose) = wanted.get(&name).filter(|purpose| **purpose != part) else { continue };
            let to = folder_of(folder, format).join(purpose.name());
            create_folder(&to)?;
            fs::rename(from.join(&name), to.join(&name)).map_err(|e| failed(&to, e))?;
        }
    }
    Ok(())
}

/// The place of a panorama whose views are not made yet.
pub(crate) fn pano_of(folder: &DatasetFolder, id: i64) -> PathBuf {
    folder.kept(PANOS).join(PANOS).join(format!("{id}.jpg"))
}

/// The panoramas that are there, with the views that are to be made of them.
///
/// # Errors
/// [`mly::Error::Output`] when a folder cannot be created.
pub(crate) fn pano_jobs(
    folder: &DatasetFolder,
    format: DatasetFormat,
    samples: &[Sample],
) -> Result<Vec<PanoJob>> {
    let mut jobs = BTreeMap::new();
    for sample in samples {
        let Some(view) = sample.view.filter(|_| pano_of(folder, sample.id).exists()) else { continue };
        let place = place_of(folder, format, sample);
        place.parent().map_or(Ok(()), create_folder)?;
        let (id, pano) = (sample.id, pano_of(folder, sample.id));
        jobs.entry(id).or_insert_with(|| PanoJob { id, pano, views: Vec::new() }).views.push((view, place));
    }
    Ok(jobs.into_values().collect())
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
    let path = place_of(folder, format, sample);
    match fs::File::open(&path).and_then(jpeg_pixels) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        pixels => pixels.map_err(|e| failed(&path, e)),
    }
}
