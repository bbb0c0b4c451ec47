//! `mly thumbnail`: URLs of photos, one per line.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use mly::sink::Sink;
use mly::source::Kind;
use mly::{Error, Lookup, PhotoSize, Subject};

use super::crawl;
use super::lookup::not_found;
use super::session::Session;
use crate::args::ThumbnailVerb;
use crate::exit::{Failure, Success};
use crate::failed::some_of;
use crate::ids;
use crate::progress::{counted, with_reasons};
use crate::settings::Service;

pub(super) fn run(args: &ThumbnailVerb, session: &mut Session<'_>) -> Result<Success, Failure> {
    let ids = ids::given(&args.ids.ids, Kind::Image, session.console)?;
    let plan = Lookup::new(Subject::Image, ids).with_fields([args.size.field()]).plan()?;
    let service = Service::new(&args.common.service, session.environment)?;
    let client = session.client(service.options()?)?;
    let without = Arc::new(Mutex::new(Vec::new()));
    let sink = Addresses { out: session.console.take_out(), size: args.size, without: Arc::clone(&without) };
    crawl::into_sink(&client, client.run(&plan), &plan, |_| Ok(Box::new(sink)), session)?;
    session.warn_of_gaps();
    let missing = session.summary.not_found.clone();
    if !missing.is_empty() {
        session.warn(&not_found(&missing));
    }
    let failed = session.summary.failed.clone();
    if !failed.is_empty() {
        session.warn(&with_reasons(&failed, "ids"));
    }
    let without = without.lock().map(|ids| ids.clone()).unwrap_or_default();
    if !without.is_empty() {
        let images = counted(without.len() as u64, "images");
        session.warn(&format!("{images} without a photo of this size: {}", some_of(&without)));
    }
    let urls = session.summary.rows.saturating_sub(without.len() as u64);
    session.close(&counted(urls, "URLs"), None);
    let is_complete = missing.is_empty() && failed.is_empty() && without.is_empty();
    Ok(if is_complete { Success::Complete } else { Success::Incomplete })
}

/// Writes the URL of each image as a line.
struct Addresses {
    out: Box<dyn Write + Send>,
    size: PhotoSize,
    /// Ids of images that have no URL.
    without: Arc<Mutex<Vec<String>>>,
}

impl Addresses {
    fn write_lines(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let ids = batch.column_by_name("id").and_then(|c| c.as_primitive_opt::<Int64Type>());
        let addresses = batch.column_by_name(self.size.field()).and_then(|c| c.as_string_opt::<i32>());
        let (Some(ids), Some(addresses)) = (ids, addresses) else {
            return Err(io::Error::other("a column is missing"));
        };
        let mut text = String::new();
        for (id, address) in ids.values().iter().zip(addresses) {
            // Other characters could break the line or control the terminal.
            match address.filter(|address| address.bytes().all(|b| b.is_ascii_graphic())) {
                Some(address) if !address.is_empty() => {
                    text.push_str(address);
                    text.push('\n');
                }
                _ => {
                    if let Ok(mut without) = self.without.lock() {
                        without.push(id.to_string());
                    }
                }
            }
        }
        self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush())
    }
}

impl Sink for Addresses {
    fn write(&mut self, batch: &RecordBatch) -> mly::Result<()> {
        self.write_lines(batch).map_err(|e| Error::Output { path: None, format: "URLs", source: e.into() })
    }

    fn finish(self: Box<Self>) -> mly::Result<()> {
        Ok(())
    }
}
