//! Options of a query: area and filters.

use std::path::PathBuf;

use clap::Args;
use mly::{Area, TileId};
use url::Url;

use super::filters::FilterFlags;
use super::value;

#[derive(Args)]
#[command(next_help_heading = "Area (exactly one)")]
pub(crate) struct AreaArgs {
    /// Box in degrees; W > E crosses the antimeridian
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true, value_parser = value::bbox)]
    pub(crate) bbox: Option<Area>,
    /// Polygons, lines or points in a file; - for standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) within: Option<PathBuf>,
    /// Everything within M metres of them; lines, points need it
    #[arg(long, value_name = "M", allow_hyphen_values = true, value_parser = value::buffer)]
    pub(crate) buffer: Option<f64>,
    /// Add a column area: this property of the feature, or index
    #[arg(long, value_name = "FIELD", value_parser = value::word)]
    pub(crate) area_column: Option<String>,
    /// Only the K nearest rows of each point with a --buffer
    #[arg(long, value_name = "K", value_parser = value::whole::<u32, 1>)]
    pub(crate) nearest: Option<u32>,
    /// Centre of a circle
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true, value_parser = value::position)]
    pub(crate) near: Option<[f64; 2]>,
    /// Radius of the circle in metres [default: 50]
    #[arg(long, value_name = "M", allow_hyphen_values = true, value_parser = value::metres)]
    pub(crate) radius: Option<f64>,
    /// The outline of a place by its name, or its id: R62422
    #[arg(long, value_name = "NAME")]
    pub(crate) place: Option<String>,
    #[arg(long, help = "Base URL of a Nominatim service [env: MLY_PLACES_URL]", value_name = "URL", conflicts_with = "demo", value_parser = mly::env::parse_base_url)]
    pub(crate) places_url: Option<Url>,
    /// One map tile
    #[arg(long, value_name = "Z/X/Y", value_parser = value::tile)]
    pub(crate) tile: Option<TileId>,
}

/// What narrows an area down: the filters, and what else a query has.
#[derive(Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArgs {
    #[command(flatten)]
    pub(crate) filters: FilterFlags,
    /// Cut lines at the fetched tiles instead of completing them
    #[arg(long)]
    pub(crate) cut: bool,
    /// Fetch zoom Z (6 to 13) first, then tiles with sequences
    #[arg(long, value_name = "Z", value_parser = value::whole::<u8, 0>)]
    pub(crate) prune: Option<u8>,
    /// At most this many rows
    #[arg(long, value_name = "N", value_parser = value::whole::<u64, 1>)]
    pub(crate) limit: Option<u64>,
    /// Only these columns; what tiles lack is fetched by id
    #[arg(long, value_name = "A,B,..", value_delimiter = ',', value_parser = value::word)]
    pub(crate) fields: Option<Vec<String>>,
}
