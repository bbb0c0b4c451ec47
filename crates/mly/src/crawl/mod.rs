//! RUN: requests in flight, answers in order, batches out.

mod area;
mod ask;
mod detections;
mod download;
mod enrich;
mod entities;
mod journal;
mod lookup;
mod progress;
mod repeat;
mod run;
mod search;
mod sequences;
mod step;
mod stop;
mod summary;
mod update;
mod whole;

pub use download::{Clouds, Download, Downloaded, Downloads, Layout};
pub use progress::Progress;
pub use run::Batches;
pub use summary::Summary;
pub use update::Earlier;
