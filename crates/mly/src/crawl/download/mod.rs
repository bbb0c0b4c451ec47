//! Photos and point clouds by id of the images.

mod clouds;
mod fetch;
mod files;
mod folder;
mod plan;
mod shards;
mod streak;

use std::sync::Arc;

use futures_util::stream::{BoxStream, StreamExt, TryStreamExt, iter};

pub use clouds::Clouds;
pub use plan::{Download, Layout};

use super::progress::Progress;
use super::run::Run;
use super::summary::Summary;
use crate::error::{Error, Result};
use crate::http::Connection;
use crate::query::{Lookup, Subject};
use fetch::{PhotoFields, PhotoJob};
use folder::DownloadFolder;

/// A download in preparation: nothing is sent before [`Downloads::finish`].
#[must_use = "nothing is sent before it is finished"]
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

/// What a download has done.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Downloaded {
    /// Photos or clouds written.
    pub written: u64,
    /// Photos or clouds that were there already.
    pub skipped: u64,
    /// Ids of images without a photo or a cloud in the result, and why.
    pub failed: Vec<(String, String)>,
    /// What it cost.
    pub summary: Summary,
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
        let ids = lookup.ids().iter().filter_map(|id| id.parse().ok());
        let ids: Vec<i64> = ids.filter(|id| known.insert(*id)).collect();
        let progress = Progress::new(ids.len() as u64);
        let run = Run::new(connection, progress.counters());
        Ok(Self { run, progress, ids, what })
    }

    /// A handle that tells how far the download is, from any thread: photos answered, of all.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Downloads everything.
    ///
    /// A photo that cannot be had is listed and does not stop the others.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the folder holds photos of another size or another process is writing into it,
    /// [`Error::Output`] when a file cannot be written, and what look-ups give.
    pub async fn finish(self) -> Result<Downloaded> {
        let Self { run, progress, ids, what } = self;
        let done = match what {
            DownloadKind::Clouds(clouds) => clouds::download(&run, &ids, &clouds).await,
            DownloadKind::Photos(download) => photos(&run, &ids, &download).await,
        };
        let mut done = done.map_err(|error| run.cancel.reason(error))?;
        done.failed.sort();
        run.counters.rows(done.written);
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

/// Says what is in a folder of photos, and is locked while somebody writes into it.
const MARK: &str = ".mly-download.json";

async fn photos(run: &Run, ids: &[i64], download: &Download) -> Result<Downloaded> {
    let holds = format!("photos of size {} as {}", download.size, download.layout);
    let folder = Arc::new(DownloadFolder::open(&download.dir, MARK, holds).await?);
    match download.layout {
        Layout::Files => files::download(run, ids, download, folder).await,
        Layout::WebDataset => shards::download(run, ids, download, &folder).await,
    }
}

/// What is to be fetched for some ids, looked up in batches just before.
fn jobs(run: &Run, wanted: &Arc<PhotoFields>, ids: &[i64]) -> BoxStream<'static, Result<PhotoJob>> {
    let chunks: Vec<Vec<i64>> = ids.chunks(wanted.at_once()).map(<[_]>::to_vec).collect();
    let wanted = Arc::clone(wanted);
    let looked_up = run.each(iter(chunks), move |run, ids| {
        let wanted = Arc::clone(&wanted);
        async move { run.jobs(&wanted, &ids).await }
    });
    looked_up.map_ok(|jobs| iter(jobs.into_iter().map(Ok::<_, Error>))).try_flatten().boxed()
}
