//! Looks up the detections of images and map features.

use std::num::ParseIntError;
use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::concat::concat_batches;
use arrow_select::take::take;
use futures_util::future::FutureExt;
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt, iter};
use serde::{Deserialize, Serialize};

use super::doubt::Witness;
use super::entities::{EntityFields, is_unknown_id};
use super::gaps::Gaps;
use super::pages::PageChain;
use super::repeat::RowsOfIds;
use super::run::{Run, spawn};
use super::saved::AnswerName;
use crate::api::errors::{WRONG_REQUEST, nonexisting_field};
use crate::api::limits::IDS_PER_REQUEST;
use crate::api::paths::DETECTIONS;
use crate::error::{Error, Result, internal};
use crate::plan::GraphRequest;
use crate::query::{Entity, Outlines};
use crate::rows::{DetectionColumns, Object, Pictures, data, id, image_ids};

/// Ids whose detections become one step. They share a request for the kinds of ids or sizes of images, so there are as
/// many as such a request may have.
const IDS_A_STEP: usize = IDS_PER_REQUEST;

/// Steps that are made at once: the next ids are requested while the kinds of the ids before them are looked up.
const STEPS_AT_ONCE: usize = 2;

/// The fields of images that are needed to convert outlines to pixels.
static PICTURE: LazyLock<Arc<EntityFields>> =
    LazyLock::new(|| EntityFields::of(Entity::Image, &PICTURE_COLUMNS));

const PICTURE_COLUMNS: [&str; 3] = ["width", "height", "sequence"];

/// Whether an error says that an id is unknown, or of a kind that has no detections.
fn has_none(error: &Error) -> bool {
    let is_without = |what: &str| nonexisting_field(what) == Some(DETECTIONS);
    is_unknown_id(error)
        || matches!(error, Error::Api { what, code: Some(WRONG_REQUEST), .. } if is_without(what))
}

/// The detections that the service has sent for one id.
struct DetectionsOfId {
    id: i64,
    /// `None` when the id is unknown or of another kind, or when the service cannot answer it.
    rows: Option<RecordBatch>,
    about: AboutRows,
}

/// What a saved answer holds besides the rows.
#[derive(Default, Serialize, Deserialize)]
struct AboutRows {
    /// Whether the rows leave open if the id is of the right kind.
    is_unsure: bool,
    /// What could not be read, and the id itself if the service cannot answer it.
    gaps: Gaps,
}

