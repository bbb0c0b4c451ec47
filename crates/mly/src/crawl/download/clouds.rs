//! Point clouds of the clusters that images belong to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use futures_util::stream::{TryStreamExt, iter};

use super::Downloaded;
use super::fetch::told;
use super::folder::DownloadFolder;
use crate::cloud::{CloudFormat, Frame, decode};
use crate::crawl::entities::EntityFields;
use crate::crawl::run::{Run, joined};
use crate::error::{Result, Unreadable};
use crate::file::Destination;
use crate::http::Lost;
use crate::query::Entity;

/// Where point clouds go, and in which form: one file for each cluster, `CLUSTER.ply` and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a download does nothing until a client runs it"]
pub struct Clouds {
    dir: PathBuf,
    format: CloudFormat,
    frame: Frame,
}

impl Clouds {
    /// Clouds into this folder, as PLY in metres around their origin. The folder is made when it is not there.
    pub fn into(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), format: CloudFormat::Ply, frame: Frame::Enu }
    }

    /// Sets the format.
    pub fn format(mut self, format: CloudFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets the frame of the coordinates.
    pub fn frame(mut self, frame: Frame) -> Self {
        self.frame = frame;
        self
    }
}

/// A cluster that some images belong to.
#[derive(Debug, Default)]
struct ImageCluster {
    address: Option<String>,
    images: Vec<i64>,
}

/// Says in which frame the clouds of a folder are, and is locked while somebody writes into it.
const MARK: &str = ".mly-clouds.json";

/// How often a file is fetched again whose address no longer works or that cannot be read.
const MOST_FRESH_ADDRESSES: u32 = 2;

const NOT_FOUND: &str = "no image has this id";
const NO_CLUSTER: &str = "the image was not reconstructed";
const NO_ADDRESS: &str = "the service gives no file of its cluster";
const NO_POINTS: &str = "its cluster has no points";

/// Downloads the clusters that are not there yet.
pub(super) async fn download(run: &Run, ids: &[i64], clouds: &Clouds) -> Result<Downloaded> {
    let folder =
        DownloadFolder::open(&clouds.dir, MARK, format!("clouds in the frame {}", clouds.frame)).await?;
    let folder = Arc::new(folder);
    let mut done = Downloaded::default();
    let asked = EntityFields::of(Entity::Image, &["sfm_cluster"]);
    let clusters = clusters(run, &asked, ids, &mut done).await?;
    let outcomes = run.each(iter(clusters), |run, (id, cluster)| {
        let path = folder.path().join(format!("{id}.{}", clouds.format));
        let there =
            CloudTarget { path, format: clouds.format, frame: clouds.frame, _folder: Arc::clone(&folder) };
        let asked = Arc::clone(&asked);
        async move {
            let outcome = run.cluster(&asked, &cluster, there).await?;
            Ok((cluster.images, outcome))
        }
    });
    let mut outcomes = std::pin::pin!(outcomes);
    while let Some((images, outcome)) = outcomes.try_next().await? {
        match outcome {
            CloudOutcome::Written => done.written += 1,
            CloudOutcome::Skipped => done.skipped += 1,
            CloudOutcome::MissingPhoto(why) => {
                done.failed.extend(images.iter().map(|id| (id.to_string(), why.clone())));
            }
        }
        for _ in images {
            run.counters.answered();
        }
    }
    Ok(done)
}

/// The clusters of the images, in the order of their ids; images without one are noted as failed.
async fn clusters(
    run: &Run,
    asked: &Arc<EntityFields>,
    ids: &[i64],
    done: &mut Downloaded,
) -> Result<BTreeMap<i64, ImageCluster>> {
    // The service answers such a question for one image at a time only.
    let answers = run.each(iter(ids.to_vec()), |run, id| {
        let asked = Arc::clone(asked);
        async move { Ok((id, run.of_image(&asked, id).await?)) }
    });
    let mut answers = std::pin::pin!(answers);
    let mut clusters = BTreeMap::<i64, ImageCluster>::new();
    while let Some((id, rows)) = answers.try_next().await? {
        let why = match value(&rows, "sfm_cluster_id").map(|c| c.as_primitive::<Int64Type>().value(0)) {
            Some(cluster) => {
                let cluster = clusters.entry(cluster).or_default();
                cluster.images.push(id);
                // Any image of the cluster may have its address.
                cluster.address = cluster.address.take().or_else(|| address(&rows));
                continue;
            }
            None if rows.num_rows() == 0 => NOT_FOUND,
            None => NO_CLUSTER,
        };
        done.failed.push((id.to_string(), why.to_owned()));
        run.counters.answered();
    }
    Ok(clusters)
}

