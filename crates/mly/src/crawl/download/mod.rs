//! Downloads photos and point clouds of images.

#[cfg(feature = "clouds")]
mod clouds;
mod downloaded;
#[cfg(feature = "photos")]
mod fetch;
#[cfg(feature = "photos")]
mod files;
mod folder;
#[cfg(feature = "photos")]
mod image_row;
#[cfg(feature = "photos")]
mod photos;
#[cfg(feature = "photos")]
mod plan;
#[cfg(feature = "photos")]
mod shards;
#[cfg(feature = "photos")]
mod streak;
#[cfg(feature = "photos")]
mod whole_photos;

use std::num::ParseIntError;

#[cfg(feature = "clouds")]
pub use clouds::Clouds;
pub use downloaded::Downloaded;
#[cfg(feature = "photos")]
pub use plan::{Download, Layout};

use super::doubt::Doubt;
use super::entities::EntityFields;
use super::gaps::Gaps;
use super::progress::Progress;
use super::run::Run;
use crate::error::{Error, Result};
use crate::http::Connection;
use crate::plan::GraphRequest;
use crate::query::{Entity, Lookup, Subject};
use downloaded::NO_IMAGE;

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
    #[cfg(feature = "photos")]
    Photos(Download),
    #[cfg(feature = "clouds")]
    Clouds(Clouds),
}

impl Downloads {
    #[cfg(feature = "photos")]
    pub(crate) fn of_photos<S: ToString>(
        connection: Connection,
        ids: impl IntoIterator<Item = S>,
        download: &Download,
    ) -> Result<Self> {
        Self::new(connection, ids, DownloadKind::Photos(download.clone()))
    }

    #[cfg(feature = "clouds")]
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
            #[cfg(feature = "clouds")]
            DownloadKind::Clouds(clouds) => clouds::download(&run, &ids, &clouds).await,
            #[cfg(feature = "photos")]
            DownloadKind::Photos(download) => photos::download(&run, &ids, &download).await,
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
        #[cfg(feature = "photos")]
        DownloadKind::Photos(download) => download.size.field(),
        #[cfg(feature = "clouds")]
        DownloadKind::Clouds(_) => clouds::FIELD,
    };
    EntityFields::of(Entity::Image, &[field]).request(vec![id])
}

/// The ids that have no photo or cloud in the folder.
fn gaps_of(done: &Downloaded) -> Gaps {
    let is_missing = |why: &str| why == NO_IMAGE;
    let (missing, failed): (Vec<_>, Vec<_>) =
        done.failed.iter().cloned().partition(|(_, why)| is_missing(why));
    Gaps { not_found: missing.into_iter().map(|(id, _)| id).collect(), failed, ..Gaps::default() }
}
