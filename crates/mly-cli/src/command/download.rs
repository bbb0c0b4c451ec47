//! `mly download` and `mly cloud`: download photos and point clouds into a folder.

use std::path::Path;

use indicatif::HumanCount;
use mly::{Client, Clouds, Download, Downloaded, Downloads};

use super::crawl;
use super::session::Session;
use crate::args::{CloudVerb, DownloadVerb, PlaceArgs, ServiceArgs};
use crate::exit::{Failure, Success};
use crate::failed::list_beside_folder;
use crate::ids;
use crate::progress::{Counted, counted, with_reasons};
use crate::settings::Service;

pub(super) fn photos(args: &DownloadVerb, session: &mut Session<'_>) -> Result<Success, Failure> {
    let service = &args.common.service;
    let mut download = Download::into(&args.place.to).with_size(args.size).with_layout(args.layout);
    if let Some(photos) = service.concurrency {
        download = download.with_concurrency(photos);
    }
    run("photos", &args.place, service, session, |client, ids| client.download(ids, &download))
}

pub(super) fn clouds(args: &CloudVerb, session: &mut Session<'_>) -> Result<Success, Failure> {
    let clouds = Clouds::into(&args.place.to).with_format(args.format).with_frame(args.frame);
    run("clouds", &args.place, &args.common.service, session, |client, ids| {
        client.download_clouds(ids, &clouds)
    })
}

fn run(
    things: &'static str,
    place: &PlaceArgs,
    service: &ServiceArgs,
    session: &mut Session<'_>,
    prepare: impl FnOnce(&Client, Vec<String>) -> mly::Result<Downloads>,
) -> Result<Success, Failure> {
    let ids = ids::of_images(&place.what, session.console)?;
    let service = Service::new(service, session.environment)?;
    let client = session.client(service.options()?)?;
    let downloads = prepare(&client, ids.clone())?;
    let progress = downloads.progress();
    let steps = Counted { steps: "images", rows: None };
    let done = crawl::watched(downloads.finish(), &progress, steps, None, true, session)?;
    session.warn_of_gaps();
    let success = tell_failed(&place.to, &ids, &done, session)?;
    let kept = match done.skipped {
        0 => String::new(),
        count => format!(", {} already there,", HumanCount(count)),
    };
    let things = counted(done.written, things) + &kept;
    session.close(&things, Some(&place.to.display().to_string()));
    Ok(success)
}

/// Lists the ids that failed beside the folder, and warns with the reasons for the first few.
fn tell_failed(
    to: &Path,
    asked: &[String],
    done: &Downloaded,
    session: &mut Session<'_>,
) -> Result<Success, Failure> {
    let ids: Vec<_> = done.failed.iter().map(|(id, _)| id.clone()).collect();
    let list = list_beside_folder(to, asked, &ids)?;
    if ids.is_empty() {
        return Ok(Success::Complete);
    }
    session.warn(&format!("{}; all are listed in {}", with_reasons(&done.failed, "images"), list.display()));
    Ok(Success::Incomplete)
}
