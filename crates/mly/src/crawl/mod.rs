//! Runs plans: keeps several requests in flight, puts their rows into the order of the plan, and hands them out as
//! batches.
//!
//! `area_crawl` runs plans for areas and `lookup` plans for ids; both produce a stream of `Step`s. `batches` hands
//! steps to the caller, or to the `journal`, which writes them so that a later process can resume. `download` fetches
//! photos and point clouds.

mod area_crawl;
mod batches;
mod blame;
mod cancel;
mod detections;
mod doubt;
#[cfg(any(feature = "clouds", feature = "photos"))]
mod download;
mod empty;
mod enrich;
mod entities;
mod entity_rows;
mod gaps;
mod journal;
mod known;
mod lookup;
mod nearest;
mod pages;
mod progress;
mod repeat;
mod run;
mod saved;
mod search;
mod sequences;
mod spaced;
mod step;
mod summary;
mod update;
mod whole;
mod whole_sequence;

pub use batches::Batches;
#[cfg(feature = "clouds")]
pub use download::Clouds;
#[cfg(feature = "photos")]
pub use download::{Download, Layout};
#[cfg(any(feature = "clouds", feature = "photos"))]
pub use download::{Downloaded, Downloads};
pub use empty::EmptyReason;
pub use progress::Progress;
pub use summary::Summary;
pub use update::Earlier;
