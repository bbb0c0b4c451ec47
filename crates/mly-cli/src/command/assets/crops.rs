//! The pictures of `mly assets --crops`: photos are downloaded once each, and cut out.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use mly::sink::Destination;
use mly::{Client, Download, PhotoSize};
use mly_jobs::assets::AssetPicture;

use crate::command::blocking::until_stopped;
use crate::command::crawl;
use crate::command::session::Session;
use crate::exit::{Failure, Success};
use crate::failed::list_beside_folder;
use crate::output::write_bytes;
use crate::progress::{Counted, counted, with_reasons};

/// Saves the pictures as `ASSET_ID.jpg` in a folder. Photos are kept in `work` until all is done.
pub(super) fn save(
    pictures: &[AssetPicture],
    folder: &Path,
    work: &Path,
    client: &Client,
    session: &mut Session<'_>,
) -> Result<Success, Failure> {
    let mut by_image: BTreeMap<i64, Vec<AssetPicture>> = BTreeMap::new();
    for picture in pictures {
        by_image.entry(picture.image_id).or_default().push(*picture);
    }
    let photos = work.join("photos");
    let download = Download::into(&photos).with_size(PhotoSize::Original);
    let downloads = client.download(by_image.keys(), &download)?;
    let progress = downloads.progress();
    let before = session.summary.clone();
    let steps = Counted { steps: "photos", rows: None };
    let done = crawl::watched(downloads.finish(), &progress, steps, None, true, session)?;
    let of_photos = std::mem::replace(&mut session.summary, before);
    session.summary.files += of_photos.files;
    session.summary.entities += of_photos.entities;
    session.summary.bytes += of_photos.bytes;
    let (to, from) = (folder.to_owned(), photos_in(&photos));
    let (saved, mut failed) = until_stopped(move |stop| {
        let (mut saved, mut failed) = (0_u64, Vec::new());
        for (image, pictures) in by_image {
            if stop.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(mly::Error::Cancelled.into());
            }
            let Some(photo) = from.get(&image).and_then(|path| fs::read(path).ok()) else { continue };
            for picture in pictures {
                match picture.cut_out(&photo) {
                    Ok(jpeg) => {
                        let path = to.join(format!("{}.jpg", picture.asset_id));
                        write_bytes(Destination::file(&path, true)?, &jpeg)?;
                        saved += 1;
                    }
                    Err(error) => failed.push((image.to_string(), error.to_string())),
                }
            }
        }
        Ok((saved, failed))
    })?;
    failed.extend(done.failed);
    failed.sort();
    failed.dedup_by(|a, b| a.0 == b.0);
    let asked: Vec<String> = pictures.iter().map(|picture| picture.image_id.to_string()).collect();
    let ids: Vec<String> = failed.iter().map(|(id, _)| id.clone()).collect();
    let list = list_beside_folder(folder, &asked, &ids)?;
    if !session.talk.quiet {
        session.console.say(&format!("{} -> {}", counted(saved, "pictures"), folder.display()));
    }
    if failed.is_empty() {
        return Ok(Success::Complete);
    }
    session.warn(&format!("{}; all are listed in {}", with_reasons(&failed, "photos"), list.display()));
    Ok(Success::Incomplete)
}

/// The photos in a folder and the folders in it, by their ids.
fn photos_in(folder: &Path) -> HashMap<i64, PathBuf> {
    let mut found = HashMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let id = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            match id {
                _ if path.is_dir() => folders.push(path),
                Some(id) if path.extension().is_some_and(|end| end == "jpg") => {
                    found.insert(id, path);
                }
                _ => {}
            }
        }
    }
    found
}
