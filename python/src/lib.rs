//! The Python package `mly`: one class a file, with the names of the library and no logic of its own.

mod area;
mod arguments;
mod ask;
mod batches;
mod capsule;
mod client;
mod command;
mod emulator;
mod errors;
mod features;
mod filters;
mod html;
mod ids;
mod jobs;
mod logging;
mod lookup;
mod map;
mod moment;
mod place;
mod plan;
mod progress;
mod query;
mod questions;
mod record_batch;
mod runnable;
mod running;
mod runtime;
mod session;
mod sharing;
mod summary;
mod table;
mod tile;
mod values;
mod wkb;
mod write;

/// Everything in mly that is written in Rust.
#[pyo3::pymodule]
mod _mly {
    #[pymodule_export]
    use crate::batches::{AsyncBatches, BatchIterator, Batches};
    #[pymodule_export]
    use crate::client::{AsyncClient, Client};
    #[pymodule_export]
    use crate::command::run_command;
    #[pymodule_export]
    use crate::emulator::Emulator;
    #[pymodule_export]
    use crate::errors::_without_tokens;
    #[pymodule_export]
    use crate::jobs::assets::assets;
    #[pymodule_export]
    use crate::jobs::diff::diff;
    #[pymodule_export]
    use crate::jobs::osm::osm;
    #[pymodule_export]
    use crate::jobs::streets::streets;
    #[pymodule_export]
    use crate::lookup::Lookup;
    #[pymodule_export]
    use crate::map::{Map, map};
    #[pymodule_export]
    use crate::moment::_moments;
    #[pymodule_export]
    use crate::place::place;
    #[pymodule_export]
    use crate::plan::{Cost, Plan};
    #[pymodule_export]
    use crate::progress::Progress;
    #[pymodule_export]
    use crate::query::Query;
    #[pymodule_export]
    use crate::questions::_keywords;
    #[pymodule_export]
    use crate::record_batch::{RecordBatch, SchemaCapsule};
    #[pymodule_export]
    use crate::summary::{Downloaded, Summary};
    #[pymodule_export]
    use crate::table::Table;
    #[pymodule_export]
    use crate::tile::{_tile_containing, _tile_features, _tile_rings};

    /// The version of the package.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "its name in every package")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
