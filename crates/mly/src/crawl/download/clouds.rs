//! Point clouds of the clusters that images belong to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, StringArray};
use futures_util::stream::{TryStreamExt, iter};

use super::Downloaded;
use super::folder::made;
use crate::cloud::{CloudFormat, Frame, decode};
use crate::crawl::ask::{Run, joined};
use crate::crawl::entities::Asked;
use crate::error::{Error, Result};
use crate::http::Lost;
use crate::query::Entity;
use crate::sink::Destination;

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
struct Cluster {
    address: Option<String>,
    images: Vec<i64>,
}

const NOT_FOUND: &str = "no image has this id";
const NO_CLUSTER: &str = "the image was not reconstructed";
const NO_ADDRESS: &str = "the service gives no file of its cluster";
const NO_POINTS: &str = "its cluster has no points";

/// Downloads the clusters that are not there yet.
pub(super) async fn download(run: &Run, ids: &[i64], clouds: &Clouds) -> Result<Downloaded> {
    made(&clouds.dir)?;
    let mut done = Downloaded::default();
    let clusters = clusters(run, ids, &mut done).await?;
    let outcomes = run.each(iter(clusters), |run, (id, cluster)| {
        let clouds = clouds.clone();
        async move {
            let outcome = run.cluster(&clouds, id, cluster.address).await?;
            Ok((cluster.images, outcome))
        }
    });
    let mut outcomes = std::pin::pin!(outcomes);
    while let Some((images, outcome)) = outcomes.try_next().await? {
        match outcome {
            Outcome::Written => done.written += 1,
            Outcome::Skipped => done.skipped += 1,
            Outcome::Missing(why) => {
                done.failed.extend(images.iter().map(|id| (id.to_string(), why.clone())));
            }
        }
        for _ in images {
            run.tally.answered();
        }
    }
    Ok(done)
}

/// The clusters of the images, in the order of their ids; images without one are noted as failed.
async fn clusters(run: &Run, ids: &[i64], done: &mut Downloaded) -> Result<BTreeMap<i64, Cluster>> {
    let asked = Asked::of(Entity::Image, &["sfm_cluster"]);
    // The service answers such a question for one image at a time only.
    let answers = run.each(iter(ids.to_vec()), |run, id| {
        let asked = Arc::clone(&asked);
        async move {
            let found = run.entities(&asked, &[id.to_string()]).await?;
            Ok((id, found.rows(&asked)?))
        }
    });
    let mut answers = std::pin::pin!(answers);
    let mut clusters = BTreeMap::<i64, Cluster>::new();
    while let Some((id, rows)) = answers.try_next().await? {
        let column = |name| rows.column_by_name(name).filter(|c| c.len() == 1 && c.is_valid(0));
        let address = column("sfm_cluster_url").map(|c| -> &StringArray { c.as_string() });
        let why = match column("sfm_cluster_id").map(|c| c.as_primitive::<Int64Type>().value(0)) {
            Some(cluster) => {
                let cluster = clusters.entry(cluster).or_default();
                cluster.images.push(id);
                // Any image of the cluster may have its address.
                cluster.address = cluster.address.take().or(address.map(|c| c.value(0).to_owned()));
                continue;
            }
            None if rows.num_rows() == 0 => NOT_FOUND,
            None => NO_CLUSTER,
        };
        done.failed.push((id.to_string(), why.to_owned()));
        run.tally.answered();
    }
    Ok(clusters)
}

enum Outcome {
    Written,
    Skipped,
    Missing(String),
}

impl Run {
    async fn cluster(&self, clouds: &Clouds, id: i64, address: Option<String>) -> Result<Outcome> {
        let path = clouds.dir.join(format!("{id}.{}", clouds.format));
        if path.exists() {
            return Ok(Outcome::Skipped);
        }
        let Some(address) = address else { return Ok(Outcome::Missing(NO_ADDRESS.to_owned())) };
        let bytes = match self.client.file(&address, &self.tally.meter, |_| Ok(())).await {
            Ok(bytes) => bytes,
            Err(Lost::Expired(status)) => {
                return Ok(Outcome::Missing(format!("its cluster's file answered {}", status.as_u16())));
            }
            Err(Lost::Failed(error)) => return Ok(Outcome::Missing(error.to_string())),
        };
        let (format, frame) = (clouds.format, clouds.frame);
        joined(tokio::task::spawn_blocking(move || write(&bytes, &path, format, frame)).await)
    }
}

/// Writes a cloud; a file that cannot be read is missing, one that cannot be written is an error.
fn write(bytes: &[u8], path: &Path, format: CloudFormat, frame: Frame) -> Result<Outcome, Error> {
    let cloud = match decode(bytes) {
        Ok(cloud) if cloud.points().is_empty() => return Ok(Outcome::Missing(NO_POINTS.to_owned())),
        Ok(cloud) => cloud,
        Err(unreadable) => {
            return Ok(Outcome::Missing(format!("its cluster cannot be read: {}", unreadable.what)));
        }
    };
    cloud.write(format, frame, Destination::file(path, false)?)?;
    Ok(Outcome::Written)
}
