//! The formats a result can be written in.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::error::{Error, Hint, Result, unknown};

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A GeoJSON FeatureCollection (RFC 7946), one feature a line.
    GeoJson,
    /// GeoJSON features, one a line, newline-delimited.
    GeoJsonSeq,
    /// Comma-separated values (RFC 4180).
    Csv,
    /// An Arrow IPC stream.
    Arrow,
    /// GeoParquet 1.1, in row groups along the Hilbert curve.
    Parquet,
    /// FlatGeobuf, with its spatial index.
    FlatGeobuf,
    /// A GeoPackage 1.4, with its spatial index.
    GeoPackage,
    /// COCO JSON, for detections in pixels and nothing else.
    Coco,
}

impl Format {
    /// Every format that takes any rows, which is all but [`Format::Coco`].
    pub const ALL: [Self; 7] = [
        Self::GeoJson,
        Self::GeoJsonSeq,
        Self::Csv,
        Self::Arrow,
        Self::Parquet,
        Self::FlatGeobuf,
        Self::GeoPackage,
    ];

    /// Every format that has a name.
    const NAMED: [Self; 8] = [
        Self::GeoJson,
        Self::GeoJsonSeq,
        Self::Csv,
        Self::Arrow,
        Self::Parquet,
        Self::FlatGeobuf,
        Self::GeoPackage,
        Self::Coco,
    ];

    /// Name as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GeoJson => "geojson",
            Self::GeoJsonSeq => "geojsonseq",
            Self::Csv => "csv",
            Self::Arrow => "arrow",
            Self::Parquet => "parquet",
            Self::FlatGeobuf => "fgb",
            Self::GeoPackage => "gpkg",
            Self::Coco => "coco",
        }
    }

    /// Extensions of files in this format; the first one is the usual one.
    ///
    /// None for a format that has to be named.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::GeoJson => &["geojson", "json"],
            Self::GeoJsonSeq => &["geojsonl", "geojsonseq", "ndjson"],
            Self::Csv => &["csv"],
            Self::Arrow => &["arrow"],
            Self::Parquet => &["parquet"],
            Self::FlatGeobuf => &["fgb"],
            Self::GeoPackage => &["gpkg"],
            Self::Coco => &[],
        }
    }

    /// Whether it can be shown on a terminal.
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Arrow | Self::Parquet | Self::FlatGeobuf | Self::GeoPackage)
    }

    /// Whether it can be written to a file only, and neither to a stream nor to a device.
    pub fn needs_file(self) -> bool {
        self == Self::GeoPackage
    }

    /// Names of the files that a sink of this format keeps in a work folder, beside the file that becomes the result.
    pub(crate) fn work_files(self) -> &'static [&'static str] {
        match self {
            Self::Parquet => &["groups"],
            Self::FlatGeobuf => &["features", "index"],
            // With its journal a database goes back to its last transaction.
            Self::GeoPackage => &["data-journal"],
            Self::GeoJson | Self::GeoJsonSeq | Self::Csv | Self::Arrow | Self::Coco => &[],
        }
    }

    /// The work files of every format.
    pub(crate) fn all_work_files() -> impl Iterator<Item = &'static str> {
        Self::NAMED.into_iter().flat_map(|format| format.work_files().iter().copied())
    }

    /// The format that the extension of a file stands for.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when there is no extension, or an unknown one.
    pub fn of_path(path: &Path) -> Result<Self> {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
        let found = Self::ALL.into_iter().find(|f| f.extensions().contains(&extension.as_str()));
        found.ok_or_else(|| {
            let known: Vec<_> =
                Self::ALL.iter().flat_map(|f| f.extensions()).map(|e| format!(".{e}")).collect();
            Error::query(format!("the name `{}` does not tell a format", path.display()))
                .with_hint(Hint::NameFormat { extensions: known })
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Self::NAMED.map(Self::name);
        Self::NAMED.into_iter().find(|f| f.name() == text).ok_or_else(|| unknown("format", text, &known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_tells_the_format() {
        for (name, format) in [
            ("a.geojson", Format::GeoJson),
            ("a.JSON", Format::GeoJson),
            ("a.b.geojsonl", Format::GeoJsonSeq),
            ("dir/a.ndjson", Format::GeoJsonSeq),
            ("a.csv", Format::Csv),
            ("a.arrow", Format::Arrow),
            ("a.parquet", Format::Parquet),
            ("a.fgb", Format::FlatGeobuf),
            ("a.gpkg", Format::GeoPackage),
        ] {
            assert_eq!(Format::of_path(Path::new(name)).unwrap(), format, "{name}");
        }
        assert!(Format::of_path(Path::new("town")).is_err() && Format::of_path(Path::new("a.shp")).is_err());
    }

    #[test]
    fn every_format_has_a_name_that_stands_for_it_and_only_coco_has_no_extension() {
        for format in Format::NAMED {
            assert_eq!(format.name().parse::<Format>().unwrap(), format);
            assert_eq!(format.extensions().is_empty(), !Format::ALL.contains(&format), "{format}");
        }
        assert!(Format::Coco.is_text());
    }

    #[test]
    fn a_misspelt_format_names_the_nearest() {
        let Error::InvalidQuery { what, hint } = "geojsn".parse::<Format>().unwrap_err() else { panic!() };
        assert_eq!(
            (what.as_str(), hint),
            ("unknown format `geojsn`", Some("did you mean `geojson`?".into()))
        );
    }
}
