//! Options that make up a question.

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
    /// GeoJSON file, - for standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) within: Option<PathBuf>,
    /// Circle around a position
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true, value_parser = value::position)]
    pub(crate) near: Option<[f64; 2]>,
    /// Radius of the circle in metres [default: 50]
    #[arg(long, value_name = "M", allow_hyphen_values = true, value_parser = value::metres)]
    pub(crate) radius: Option<f64>,
    /// What one tile holds
    #[arg(long, value_name = "Z/X/Y", value_parser = value::tile)]
    pub(crate) tile: Option<TileId>,
}

#[derive(Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArgs {
    /// Captured at this date or later: 2021, 2021-03, ...
    #[arg(long, value_name = "DATE", value_parser = earliest_ms)]
    pub(crate) since: Option<i64>,
    /// Captured at this date or earlier, its end included
    #[arg(long, value_name = "DATE", value_parser = latest_ms)]
    pub(crate) until: Option<i64>,
    /// all, pano or flat
    #[arg(long, value_name = "TYPE")]
    pub(crate) image_type: Option<ImageType>,
    /// Direction of view; MIN > MAX crosses north
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
    /// Only images of the creator of this name (asks searches)
    #[arg(long, value_name = "NAME", value_parser = value::word)]
    pub(crate) creator_username: Option<String>,
    /// Only images of cameras of this make (asks searches)
    #[arg(long, value_name = "M", value_parser = value::word)]
    pub(crate) make: Option<String>,
    /// Only images of cameras of this model (asks searches)
    #[arg(long, value_name = "M", value_parser = value::word)]
    pub(crate) model: Option<String>,
    /// Only images that look at a position
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true, value_parser = value::position)]
    pub(crate) looking_at: Option<[f64; 2]>,
    /// Only these values; * stands for any text
    #[arg(long, value_name = "V,..", value_delimiter = ',', value_parser = ValuePattern::new)]
    pub(crate) value: Vec<ValuePattern>,
    /// First seen at this date or later
    #[arg(long, value_name = "DATE", value_parser = earliest_ms)]
    pub(crate) first_seen_since: Option<i64>,
    /// First seen at this date or earlier
    #[arg(long, value_name = "DATE", value_parser = latest_ms)]
    pub(crate) first_seen_until: Option<i64>,
    /// Last seen at this date or later
    #[arg(long, value_name = "DATE", value_parser = earliest_ms)]
    pub(crate) last_seen_since: Option<i64>,
    /// Last seen at this date or earlier
    #[arg(long, value_name = "DATE", value_parser = latest_ms)]
    pub(crate) last_seen_until: Option<i64>,
    /// Keep of each line only what the fetched tiles show
    #[arg(long)]
    pub(crate) cut: bool,
    /// Read zoom Z (6..13) first, then only tiles its lines touch
    #[arg(long, value_name = "Z", value_parser = value::whole::<u8, 0>)]
    pub(crate) prune: Option<u8>,
    /// At most so many rows
    #[arg(long, value_name = "N", value_parser = value::whole::<u64, 1>)]
    pub(crate) limit: Option<u64>,
    /// Only these columns; what tiles lack is fetched by id
    #[arg(long, value_name = "A,B,..", value_delimiter = ',', value_parser = value::word)]
    pub(crate) fields: Option<Vec<String>>,
}
