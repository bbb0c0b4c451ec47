//! Options of a query: area and filters.

use std::path::PathBuf;

use clap::Args;
use mly::{Area, ImageType, Sector, TileId, ValuePattern, earliest_ms, latest_ms};

use super::value;

#[derive(Args)]
#[command(next_help_heading = "Area (exactly one)")]
pub(crate) struct AreaArgs {
    /// Box in degrees; W > E crosses the antimeridian
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true, value_parser = value::bbox)]
    pub(crate) bbox: Option<Area>,
    /// Polygons in a GeoJSON file, or - for standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) within: Option<PathBuf>,
    /// Centre of a circle
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true, value_parser = value::position)]
    pub(crate) near: Option<[f64; 2]>,
    /// Radius of the circle in metres [default: 50]
    #[arg(long, value_name = "M", allow_hyphen_values = true, value_parser = value::metres)]
    pub(crate) radius: Option<f64>,
    /// One map tile
    #[arg(long, value_name = "Z/X/Y", value_parser = value::tile)]
    pub(crate) tile: Option<TileId>,
}

#[derive(Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArgs {
    /// Captured on or after this date: 2021, 2021-03, ...
    #[arg(long, value_name = "DATE", value_parser = earliest_ms)]
    pub(crate) since: Option<i64>,
    /// Captured on or before this date; 2021 includes the whole year
    #[arg(long, value_name = "DATE", value_parser = latest_ms)]
    pub(crate) until: Option<i64>,
    /// all, pano or flat
    #[arg(long, value_name = "TYPE")]
    pub(crate) image_type: Option<ImageType>,
    /// Camera direction in degrees; MIN > MAX crosses north
    #[arg(long, value_name = "MIN,MAX", allow_hyphen_values = true, value_parser = value::sector)]
    pub(crate) compass: Option<Sector>,
    /// Only these sequences
    #[arg(long, value_name = "ID,..", value_delimiter = ',', allow_hyphen_values = true, value_parser = value::word)]
    pub(crate) sequence: Vec<String>,
    /// Only these organizations
    #[arg(long, value_name = "ID,..", value_delimiter = ',', value_parser = value::id)]
    pub(crate) organization: Vec<i64>,
    /// Only these creators
    #[arg(long, value_name = "ID,..", value_delimiter = ',', value_parser = value::id)]
    pub(crate) creator: Vec<i64>,
    /// Only images by the user of this name (uses search requests)
    #[arg(long, value_name = "NAME", value_parser = value::word)]
    pub(crate) creator_username: Option<String>,
    /// Only images by cameras of this make (uses search requests)
    #[arg(long, value_name = "M", value_parser = value::word)]
    pub(crate) make: Option<String>,
    /// Only images by cameras of this model (uses search requests)
    #[arg(long, value_name = "M", value_parser = value::word)]
    pub(crate) model: Option<String>,
    /// Only images that look at this position
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true, value_parser = value::position)]
    pub(crate) looking_at: Option<[f64; 2]>,
    /// Only these values; * matches any text
    #[arg(long, value_name = "V,..", value_delimiter = ',', value_parser = ValuePattern::new)]
    pub(crate) value: Vec<ValuePattern>,
    /// First seen on or after this date
    #[arg(long, value_name = "DATE", value_parser = earliest_ms)]
    pub(crate) first_seen_since: Option<i64>,
    /// First seen on or before this date
    #[arg(long, value_name = "DATE", value_parser = latest_ms)]
    pub(crate) first_seen_until: Option<i64>,
    /// Last seen on or after this date
    #[arg(long, value_name = "DATE", value_parser = earliest_ms)]
    pub(crate) last_seen_since: Option<i64>,
    /// Last seen on or before this date
    #[arg(long, value_name = "DATE", value_parser = latest_ms)]
    pub(crate) last_seen_until: Option<i64>,
    /// Cut lines at the fetched tiles instead of completing them
    #[arg(long)]
    pub(crate) cut: bool,
    /// Fetch zoom Z (6 to 13) first, then only the tiles with sequences
    #[arg(long, value_name = "Z", value_parser = value::whole::<u8, 0>)]
    pub(crate) prune: Option<u8>,
    /// At most this many rows
    #[arg(long, value_name = "N", value_parser = value::whole::<u64, 1>)]
    pub(crate) limit: Option<u64>,
    /// Only these columns; those that tiles lack are fetched by id
    #[arg(long, value_name = "A,B,..", value_delimiter = ',', value_parser = value::word)]
    pub(crate) fields: Option<Vec<String>>,
}
