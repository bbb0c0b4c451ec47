//! Downloads photos in the layout that was chosen.

use std::sync::Arc;

use super::downloaded::Downloaded;
use super::folder::DownloadFolder;
use super::plan::{Download, Layout};
use super::{files, shards};
use crate::crawl::run::Run;
use crate::error::Result;

/// Name of the file that records what a folder of photos holds. It is locked while a download writes into the folder.
const MARK: &str = ".mly-download.json";

/// Downloads the photos that the folder does not have.
pub(super) async fn download(run: &Run, ids: &[i64], download: &Download) -> Result<Downloaded> {
    let holds = format!("photos of size {} as {}", download.size, download.layout);
    let folder = Arc::new(DownloadFolder::open(&download.dir, MARK, holds).await?);
    match download.layout {
        Layout::Files => files::download(run, ids, download, folder).await,
        Layout::WebDataset => shards::download(run, ids, download, &folder).await,
    }
}
