//! Detections of images and map features.

use std::num::ParseIntError;
use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::concat::concat_batches;
use arrow_select::take::take;
use futures_util::stream::{TryStreamExt, iter};

use super::entities::{EntityFields, is_unknown_id};
use super::repeat::RowsOfIds;
use super::run::Run;
use super::search::leads_to_itself;
use crate::api::errors::{WRONG_REQUEST, nonexisting_field};
use crate::error::{Error, Result, internal};
use crate::plan::GraphRequest;
use crate::query::{Entity, Outlines};
use crate::rows::{DetectionColumns, Object, Pictures, data, image_ids};

/// Nothing has more detections; an answer with more of them has pages without end.
const MOST_DETECTIONS: usize = 1_000_000;

/// What is looked up of images to give outlines in pixels.
static PICTURE: LazyLock<Arc<EntityFields>> =
    LazyLock::new(|| EntityFields::of(Entity::Image, &PICTURE_COLUMNS));

const PICTURE_COLUMNS: [&str; 3] = ["width", "height", "sequence"];

/// Whether an error says that an id is unknown, or of a kind that has no detections.
fn has_none(error: &Error) -> bool {
    let is_without = |what: &str| nonexisting_field(what) == Some("detections");
    is_unknown_id(error)
        || matches!(error, Error::Api { what, code: Some(WRONG_REQUEST), .. } if is_without(what))
}

/// What the service has sent for one id.
struct DetectionsOfId {
    id: i64,
    /// `None` when the id is unknown, or of another kind.
    rows: Option<RecordBatch>,
    /// Whether the rows do not tell if the id is of the right kind.
    is_unsure: bool,
}

impl Run {
    /// The detections of some ids; unknown ids and those of another kind have none.
    ///
    /// Each id is a request of its own; what else has to be looked up is looked up for all of them at once.
    pub(super) async fn detections(
        &self,
        detections: &Arc<DetectionColumns>,
        ids: &[String],
    ) -> Result<RowsOfIds> {
        let sent = self.each(iter(ids.to_vec()), |run, id| {
            let detections = Arc::clone(detections);
            async move { run.detections_of(&detections, &id).await }
        });
        let mut sent: Vec<DetectionsOfId> = sent.try_collect().await?;
        self.remove_foreign(detections, &mut sent).await?;
        let pictures = match detections.outlines() {
            Outlines::Pixels => Some(self.pictures(&sent).await?),
            _ => None,
        };
        let (mut parts, mut of_ids, mut end) = (Vec::new(), Vec::with_capacity(sent.len()), 0);
        for DetectionsOfId { id, rows, .. } in &sent {
            let start = end;
            if let Some(rows) = rows {
                let of_rows = pictures.as_ref().map(|pictures| pictures.of(*id, rows)).transpose();
                let of_rows = of_rows.map_err(internal)?;
                let (part, unreadable) = detections.rows(*id, rows, of_rows).map_err(internal)?;
                self.counters.misfits(unreadable);
                end += part.num_rows();
                parts.push(part);
            } else {
                self.counters.not_found(&id.to_string());
            }
            of_ids.push(start..end);
        }
        let batch = concat_batches(detections.schema(), &parts).map_err(internal)?;
        Ok(RowsOfIds { batch, of_ids })
    }

    /// What the service sends for one id.
    async fn detections_of(&self, detections: &DetectionColumns, of: &str) -> Result<DetectionsOfId> {
        let id: i64 = of.parse().map_err(|e: ParseIntError| {
            Error::internal(format!("`{of}` went out as an id of detections")).with_source(e)
        })?;
        let objects = match self.detection_objects(of).await {
            Err(error) if has_none(&error) => return Ok(DetectionsOfId { id, rows: None, is_unsure: false }),
            other => other?,
        };
        let (rows, misfits) = detections.sent(&objects).map_err(|unreadable| Error::Decode {
            subject: format!("detections of {of}"),
            tile: None,
            what: unreadable.what,
            offset: None,
        })?;
        self.counters.misfits(misfits);
        let is_foreign = detections.are_foreign(id, &rows);
        Ok(DetectionsOfId {
            id,
            rows: Some(rows).filter(|_| is_foreign != Some(true)),
            is_unsure: is_foreign.is_none(),
        })
    }

