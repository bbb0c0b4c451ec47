//! Looks up images, and fetches their photos.

use std::sync::Arc;

use futures_util::stream::{BoxStream, StreamExt, TryStreamExt, iter};

use super::downloaded::{NO_IMAGE, message};
use super::image_row::{ImageRow, PendingPhoto};
use crate::crawl::entities::EntityFields;
use crate::crawl::run::Run;
use crate::error::{Error, Result, Unreadable};
use crate::http::{FileFailure, MemoryShare};
use crate::photo::{MissingReason, UnusablePhoto, is_whole, size};
use crate::query::{Entity, PhotoSize};

/// How often the URL of a photo is looked up again after it has expired.
const MOST_NEW_URLS: u32 = 2;

/// The fields that are looked up for each image, besides the URL of its photo: they become the metadata of the photo.
const IMAGE_FIELDS: [&str; 15] = [
    "altitude",
    "camera_type",
    "captured_at",
    "compass_angle",
    "computed_compass_angle",
    "computed_geometry",
    "creator",
    "height",
    "is_pano",
    "make",
    "model",
    "organization",
    "quality_score",
    "sequence",
    "width",
];

/// The fields of an image to look up: all of them at first, only the URL when it has expired.
#[derive(Debug)]
pub(super) struct PhotoFields {
    all: Arc<EntityFields>,
    only_url: Arc<EntityFields>,
    url_field: &'static str,
}

impl PhotoFields {
    pub(super) fn new(size: PhotoSize) -> Arc<Self> {
        let url_field = size.field();
        let all: Vec<_> = IMAGE_FIELDS.into_iter().chain([url_field]).collect();
        Arc::new(Self {
            // The caller has not named them, so a field that the service no longer has is left out with a warning.
            all: Arc::new(EntityFields::new(Entity::Image, Entity::Image.attributes(&all), false)),
            only_url: EntityFields::of(Entity::Image, &[url_field]),
            url_field,
        })
    }
}

/// A photo to fetch, or why there is none.
#[derive(Debug)]
pub(super) struct PhotoJob {
    pub(super) id: i64,
    pub(super) photo: Result<PendingPhoto, MissingPhoto>,
}

/// Why a photo is not in the result.
#[derive(Debug)]
pub(super) struct MissingPhoto {
    pub(super) kind: MissingReason,
    pub(super) why: String,
    /// The error, if it may be the fault of the host. Many such errors in a row end the download.
    pub(super) cause: Option<Box<Error>>,
}

impl MissingPhoto {
    /// A photo of an image that the service cannot answer.
    fn unanswered(why: &str) -> Self {
        Self::new(MissingReason::Failed, format!("the image cannot be looked up: {why}"))
    }

    fn new(kind: MissingReason, why: impl Into<String>) -> Self {
        Self { kind, why: why.into(), cause: None }
    }

    fn failed(error: Error) -> Self {
        let why = message(&error);
        let is_of_host = matches!(error, Error::Transport { .. } | Error::RateLimited { .. });
        Self { cause: is_of_host.then(|| Box::new(error)), ..Self::new(MissingReason::Failed, why) }
    }

    /// A photo that a later download will not find either.
    pub(super) fn lasting(kind: MissingReason) -> Self {
        Self::new(kind, why(kind))
    }
}

/// The photos to fetch for some ids. They are looked up in batches shortly before they are needed, since URLs expire.
pub(super) fn photo_jobs(
    run: &Run,
    fields: &Arc<PhotoFields>,
    ids: &[i64],
) -> BoxStream<'static, Result<PhotoJob>> {
    let chunks: Vec<Vec<i64>> = ids.chunks(fields.all.at_once()).map(<[_]>::to_vec).collect();
    let fields = Arc::clone(fields);
    let looked_up = run.each(iter(chunks), move |run, ids| {
        let fields = Arc::clone(&fields);
        async move { run.look_up_photos(&fields, &ids).await }
    });
    looked_up.map_ok(|jobs| iter(jobs.into_iter().map(Ok::<_, Error>))).try_flatten().boxed()
}

