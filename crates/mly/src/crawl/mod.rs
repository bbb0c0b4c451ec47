//! Runs plans: sends requests in parallel, and turns the answers into batches in the order of the plan.

mod area_crawl;
mod batches;
mod cancel;
mod detections;
mod download;
mod enrich;
mod entities;
mod gaps;
mod journal;
mod known;
mod lookup;
mod progress;
mod repeat;
mod run;
mod search;
mod sequences;
mod step;
mod summary;
mod update;
mod whole;
mod whole_sequence;

pub use batches::Batches;
pub use download::{Clouds, Download, Downloaded, Downloads, Layout};
pub use progress::Progress;
pub use summary::Summary;
pub use update::Earlier;
