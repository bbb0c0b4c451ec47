//! The look-ups of an inventory: features, their detections, and the photos of these. Each is a file that is kept until the
//! inventory is written, so that an interrupted run goes on where it was.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use mly::sink::{Dialect, Format};
use mly::source::Kind;
use mly::{Client, Lookup, Subject, Summary};
use mly_jobs::assets::Assets;

use crate::command::crawl;
use crate::command::session::Session;
use crate::exit::Failure;
use crate::ids;
use crate::output::{Output, Place};
use crate::progress::counted;

/// What is asked of map features, besides id and position.
const FEATURE_FIELDS: [&str; 2] = ["aligned_direction", "images"];

/// What is asked of photos, besides id and position.
const PHOTO_FIELDS: [&str; 7] =
    ["captured_at", "sequence", "computed_geometry", "quality_score", "is_pano", "width", "height"];

/// Ids that one request for map features or photos asks for.
const AT_ONCE: u64 = 50;

/// The files of the look-ups.
pub(super) struct LookedUp {
    pub(super) folder: PathBuf,
    pub(super) features: PathBuf,
    pub(super) detections: PathBuf,
    pub(super) images: PathBuf,
    /// Map features that the service does not have any more, or could not answer.
    pub(super) not_found: Vec<String>,
}

impl LookedUp {
    /// Removes the files.
    pub(super) fn forget(self) {
        // What stays behind is used or replaced by the next run.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Looks up what an inventory needs of the signs in a file that the service still shows.
pub(super) fn look_up(
    assets: &Assets,
    signs: &Path,
    output: Option<&Path>,
    client: &Client,
    session: &mut Session<'_>,
) -> Result<LookedUp, Failure> {
    let shown = assets.shown().map_err(|e| Failure::of_input(&signs.display().to_string(), e))?;
    let ids: Vec<String> = shown.iter().map(ToString::to_string).collect();
    tell_price(ids.len() as u64, session);
    let folder = folder_of(output)?;
    let mut all = Summary::default();

    let lookup = Lookup::new(Subject::MapFeature, ids.clone()).with_fields(FEATURE_FIELDS);
    let features = answered(client, &lookup, &folder, "features", session, &mut all)?;
    let known: BTreeSet<String> = read_ids(&features, Kind::MapFeature, session)?.into_iter().collect();
    let (found, not_found): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| known.contains(id));

    let lookup = Lookup::new(Subject::DetectionsOfMapFeature, found);
    let detections = answered(client, &lookup, &folder, "detections", session, &mut all)?;
    let photos = read_ids(&detections, Kind::Image, session)?;

    let lookup = Lookup::new(Subject::Image, photos.clone()).with_fields(PHOTO_FIELDS);
    let images = answered(client, &lookup, &folder, "images", session, &mut all)?;
    let lost = photos.len() - read_ids(&images, Kind::Image, session)?.len();
    if lost > 0 {
        session.warn(&format!("{} were not found, and count for no sign", counted(lost as u64, "photos")));
    }
    session.summary = all;
    Ok(LookedUp { folder, features, detections, images, not_found })
}

/// Says how many requests follow.
fn tell_price(signs: u64, session: &mut Session<'_>) {
    if session.talk.quiet {
        return;
    }
    session.console.say(&format!(
        "look-ups: {} for {}, {} for their detections, and 1 for every {AT_ONCE} of their photos",
        signs.div_ceil(AT_ONCE),
        counted(signs, "map features"),
        counted(signs, "requests"),
    ));
}

/// The answer to a look-up as a file, which may be there already.
fn answered(
    client: &Client,
    lookup: &Lookup,
    folder: &Path,
    name: &str,
    session: &mut Session<'_>,
    all: &mut Summary,
) -> Result<PathBuf, Failure> {
    let mut question = DefaultHasher::new();
    (lookup.ids(), lookup.fields()).hash(&mut question);
    let path = folder.join(format!("{name}-{:016x}.arrow", question.finish()));
    if path.is_file() {
        return Ok(path);
    }
    let plan = lookup.plan()?;
    let place = Place::File { path: path.clone(), overwrite: false };
    let output = Output { dialect: Dialect::from(Format::Arrow), place, layer: None };
    let done = crawl::into_output(client, client.run(&plan), &plan, output, session);
    add(all, &session.summary);
    if done.is_err() {
        session.summary = all.clone();
    }
    done.map(|()| path)
}

/// Adds what one run has cost to what all have cost.
fn add(all: &mut Summary, one: &Summary) {
    all.entities += one.entities;
    all.bytes += one.bytes;
    all.retries += one.retries;
    all.waited += one.waited;
    all.resumed += one.resumed;
    all.not_found.extend_from_slice(&one.not_found);
    all.failed.extend_from_slice(&one.failed);
    all.misfits += one.misfits;
    for (column, count) in &one.unread {
        *all.unread.entry(column.clone()).or_default() += count;
    }
}

/// The ids in a file of look-ups, each once, in order. It has none where nothing was found.
fn read_ids(path: &Path, of: Kind, session: &mut Session<'_>) -> Result<Vec<String>, Failure> {
    Ok(in_order(ids::read(path, &[of], session.console)?.ids))
}

/// Ids as numbers in order, each once.
fn in_order(ids: Vec<String>) -> Vec<String> {
    let mut ids = ids;
    ids.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    ids.dedup();
    ids
}

/// The folder of the files: beside the output, so that the next run finds them, or a temporary one.
fn folder_of(output: Option<&Path>) -> Result<PathBuf, Failure> {
    let folder = match output {
        Some(path) => {
            let mut name = path.as_os_str().to_owned();
            name.push(".lookups");
            PathBuf::from(name)
        }
        None => std::env::temp_dir().join(format!("mly-lookups-{}", std::process::id())),
    };
    fs::create_dir_all(&folder)
        .map_err(|e| Failure::output(&format!("cannot create {}", folder.display()), &e))?;
    Ok(folder)
}