impl Run {
    /// The detections of ids with the number of the step that each is, many ids at a time; unknown ids and those of
    /// another kind have none.
    ///
    /// Detections cost one request per id. The kinds of ids and the sizes of images are then looked up for many ids
    /// together.
    pub(super) fn detections(
        &self,
        columns: &Arc<DetectionColumns>,
        ids: impl Iterator<Item = (u64, String)> + Send + 'static,
    ) -> BoxStream<'static, Result<RowsOfIds>> {
        let of_id = Arc::clone(columns);
        let sent = self.each(iter(ids), move |run, (step, id)| {
            let columns = Arc::clone(&of_id);
            async move { run.detections_of(&columns, step, &id).await }
        });
        let (run, columns) = (self.clone(), Arc::clone(columns));
        let steps = sent.try_chunks(IDS_A_STEP).map(move |sent| {
            let (run, columns) = (run.clone(), Arc::clone(&columns));
            spawn(async move { run.rows_of_detections(&columns, sent.map_err(|failed| failed.1)?).await })
        });
        steps.buffered(STEPS_AT_ONCE).boxed()
    }

    /// The final rows of some ids.
    async fn rows_of_detections(
        &self,
        columns: &Arc<DetectionColumns>,
        mut sent: Vec<DetectionsOfId>,
    ) -> Result<RowsOfIds> {
        self.remove_foreign(columns, &mut sent).await?;
        if let Some(nothing) = columns.nothing().map_err(internal)? {
            let without =
                sent.iter_mut().filter_map(|sent| sent.rows.as_mut()).filter(|rows| rows.num_rows() == 0);
            without.for_each(|rows| *rows = nothing.clone());
        }
        let mut gaps = Gaps::default();
        let pictures = match columns.outlines() {
            Outlines::Pixels => {
                let (pictures, missing) = self.pictures(columns, &sent).await?;
                gaps.add(missing);
                Some(pictures)
            }
            _ => None,
        };
        let (mut parts, mut of_ids, mut end) = (Vec::new(), Vec::with_capacity(sent.len()), 0);
        for DetectionsOfId { id, rows, about } in sent {
            let start = end;
            let has_failed = !about.gaps.failed.is_empty();
            gaps.add(about.gaps);
            if let Some(rows) = rows {
                let of_rows = pictures
                    .as_ref()
                    .map(|pictures| pictures.of(asked_image(columns, id), &rows))
                    .transpose();
                let of_rows = of_rows.map_err(internal)?;
                let (part, misfits) = columns.rows(id, &rows, of_rows).map_err(internal)?;
                gaps.add(misfits.into());
                end += part.num_rows();
                parts.push(part);
            } else if !has_failed {
                gaps.not_found.push(id.to_string());
            }
            of_ids.push(start..end);
        }
        let batch = concat_batches(columns.schema(), &parts).map_err(internal)?;
        Ok(RowsOfIds { batch, of_ids, gaps })
    }

    /// Requests the detections of one id, unless an earlier run has saved them.
    async fn detections_of(&self, columns: &DetectionColumns, step: u64, of: &str) -> Result<DetectionsOfId> {
        let id: i64 = of.parse().map_err(|e: ParseIntError| {
            Error::internal(format!("`{of}` went out as an id of detections")).with_source(e)
        })?;
        let name = AnswerName::new(step, "detections");
        if let Some((about, rows)) = self.saved.take(&name)? {
            return Ok(DetectionsOfId { id, rows, about });
        }
        let witness = Witness { id: of.to_owned(), request: GraphRequest::detections(of.to_owned(), None) };
        let ask = || self.detection_objects(of).boxed();
        let answer = match self.about_one(witness, &ask).await {
            Err(error) if has_none(&error) => DetectionsOfId { id, rows: None, about: AboutRows::default() },
            Err(error) => return Err(error),
            Ok(Err(why)) => {
                let gaps = Gaps { failed: vec![(of.to_owned(), why)], ..Gaps::default() };
                DetectionsOfId { id, rows: None, about: AboutRows { is_unsure: false, gaps } }
            }
            Ok(Ok(objects)) => {
                let (rows, misfits) = columns.sent(&objects).map_err(|unreadable| Error::Decode {
                    subject: format!("detections of {of}"),
                    tile: None,
                    what: unreadable.what,
                    offset: None,
                })?;
                let is_foreign = columns.are_foreign(id, &rows);
                let rows = Some(rows).filter(|_| is_foreign != Some(true));
                let about = AboutRows { is_unsure: is_foreign.is_none(), gaps: misfits.into() };
                DetectionsOfId { id, rows, about }
            }
        };
        self.counters.answered();
        self.saved.save(&name, &answer.about, answer.rows.as_ref())?;
        Ok(answer)
    }

    /// Removes the rows of ids that turn out to be of another kind or that the service cannot answer.
    ///
    /// `/ID/detections` answers for images and map features alike, and an empty answer does not tell which of the two
    /// an id is. All ids in doubt are looked up together, since most of them are of the right kind.
    async fn remove_foreign(&self, columns: &DetectionColumns, sent: &mut [DetectionsOfId]) -> Result<()> {
        let unsure: Vec<String> =
            sent.iter().filter(|s| s.about.is_unsure).map(|s| s.id.to_string()).collect();
        if unsure.is_empty() {
            return Ok(());
        }
        let only_ids = EntityFields::of(columns.owner(), &[]);
        let found = self.entities(&only_ids, &unsure).await?;
        let answers = found.presence().zip(found.failures());
        for (sent, (is_right, failure)) in sent.iter_mut().filter(|s| s.about.is_unsure).zip(answers) {
            if let Some(why) = failure {
                sent.about.gaps.failed.push((sent.id.to_string(), why.to_owned()));
            }
            if !is_right {
                sent.rows = None;
            }
        }
        Ok(())
    }

    /// Requests all pages of the detections of one id; most have only one.
    async fn detection_objects(&self, of: &str) -> Result<Vec<Object>> {
        let mut all = Vec::new();
        let mut chain = PageChain::default();
        let mut after = None;
        loop {
            let request = GraphRequest::detections(of.to_owned(), after);
            let (objects, next) = self.ask_about_ids(&request, |body| data(&body)).await?;
            let ids: Vec<i64> = objects.iter().filter_map(|object| id(object.get("id")?)).collect();
            all.extend(objects);
            after = chain.next(&ids, next).map_err(|what| what.into_error(format!("detections of {of}")))?;
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    /// Looks up width, height and sequence of the images in which the detections were made.
    async fn pictures(
        &self,
        columns: &DetectionColumns,
        sent: &[DetectionsOfId],
    ) -> Result<(PictureIndex, Gaps)> {
        let mut ids: Vec<i64> = sent.iter().flat_map(|sent| sent.images(columns)).collect();
        ids.sort_unstable();
        ids.dedup();
        let names: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let found = self.entities(&PICTURE, &names).await?;
        let schema = PICTURE.table().schema();
        let indices = PICTURE_COLUMNS.iter().map(|name| schema.index_of(name));
        let indices: Vec<_> = indices.collect::<Result<_, _>>().map_err(internal)?;
        let columns = found.columns(schema, &indices).map_err(internal)?;
        Ok((PictureIndex { ids, columns }, found.gaps(&names)))
    }
}

impl DetectionsOfId {
    /// The image of each row, as far as it is known.
    fn images(&self, detections: &DetectionColumns) -> impl Iterator<Item = i64> + '_ {
        let asked = asked_image(detections, self.id);
        self.rows.iter().flat_map(image_ids).filter_map(move |image| image.or(asked))
    }
}

/// The image that was asked for, if detections of images are. It stands in where a row does not name its image, as rows
/// do not if the image was deleted.
fn asked_image(detections: &DetectionColumns, of: i64) -> Option<i64> {
    (detections.owner() == Entity::Image).then_some(of)
}

/// Width, height and sequence of images, by id.
struct PictureIndex {
    /// Sorted.
    ids: Vec<i64>,
    columns: Vec<ArrayRef>,
}

impl PictureIndex {
    /// Width, height and sequence for each row of detections; `asked` is the image that was asked for, if one was.
    fn of(&self, asked: Option<i64>, rows: &RecordBatch) -> Result<Pictures, ArrowError> {
        let place = |image: Option<i64>| {
            let place = self.ids.binary_search(&image.or(asked)?).ok()?;
            u32::try_from(place).ok()
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
