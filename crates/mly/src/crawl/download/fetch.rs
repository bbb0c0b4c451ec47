//! One photo: its address looked up, its bytes fetched, its metadata put together.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use serde_json::{Map, Value, json};

use crate::crawl::entities::EntityFields;
use crate::crawl::run::Run;
use crate::error::{Error, Result, Unreadable};
use crate::http::Lost;
use crate::photo::{MissingReason, Shot, Unfit, is_whole, size};
use crate::query::{Entity, PhotoSize};
use crate::table::Wkb;

/// How often an address that no longer works is looked up again.
const MOST_FRESH_ADDRESSES: u32 = 2;

/// What is looked up of each image.
#[derive(Debug)]
pub(super) struct PhotoFields {
    known: Arc<EntityFields>,
    address: Arc<EntityFields>,
    field: &'static str,
}

impl PhotoFields {
    pub(super) fn new(size: PhotoSize) -> Arc<Self> {
        const KNOWN: [&str; 15] = [
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
        let field = size.field();
        let known: Vec<_> = KNOWN.into_iter().chain([field]).collect();
        Arc::new(Self {
            // They are our choice: one that the service does not have is left out.
            known: Arc::new(EntityFields::new(Entity::Image, Entity::Image.attributes(&known), false)),
            address: EntityFields::of(Entity::Image, &[field]),
            field,
        })
    }

    pub(super) fn at_once(&self) -> usize {
        self.known.at_once()
    }
}

/// A photo to fetch, or why there is none.
#[derive(Debug)]
pub(super) struct PhotoJob {
    pub(super) id: i64,
    pub(super) photo: Result<PendingPhoto, MissingReason>,
}

#[derive(Debug)]
pub(super) struct PendingPhoto {
    pub(super) shot: Shot,
    /// What is known of the image, as the service names it.
    pub(super) json: Value,
    address: String,
}

/// Why a photo is not in the result.
#[derive(Debug)]
pub(super) struct MissingPhoto {
    /// What kind of reason it is.
    pub(super) kind: MissingReason,
    pub(super) why: String,
    /// What went wrong, where it may be the host's fault and not the photo's.
    pub(super) cause: Option<Error>,
}

impl MissingPhoto {
    fn new(kind: MissingReason, why: impl Into<String>) -> Self {
        Self { kind, why: why.into(), cause: None }
    }

    fn failed(error: Error) -> Self {
        let why = told(&error);
        let is_of_host = matches!(error, Error::Transport { .. } | Error::RateLimited { .. });
        Self { cause: Some(error).filter(|_| is_of_host), ..Self::new(MissingReason::Failed, why) }
    }

    /// A reason that needs no more words.
    pub(super) fn lasting(kind: MissingReason) -> Self {
        Self::new(kind, kind.why())
    }
}

impl Run {
    /// What is to be fetched for each id.
    pub(super) async fn jobs(&self, wanted: &PhotoFields, ids: &[i64]) -> Result<Vec<PhotoJob>> {
        let names: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let found = self.entities(&wanted.known, &names).await?;
        let rows = found.rows(&wanted.known)?;
        let mut next = 0..rows.num_rows();
        let mut jobs = Vec::with_capacity(ids.len());
        for (id, is_found) in ids.iter().zip(found.presence()) {
            let photo = match next.next_if_some(is_found) {
                Some(row) => {
                    ImageRow { rows: &rows, row }.photo(*id, wanted.field).ok_or(MissingReason::NoPhoto)
                }
                None => Err(MissingReason::NotFound),
            };
            jobs.push(PhotoJob { id: *id, photo });
        }
        Ok(jobs)
    }

    /// The bytes of a photo; the error stops everything, a photo that cannot be had does not.
    pub(super) async fn photo(
        &self,
        wanted: &PhotoFields,
        id: i64,
        address: String,
    ) -> Result<Result<Vec<u8>, MissingPhoto>> {
        let mut address = address;
        let mut renewed = 0;
        loop {
            let status = match self.connection.file(&address, &self.counters.meter, check).await {
                Ok(bytes) => return Ok(Ok(bytes)),
                Err(Lost::Failed(error)) => return Ok(Err(MissingPhoto::failed(error))),
                Err(Lost::Expired(status)) => status.as_u16(),
            };
            if renewed == MOST_FRESH_ADDRESSES {
                let why = format!("its address answered {status}, and so did fresh ones");
                return Ok(Err(MissingPhoto::new(MissingReason::Expired, why)));
            }
            renewed += 1;
            let found = self.entities(&wanted.address, &[id.to_string()]).await?;
            let rows = found.rows(&wanted.address)?;
            if rows.num_rows() == 0 {
                return Ok(Err(MissingPhoto::lasting(MissingReason::NotFound)));
            }
            match (ImageRow { rows: &rows, row: 0 }).text(wanted.field) {
                Some(fresh) => fresh.clone_into(&mut address),
                None => return Ok(Err(MissingPhoto::lasting(MissingReason::NoPhoto))),
            }
        }
    }
}

impl PhotoJob {
    /// The photo, or why there is none.
    pub(super) fn into_photo(self) -> Result<(i64, PendingPhoto), (i64, MissingPhoto)> {
        self.photo.map(|photo| (self.id, photo)).map_err(|lack| (self.id, MissingPhoto::lasting(lack)))
    }
}

impl PendingPhoto {
    /// Takes the address out.
    pub(super) fn take_address(&mut self) -> String {
        std::mem::take(&mut self.address)
    }
}

/// The message of an error with its cause.
pub(super) fn told(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}")
}

