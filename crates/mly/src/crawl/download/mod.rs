//! Downloads photos and point clouds of images.

mod clouds;
mod downloaded;
mod fetch;
mod files;
mod folder;
mod image_row;
mod plan;
mod shards;
mod streak;

use std::num::ParseIntError;
use std::sync::Arc;

pub use clouds::Clouds;
pub use downloaded::Downloaded;
pub use plan::{Download, Layout};

use super::doubt::Doubt;
use super::entities::EntityFields;
use super::gaps::Gaps;
use super::progress::Progress;
use super::run::Run;
use crate::error::{Error, Result};
use crate::http::Connection;
use crate::photo::MissingReason;
use crate::plan::GraphRequest;
use crate::query::{Entity, Lookup, Subject};
use folder::DownloadFolder;

/// A download that has not begun: [`Downloads::finish`] runs it.
#[must_use = "nothing is sent before `finish` is called"]
pub struct Downloads {
    run: Run,
    progress: Progress,
    ids: Vec<i64>,
    what: DownloadKind,
}

#[derive(Debug)]
enum DownloadKind {
    Photos(Download),
    Clouds(Clouds),
}

impl Downloads {
    pub(crate) fn of_photos<S: ToString>(
        connection: Connection,
        ids: impl IntoIterator<Item = S>,
        download: &Download,
    ) -> Result<Self> {
        Self::new(connection, ids, DownloadKind::Photos(download.clone()))
    }

    pub(crate) fn of_clouds<S: ToString>(
        connection: Connection,
        ids: impl IntoIterator<Item = S>,
        clouds: &Clouds,
    ) -> Result<Self> {
        Self::new(connection, ids, DownloadKind::Clouds(clouds.clone()))
    }

    fn new<S: ToString>(
        connection: Connection,
        ids: impl IntoIterator<Item = S>,
        what: DownloadKind,
    ) -> Result<Self> {
        let lookup = Lookup::new(Subject::Image, ids);
        lookup.check()?;
        let mut known = std::collections::HashSet::new();
        let mut different = Vec::with_capacity(lookup.ids().len());
        for id in lookup.ids() {
            let id = id.parse().map_err(|e: ParseIntError| {
                Error::internal(format!("`{id}` was taken for an id of an image")).with_source(e)
            })?;
            if known.insert(id) {
                different.push(id);
            }
        }
        let progress = Progress::new(different.len() as u64);
        let run = Run::new(connection, progress.counters());
        let run = run.doubting(Doubt::new(lookup.ids(), |id| one(&what, id), false));
        Ok(Self { run, progress, ids: different, what })
    }

    /// A handle that shows from any thread how far the download is. Its total and its answered requests count images.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Downloads everything.
    ///
    /// A photo or cloud that is missing is listed in the result and does not stop the others.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the folder holds files of another size, layout or frame, or another process is
    /// writing into it, [`Error::Output`] when a file cannot be written, and the errors of requests.
    pub async fn finish(self) -> Result<Downloaded> {
        let Self { run, progress, ids, what } = self;
        let done = match what {
            DownloadKind::Clouds(clouds) => clouds::download(&run, &ids, &clouds).await,
            DownloadKind::Photos(download) => photos(&run, &ids, &download).await,
        };
        let mut done = done.map_err(|error| run.cancel.reason(error))?;
        done.failed.sort();
        run.counters.rows(done.written);
        run.counters.add_gaps(gaps_of(&done));
        done.summary = progress.summary();
        Ok(done)
    }
}

impl std::fmt::Debug for Downloads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Downloads")
            .field("ids", &self.ids.len())
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

/// A request about one image, as this download sends it.
fn one(what: &DownloadKind, id: String) -> GraphRequest {
    let field = match what {
        DownloadKind::Photos(download) => download.size.field(),
        DownloadKind::Clouds(_) => clouds::FIELD,
    };
    EntityFields::of(Entity::Image, &[field]).request(vec![id])
}

/// The ids that have no photo or cloud in the folder.
fn gaps_of(done: &Downloaded) -> Gaps {
    let is_missing = |why: &str| why == MissingReason::NotFound.why();
    let (missing, failed): (Vec<_>, Vec<_>) =
        done.failed.iter().cloned().partition(|(_, why)| is_missing(why));
    Gaps { not_found: missing.into_iter().map(|(id, _)| id).collect(), failed, ..Gaps::default() }
}

/// Name of the file that records what a folder of photos holds. It is locked while a download writes into the folder.
const MARK: &str = ".mly-download.json";

async fn photos(run: &Run, ids: &[i64], download: &Download) -> Result<Downloaded> {
    let holds = format!("photos of size {} as {}", download.size, download.layout);
    let folder = Arc::new(DownloadFolder::open(&download.dir, MARK, holds).await?);
    match download.layout {
        Layout::Files => files::download(run, ids, download, folder).await,
        Layout::WebDataset => shards::download(run, ids, download, &folder).await,
    }
}