impl Run {
    async fn look_up_photos(&self, fields: &PhotoFields, ids: &[i64]) -> Result<Vec<PhotoJob>> {
        let names: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let found = self.entities(&fields.all, &names).await?;
        let rows = found.rows(fields.all.table().schema())?;
        let mut next_row = 0..rows.num_rows();
        let job = |(id, (is_found, failure)): (&i64, (bool, Option<&str>))| {
            let row = if is_found { next_row.next() } else { None };
            let photo = match (row, failure) {
                (Some(row), _) => ImageRow::new(&rows, row)
                    .photo(*id, fields.url_field)
                    .ok_or_else(|| MissingPhoto::lasting(MissingReason::NoPhoto)),
                (None, Some(why)) => Err(MissingPhoto::unanswered(why)),
                (None, None) => Err(MissingPhoto::lasting(MissingReason::NotFound)),
            };
            PhotoJob { id: *id, photo }
        };
        Ok(ids.iter().zip(found.presence().zip(found.failures())).map(job).collect())
    }

    /// Fetches a photo. The outer error stops the whole download, the inner one concerns only this photo.
    pub(super) async fn photo(
        &self,
        fields: &PhotoFields,
        id: i64,
        mut url: String,
        share: &MemoryShare,
    ) -> Result<Result<Vec<u8>, MissingPhoto>> {
        let mut renewed = 0;
        loop {
            let status = match self.connection.file(&url, &self.counters.meter, share, check_photo).await {
                Ok(bytes) => return Ok(Ok(bytes)),
                Err(FileFailure::Failed(error)) => return Ok(Err(MissingPhoto::failed(error))),
                Err(FileFailure::Expired(status)) => status.as_u16(),
            };
            if renewed == MOST_NEW_URLS {
                let why = format!("its URL answered {status}, and so did new ones");
                return Ok(Err(MissingPhoto::new(MissingReason::Expired, why)));
            }
            renewed += 1;
            let found = self.entities(&fields.only_url, &[id.to_string()]).await?;
            let rows = found.rows(fields.only_url.table().schema())?;
            if let Some(why) = found.failures().flatten().next() {
                return Ok(Err(MissingPhoto::unanswered(why)));
            }
            if rows.num_rows() == 0 {
                return Ok(Err(MissingPhoto::lasting(MissingReason::NotFound)));
            }
            match ImageRow::new(&rows, 0).text(fields.url_field) {
                Some(fresh) => fresh.clone_into(&mut url),
                None => return Ok(Err(MissingPhoto::lasting(MissingReason::NoPhoto))),
            }
        }
    }
}

impl PhotoJob {
    /// The photo, or why there is none.
    pub(super) fn into_photo(self) -> Result<(i64, PendingPhoto), (i64, MissingPhoto)> {
        self.photo.map(|photo| (self.id, photo)).map_err(|missing| (self.id, missing))
    }
}

/// Why a photo is missing, for when no error says more.
pub(super) fn why(missing: MissingReason) -> &'static str {
    match missing {
        MissingReason::NotFound => NO_IMAGE,
        MissingReason::NoPhoto => "the image has no photo of this size",
        MissingReason::Expired => "no fresh address of it works",
        MissingReason::Failed => "it could not be fetched",
    }
}

/// Refuses everything but a complete JPEG. If the bytes begin as a JPEG or are empty, the response was probably cut
/// off, so a retry can help; otherwise the host sends something else.
fn check_photo(bytes: &[u8]) -> Result<(), Unreadable> {
    if is_whole(bytes) {
        return Ok(());
    }
    let what = match size(bytes) {
        Err(UnusablePhoto::Broken { what, offset }) => format!("not a whole JPEG: {what} at byte {offset}"),
        Err(UnusablePhoto::TooMuch { .. }) | Ok(_) => "not a whole JPEG: its end is missing".to_owned(),
    };
    Err(Unreadable { what, offset: None, passing: bytes.starts_with(&[0xff, 0xd8]) || bytes.is_empty() })
}