    /// Removes the rows of ids that turn out to be of another kind.
    ///
    /// `/ID/detections` answers for images and map features alike, and an empty answer does not tell which of the two an
    /// id is. All ids in doubt are looked up together, since most of them are of the right kind.
    async fn remove_foreign(&self, detections: &DetectionColumns, sent: &mut [DetectionsOfId]) -> Result<()> {
        let unsure: Vec<String> = sent.iter().filter(|s| s.is_unsure).map(|s| s.id.to_string()).collect();
        if unsure.is_empty() {
            return Ok(());
        }
        let only_ids = EntityFields::of(detections.owner(), &[]);
        let found = self.entities(&only_ids, &unsure).await?;
        for (sent, is_right) in sent.iter_mut().filter(|s| s.is_unsure).zip(found.presence()) {
            if !is_right {
                sent.rows = None;
            }
        }
        Ok(())
    }

    /// All pages of an answer; most have one.
    async fn detection_objects(&self, of: &str) -> Result<Vec<Object>> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let last = after.clone();
            let request = GraphRequest::detections(of.to_owned(), after);
            let (objects, next) = self.ask(&request, |body| data(&body)).await?;
            // The service names a next page after the last one too; a page without rows is the end.
            let is_last = objects.is_empty();
            all.extend(objects);
            let next = next.filter(|_| !is_last);
            if next.is_some() && (next == last || all.len() > MOST_DETECTIONS) {
                return Err(leads_to_itself(format!("detections of {of}")));
            }
            after = next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    /// Width, height and sequence of all images that rows are about.
    async fn pictures(&self, sent: &[DetectionsOfId]) -> Result<PictureIndex> {
        let mut ids: Vec<i64> = sent.iter().flat_map(DetectionsOfId::images).collect();
        ids.sort_unstable();
        ids.dedup();
        let names: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let found = self.entities(&PICTURE, &names).await?;
        let schema = PICTURE.table().schema();
        let indices = PICTURE_COLUMNS.iter().map(|name| schema.index_of(name));
        let indices: Vec<_> = indices.collect::<Result<_, _>>().map_err(internal)?;
        Ok(PictureIndex { ids, columns: found.columns(&PICTURE, &indices).map_err(internal)? })
    }
}

impl DetectionsOfId {
    /// The image that each row is about.
    fn images(&self) -> impl Iterator<Item = i64> + '_ {
        let rows = self.rows.iter();
        // An image that is gone is not named, but the one that was asked about is known.
        rows.flat_map(|rows| image_ids(rows).iter().map(|image| image.unwrap_or(self.id)))
    }
}

/// Width, height and sequence of images.
struct PictureIndex {
    /// Sorted.
    ids: Vec<i64>,
    columns: Vec<ArrayRef>,
}

impl PictureIndex {
    /// Those of the image of each row of what was sent for an id.
    fn of(&self, id: i64, rows: &RecordBatch) -> Result<Pictures, ArrowError> {
        let place = |image: Option<i64>| {
            let place = self.ids.binary_search(&image.unwrap_or(id)).ok();
            place.and_then(|place| u32::try_from(place).ok())
        };
        let places: UInt32Array = image_ids(rows).iter().map(place).collect();
        let taken = self.columns.iter().map(|column| take(column, &places, None));
        let taken: Vec<ArrayRef> = taken.collect::<Result<_, _>>()?;
        let [width, height, sequence] = taken.as_slice() else {
            return Err(ArrowError::SchemaError(format!("{} columns of a picture, not three", taken.len())));
        };
        Ok([width, height, sequence].map(Arc::clone))
    }
}
