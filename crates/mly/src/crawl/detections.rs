//! Detections of one image or map feature.

use std::sync::{Arc, LazyLock};

use arrow_array::{Array, RecordBatch};

use super::ask::Run;
use super::entities::{Asked, is_unknown_id, nonexisting_field};
use super::run::internal;
use super::search::leads_to_itself;
use crate::error::{Error, Result};
use crate::http::WRONG_REQUEST;
use crate::plan::Request;
use crate::query::{Entity, Outlines};
use crate::rows::{Detections, Object, Pictures, data, image_ids};

/// Nothing has more detections; pages that go on beyond them go on for ever.
const MOST_DETECTIONS: usize = 1_000_000;

/// What pixels need to know of an image.
static PICTURE: LazyLock<Arc<Asked>> =
    LazyLock::new(|| Asked::of(Entity::Image, &["width", "height", "sequence"]));

/// Whether an id is unknown, or of a kind that has no detections. Other refusals are ours to mend.
fn has_none(error: &Error) -> bool {
    let is_without = |what: &str| nonexisting_field(what) == Some("detections");
    is_unknown_id(error)
        || matches!(error, Error::Api { what, code: Some(WRONG_REQUEST), .. } if is_without(what))
}

impl Run {
    /// The detections of an id, or `None` when it is unknown or of another kind.
    pub(super) async fn detections(
        &self,
        detections: &Detections,
        of: &str,
        fields: Arc<str>,
    ) -> Result<Option<RecordBatch>> {
        let objects = match self.detection_objects(of, &fields).await {
            Err(error) if has_none(&error) => return Ok(None),
            other => other?,
        };
        let (sent, misfits) = detections.sent(&objects).map_err(|unreadable| Error::Decode {
            subject: format!("detections of {of}"),
            tile: None,
            what: unreadable.what,
            offset: None,
        })?;
        self.tally.misfits(misfits);
        // Every id of a lookup has been checked to be a number.
        let id = of.parse().unwrap_or_default();
        let is_foreign = match detections.are_foreign(id, &sent) {
            Some(is_foreign) => is_foreign,
            None => !self.is_a(detections.owner(), of).await?,
        };
        if is_foreign {
            return Ok(None);
        }
        let pictures = match detections.outlines() {
            Outlines::Pixels => Some(self.pictures(of, &sent).await?),
            _ => None,
        };
        let (batch, unreadable) = detections.rows(id, &sent, pictures).map_err(internal)?;
        self.tally.misfits(unreadable);
        Ok(Some(batch))
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

    /// Width, height and sequence of the image of each row.
    async fn pictures(&self, of: &str, sent: &RecordBatch) -> Result<Pictures> {
        let images = image_ids(sent);
        let name =
            |row: usize| if images.is_valid(row) { images.value(row).to_string() } else { of.to_owned() };
        let mut ids: Vec<String> = (0..images.len()).map(name).collect();
        ids.sort_unstable();
        ids.dedup();
        let found = self.entities(&PICTURE, &ids).await?;
        let columns = ["width", "height", "sequence"].map(|n| PICTURE.table().schema().index_of(n));
        let mut indices = Vec::with_capacity(columns.len());
        for index in columns {
            indices.push(index.map_err(internal)?);
        }
        let rows: Vec<u32> = (0..images.len())
            .map(|row| ids.binary_search(&name(row)).map_or(0, |i| u32::try_from(i).unwrap_or(0)))
            .collect();
        let rows = arrow_array::UInt32Array::from(rows);
        let taken = found.columns(&PICTURE, &indices).map_err(internal)?.into_iter();
        let taken = taken.map(|column| arrow_select::take::take(&column, &rows, None));
        let taken: Vec<_> = taken.collect::<Result<_, _>>().map_err(internal)?;
        let [width, height, sequence] = taken.as_slice() else {
            return Err(Error::Cancelled);
        };
        Ok([Arc::clone(width), Arc::clone(height), Arc::clone(sequence)])
    }
}