/// A whole JPEG, or what is wrong. Something else than a JPEG stays that, a cut one may come whole the next time.
fn check(bytes: &[u8]) -> Result<(), Unreadable> {
    if is_whole(bytes) {
        return Ok(());
    }
    let what = match size(bytes) {
        Err(Unfit::Broken { what, offset }) => format!("not a whole JPEG: {what} at byte {offset}"),
        Err(Unfit::TooMuch { .. }) | Ok(_) => "not a whole JPEG: its end is missing".to_owned(),
    };
    Err(Unreadable { what, offset: None, passing: bytes.starts_with(&[0xff, 0xd8]) || bytes.is_empty() })
}

/// A number as the service writes it, whole ones without a point.
fn number(value: f64) -> Value {
    value.to_string().parse::<i64>().map_or_else(|_| value.into(), Value::from)
}

/// The next number of a range, when it is wanted.
trait NextIfSome {
    fn next_if_some(&mut self, is_wanted: bool) -> Option<usize>;
}

impl NextIfSome for std::ops::Range<usize> {
    fn next_if_some(&mut self, is_wanted: bool) -> Option<usize> {
        if is_wanted { self.next() } else { None }
    }
}

/// One row of a look-up.
#[derive(Clone, Copy)]
struct ImageRow<'a> {
    rows: &'a RecordBatch,
    row: usize,
}

impl<'a> ImageRow<'a> {
    fn column(self, name: &str) -> Option<&'a dyn Array> {
        self.rows.column_by_name(name).map(|c| &**c).filter(|c| c.is_valid(self.row))
    }

    fn text(self, name: &str) -> Option<&'a str> {
        self.column(name).map(|c| c.as_string::<i32>().value(self.row)).filter(|text| !text.is_empty())
    }

    fn float(self, name: &str) -> Option<f64> {
        self.column(name).map(|c| c.as_primitive::<Float64Type>().value(self.row))
    }

    fn int(self, name: &str) -> Option<i64> {
        self.column(name).map(|c| c.as_primitive::<Int64Type>().value(self.row))
    }

    fn time(self, name: &str) -> Option<i64> {
        self.column(name).map(|c| c.as_primitive::<TimestampMillisecondType>().value(self.row))
    }

    fn flag(self, name: &str) -> Option<bool> {
        self.column(name).map(|c| c.as_boolean().value(self.row))
    }

    fn position(self, name: &str) -> Option<[f64; 2]> {
        match Wkb::read(self.column(name)?.as_binary::<i32>().value(self.row))? {
            Wkb::Point(at) => Some(at),
            Wkb::Lines(_) => None,
        }
    }

    /// What the service computed is nearer to the truth than what the device noted, where it is there.
    fn photo(self, id: i64, field: &str) -> Option<PendingPhoto> {
        let address = self.text(field)?.to_owned();
        let owned = |name| self.text(name).map(str::to_owned);
        let shot = Shot {
            id,
            sequence: owned("sequence"),
            captured_at_ms: self.time("captured_at"),
            position: self.position("computed_geometry").or_else(|| self.position("geometry")),
            altitude_m: self.float("altitude"),
            compass_angle: self.float("computed_compass_angle").or_else(|| self.float("compass_angle")),
            is_pano: self.flag("is_pano").unwrap_or(false),
            make: owned("make"),
            model: owned("model"),
            creator: owned("creator_username"),
        };
        Some(PendingPhoto { json: self.json(id), shot, address })
    }

    /// What is known, with the names of the look-up; absent values are absent.
    fn json(self, id: i64) -> Value {
        let point =
            |name| self.position(name).map(|at| json!({ "type": "Point", "coordinates": at.map(number) }));
        let members = [
            ("id", Some(json!(id.to_string()))),
            ("sequence", self.text("sequence").map(Value::from)),
            ("captured_at", self.time("captured_at").map(Value::from)),
            ("geometry", point("geometry")),
            ("computed_geometry", point("computed_geometry")),
            ("altitude", self.float("altitude").map(number)),
            ("compass_angle", self.float("compass_angle").map(number)),
            ("computed_compass_angle", self.float("computed_compass_angle").map(number)),
            ("is_pano", self.flag("is_pano").map(Value::from)),
            ("camera_type", self.text("camera_type").map(Value::from)),
            ("make", self.text("make").map(Value::from)),
            ("model", self.text("model").map(Value::from)),
            ("width", self.int("width").map(Value::from)),
            ("height", self.int("height").map(Value::from)),
            ("quality_score", self.float("quality_score").map(number)),
            ("creator_id", self.int("creator_id").map(|id| json!(id.to_string()))),
            ("creator_username", self.text("creator_username").map(Value::from)),
            ("organization_id", self.int("organization_id").map(|id| json!(id.to_string()))),
        ];
        let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(present.collect::<Map<_, _>>())
    }
}