/// The value of a column, when there is one.
fn value<'a>(rows: &'a RecordBatch, name: &str) -> Option<&'a ArrayRef> {
    rows.column_by_name(name).filter(|c| c.len() == 1 && c.is_valid(0))
}

fn address(rows: &RecordBatch) -> Option<String> {
    let address = value(rows, "sfm_cluster_url")?.as_string::<i32>().value(0);
    (!address.is_empty()).then(|| address.to_owned())
}

enum CloudOutcome {
    Written,
    Skipped,
    MissingPhoto(String),
}

/// Where a cloud goes. The folder is kept locked until it is there.
struct CloudTarget {
    path: PathBuf,
    format: CloudFormat,
    frame: Frame,
    _folder: Arc<DownloadFolder>,
}

impl Run {
    /// What is known of the cluster of one image.
    async fn of_image(&self, asked: &Arc<EntityFields>, id: i64) -> Result<RecordBatch> {
        self.entities(asked, &[id.to_string()]).await?.rows(asked)
    }

    async fn cluster(
        &self,
        asked: &Arc<EntityFields>,
        cluster: &ImageCluster,
        there: CloudTarget,
    ) -> Result<CloudOutcome> {
        if there.path.exists() {
            return Ok(CloudOutcome::Skipped);
        }
        let missing = |why: &str| Ok(CloudOutcome::MissingPhoto(why.to_owned()));
        let Some(mut address) = cluster.address.clone() else { return missing(NO_ADDRESS) };
        let there = Arc::new(there);
        let mut fetched = 0;
        loop {
            fetched += 1;
            let is_last = fetched > MOST_FRESH_ADDRESSES;
            match self.connection.file(&address, &self.counters.meter, |_| Ok(())).await {
                Ok(bytes) => {
                    let there = Arc::clone(&there);
                    match joined(tokio::task::spawn_blocking(move || write(&bytes, &there)).await)? {
                        Ok(outcome) => return Ok(outcome),
                        Err(unreadable) if is_last || !unreadable.passing => {
                            return missing(&format!("its cluster cannot be read: {}", unreadable.what));
                        }
                        // A cut file may come whole the next time.
                        Err(_) => continue,
                    }
                }
                Err(Lost::Failed(error)) => return missing(&told(&error)),
                Err(Lost::Expired(status)) if is_last => {
                    let status = status.as_u16();
                    return missing(&format!(
                        "its cluster's address answered {status}, and so did fresh ones"
                    ));
                }
                Err(Lost::Expired(_)) => {}
            }
            match self.fresh_address(asked, cluster).await? {
                Some(fresh) => address = fresh,
                None => return missing(NO_ADDRESS),
            }
        }
    }

    /// The address that any image of the cluster has now.
    async fn fresh_address(
        &self,
        asked: &Arc<EntityFields>,
        cluster: &ImageCluster,
    ) -> Result<Option<String>> {
        for id in &cluster.images {
            if let Some(address) = address(&self.of_image(asked, *id).await?) {
                return Ok(Some(address));
            }
        }
        Ok(None)
    }
}

/// Writes a cloud; one that cannot be written is an error.
fn write(bytes: &[u8], there: &CloudTarget) -> Result<Result<CloudOutcome, Unreadable>> {
    let cloud = match decode(bytes) {
        Ok(cloud) if cloud.points().is_empty() => {
            return Ok(Ok(CloudOutcome::MissingPhoto(NO_POINTS.to_owned())));
        }
        Ok(cloud) => cloud,
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    cloud.write(there.format, there.frame, Destination::file(&there.path, false)?)?;
    Ok(Ok(CloudOutcome::Written))
}
