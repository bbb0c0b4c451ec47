//! RUN: requests in flight, answers in order, batches out.

mod progress;
mod run;
mod stop;
mod summary;

pub use progress::Progress;
pub use run::Batches;
pub use summary::Summary;
