//! Small photos for the page of a map.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mly::{Download, PhotoSize};
use mly_map::Page;

use super::crawl;
use super::session::Session;
use crate::args::ServiceArgs;
use crate::exit::Failure;
use crate::progress::{Counted, counted, with_reasons};
use crate::settings::Service;

/// Bytes of a small photo in a page, as most have them.
const USUAL_SIZE: u64 = 15_000;

/// Ids per request of a look-up.
const BATCH: u64 = 50;

/// Adds photos of up to so many images, and returns the ids of those that failed.
pub(super) fn add(
    mut page: Page,
    most: usize,
    service: &ServiceArgs,
    session: &mut Session<'_>,
) -> Result<(Page, Vec<String>), Failure> {
    let ids = page.photo_ids(most);
    if ids.is_empty() {
        session.warn("--photos: no row is an image or names one, so that there are no photos to show");
        return Ok((page, Vec::new()));
    }
    let count = ids.len() as u64;
    if !session.talk.quiet {
        let requests = counted(count.div_ceil(BATCH), "requests");
        let size = (count * USUAL_SIZE).div_ceil(100_000);
        session.console.say(&format!(
            "photos of {} take {requests} by id and as many downloads as photos, and about {}.{} MB of the page",
            counted(count, "images"),
            size / 10,
            size % 10
        ));
    }
    let folder = tempfile::tempdir().map_err(|e| Failure::output("cannot create a temporary folder", &e))?;
    let service = Service::new(service, session.environment)?;
    let client = session.client(service.options()?)?;
    let downloads =
        client.download(ids.clone(), &Download::into(folder.path()).with_size(PhotoSize::W256))?;
    let progress = downloads.progress();
    let steps = Counted { steps: "images", rows: None };
    let done = crawl::watched(downloads.finish(), &progress, steps, None, false, session)?;
    session.warn_of_gaps();
    if !done.failed.is_empty() {
        session.warn(&with_reasons(&done.failed, "photos"));
    }
    let photos = photos_in(folder.path()).map_err(|e| Failure::output("cannot read the photos", &e))?;
    for id in &ids {
        if let Some(path) = photos.get(id) {
            let jpeg = fs::read(path).map_err(|e| Failure::output("cannot read a photo", &e))?;
            page = page.with_photo(id, &jpeg);
        }
    }
    Ok((page, done.failed.into_iter().map(|(id, _)| id).collect()))
}

/// The photos in a folder and the folders in it, by id.
fn photos_in(folder: &Path) -> io::Result<HashMap<String, PathBuf>> {
    let (mut photos, mut folders) = (HashMap::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "jpg") {
                let id = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
                photos.extend(id.map(|id| (id, path)));
            }
        }
    }
    Ok(photos)
}
