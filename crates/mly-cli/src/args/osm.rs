//! Options of comparisons with OpenStreetMap.

use std::path::PathBuf;

use clap::Args;
use mly::sink::Format;
use mly::{Error, Result};

use super::{CommonArgs, FormArgs, value};

#[derive(Args)]
pub(crate) struct OsmVerb {
    /// Signs or objects: a result of mly signs, mly points or mly assets
    #[arg(value_name = "SIGNS")]
    pub(crate) signs: PathBuf,
    /// OpenStreetMap: an extract (.osm.pbf), or an answer of Overpass in JSON
    #[arg(value_name = "OSM")]
    pub(crate) osm: PathBuf,
    /// Country whose rules count: AT, CH, DE, FR or US
    #[arg(long, value_name = "CODE", default_value = "DE", help_heading = "Comparison")]
    pub(crate) country: String,
    /// Rules of your own, in JSON, which add to those of the country
    #[arg(long, value_name = "FILE", help_heading = "Comparison")]
    pub(crate) tags: Option<PathBuf>,
    /// Images of the area, to find what is not there any more
    #[arg(long, value_name = "IMAGES", help_heading = "Comparison")]
    pub(crate) looks: Option<PathBuf>,
    /// Take signs that were seen for less than nine months for temporary
    #[arg(long, help_heading = "Comparison")]
    pub(crate) permanent: bool,
    /// Dates after this day count as unknown
    #[arg(long, value_name = "DATE", value_parser = value::day, help_heading = "Comparison")]
    pub(crate) as_of: Option<i64>,
    /// File to write; its suffix sets the format [default: standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Also maproulette (tasks), osm (a layer for JOSM) or osc (a change) [default: by suffix]
    #[arg(short, long, value_name = "FORMAT", value_parser = form, help_heading = "Output")]
    pub(crate) format: Option<OsmFormat>,
    /// Replace an existing file
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) form: FormArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// What a comparison is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OsmFormat {
    /// Rows in a format of any result.
    Rows(Format),
    MapRoulette,
    Josm,
    Change,
}

fn form(text: &str) -> Result<OsmFormat> {
    match text.trim() {
        "maproulette" => Ok(OsmFormat::MapRoulette),
        "osm" => Ok(OsmFormat::Josm),
        "osc" => Ok(OsmFormat::Change),
        other => match other.parse::<Format>() {
            Ok(Format::Coco) => Err(Error::query("only detections can be written as coco")
                .with_hint("choose maproulette, osm, osc, geojson, csv, parquet, fgb, gpkg or arrow")),
            Ok(format) => Ok(OsmFormat::Rows(format)),
            Err(error) => Err(error.with_hint(
                "known: maproulette, osm, osc, geojson, geojsonseq, csv, parquet, fgb, gpkg, arrow",
            )),
        },
    }
}

impl OsmVerb {
    /// The format, by the option or by the suffix of the file; `None` leaves the choice among formats of rows open.
    pub(crate) fn special(&self) -> Option<OsmFormat> {
        if self.format.is_some() {
            return self.format;
        }
        let name = self.output.as_deref()?.file_name()?.to_str()?.to_ascii_lowercase();
        let endings = [
            (".maproulette.geojson", OsmFormat::MapRoulette),
            (".osm", OsmFormat::Josm),
            (".osc", OsmFormat::Change),
        ];
        endings.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, format)| format)
    }
}
