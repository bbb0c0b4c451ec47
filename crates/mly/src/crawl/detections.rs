//! Detections of images and map features.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::concat::concat_batches;
use arrow_select::take::take;
use futures_util::stream::{TryStreamExt, iter};

use super::ask::Run;
use super::entities::{Asked, is_unknown_id, nonexisting_field};
use super::search::leads_to_itself;
use crate::error::internal;
use crate::error::{Error, Result};
use crate::http::WRONG_REQUEST;
use crate::plan::Request;
use crate::query::{Entity, Outlines};
use crate::rows::{DetectionColumns, Object, Pictures, data, image_ids};

/// Nothing has more detections; pages that go on beyond them go on for ever.
const MOST_DETECTIONS: usize = 1_000_000;

/// What pixels need to know of an image.
static PICTURE: LazyLock<Arc<Asked>> = LazyLock::new(|| Asked::of(Entity::Image, &PICTURE_COLUMNS));

const PICTURE_COLUMNS: [&str; 3] = ["width", "height", "sequence"];

/// Whether an id is unknown, or of a kind that has no detections. Other refusals are ours to mend.
fn has_none(error: &Error) -> bool {
    let is_without = |what: &str| nonexisting_field(what) == Some("detections");
    is_unknown_id(error)
        || matches!(error, Error::Api { what, code: Some(WRONG_REQUEST), .. } if is_without(what))
}

/// What was sent for one id.
struct Sent {
    id: i64,
    /// `None` when the id is unknown, or of another kind.
    rows: Option<RecordBatch>,
    /// Whether the rows leave open what the id is one of.
    is_unsure: bool,
}

impl Run {
    /// The detections of some ids, and which rows belong to which; unknown ids and those of another kind have none.
    ///
    /// Each id is a request of its own; what more there is to know comes for all of them at once.
    pub(super) async fn detections(
        &self,
        detections: &Arc<DetectionColumns>,
        ids: &[String],
        fields: &Arc<str>,
    ) -> Result<(RecordBatch, Vec<Range<usize>>)> {
        let sent = self.each(iter(ids.to_vec()), |run, id| {
            let (detections, fields) = (Arc::clone(detections), Arc::clone(fields));
            async move { run.sent(&detections, &id, &fields).await }
        });
        let mut sent: Vec<Sent> = sent.try_collect().await?;
        self.settle(detections, &mut sent).await?;
        let pictures = match detections.outlines() {
            Outlines::Pixels => Some(self.pictures(&sent).await?),
            _ => None,
        };
        let (mut parts, mut places, mut end) = (Vec::new(), Vec::with_capacity(sent.len()), 0);
        for Sent { id, rows, .. } in &sent {
            let start = end;
            if let Some(rows) = rows {
                let of_rows = pictures.as_ref().map(|pictures| pictures.of(*id, rows)).transpose();
                let of_rows = of_rows.map_err(internal)?;
                let (part, unreadable) = detections.rows(*id, rows, of_rows).map_err(internal)?;
                self.tally.misfits(unreadable);
                end += part.num_rows();
                parts.push(part);
            } else {
                self.tally.not_found(&id.to_string());
            }
            places.push(start..end);
        }
        Ok((concat_batches(detections.schema(), &parts).map_err(internal)?, places))
    }

    /// What the service sends for one id.
    async fn sent(&self, detections: &DetectionColumns, of: &str, fields: &Arc<str>) -> Result<Sent> {
        // Every id of a lookup has been checked to be a number.
        let id = of.parse().unwrap_or_default();
        let objects = match self.detection_objects(of, fields).await {
            Err(error) if has_none(&error) => return Ok(Sent { id, rows: None, is_unsure: false }),
            other => other?,
        };
        let (rows, misfits) = detections.sent(&objects).map_err(|unreadable| Error::Decode {
            subject: format!("detections of {of}"),
            tile: None,
            what: unreadable.what,
            offset: None,
        })?;
        self.tally.misfits(misfits);
        let is_foreign = detections.are_foreign(id, &rows);
        Ok(Sent {
            id,
            rows: Some(rows).filter(|_| is_foreign != Some(true)),
            is_unsure: is_foreign.is_none(),
        })
    }

    /// Asks what those ids are whose rows leave it open: most things without detections are of the right kind.
    async fn settle(&self, detections: &DetectionColumns, sent: &mut [Sent]) -> Result<()> {
        let unsure: Vec<String> = sent.iter().filter(|s| s.is_unsure).map(|s| s.id.to_string()).collect();
        if unsure.is_empty() {
            return Ok(());
        }
        let asked = Asked::of(detections.owner(), &[]);
        let found = self.entities(&asked, &unsure).await?;
        for (sent, is_right) in sent.iter_mut().filter(|s| s.is_unsure).zip(found.presence()) {
            if !is_right {
                sent.rows = None;
            }
        }
        Ok(())
    }

    /// All pages of an answer; most have one.
    async fn detection_objects(&self, of: &str, fields: &Arc<str>) -> Result<Vec<Object>> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let last = after.clone();
            let request = Request::Detections { of: of.to_owned(), fields: Arc::clone(fields), after };
            let (objects, next) = self.ask(&request, |body| data(&body)).await?;
            // A page without rows is the last one, whatever it says.
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
    async fn pictures(&self, sent: &[Sent]) -> Result<AllPictures> {
        let mut ids: Vec<i64> = sent.iter().flat_map(Sent::images).collect();
        ids.sort_unstable();
        ids.dedup();
        let names: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let found = self.entities(&PICTURE, &names).await?;
        let schema = PICTURE.table().schema();
        let indices = PICTURE_COLUMNS.iter().map(|name| schema.index_of(name));
        let indices: Vec<_> = indices.collect::<Result<_, _>>().map_err(internal)?;
        Ok(AllPictures { ids, columns: found.columns(&PICTURE, &indices).map_err(internal)? })
    }
}

impl Sent {
    /// The image that each row is about.
    fn images(&self) -> impl Iterator<Item = i64> + '_ {
        let rows = self.rows.iter();
        // An image that is gone is not named, but the one that was asked about is known.
        rows.flat_map(|rows| image_ids(rows).iter().map(|image| image.unwrap_or(self.id)))
    }
}

/// Width, height and sequence of images.
struct AllPictures {
    /// Sorted.
    ids: Vec<i64>,
    columns: Vec<ArrayRef>,
}

impl AllPictures {
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
