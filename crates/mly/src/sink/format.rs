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
    /// An Arrow IPC file, or an Arrow IPC stream where it is written to a stream.
    Arrow,
    /// GeoParquet 1.1, in row groups along the Hilbert curve.
    Parquet,
    /// FlatGeobuf, with its spatial index.
    FlatGeobuf,
    /// A GeoPackage 1.4, with its spatial index.
    GeoPackage,
    /// PMTiles 3: vector tiles of all zooms for maps. Positions are rounded, so it is written and not read.
    PmTiles,
    /// COCO JSON, for detections in pixels and nothing else.
    Coco,
}

/// What is true of a format, whatever is written in it.
///
/// A new format is a variant of [`Format`], a row here, its writer in [`resume`](super::resume) and, if it can be read, its
/// reader in [`source`](crate::source). Options, help, stubs and the reference follow from the row.
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts")]
struct Facts {
    format: Format,
    /// As users write it.
    name: &'static str,
    /// Of files, the usual one first; none for a format that has to be named.
    extensions: &'static [&'static str],
    /// Other names by which people ask for it, besides its extensions.
    also: &'static [&'static str],
    /// Whether it can be shown on a terminal.
    is_text: bool,
    /// Whether it can be written to a file only, and neither to a stream nor to a device.
    needs_file: bool,
    /// Whether it takes rows of every kind.
    takes_any_rows: bool,
    /// Whether its rows are in a layer or table that has a name.
    has_layer: bool,
    /// Whether a file can have several tables.
    has_tables: bool,
    /// Whether its rows can be read again.
    can_be_read: bool,
    /// The feature of this crate that it needs, if that is switched off.
    switched_off: Option<&'static str>,
    /// Files that it keeps beside `data` in a folder of unfinished work.
    work_files: &'static [&'static str],
}

/// The name of a feature of this crate, unless it is switched on.
const fn unless(is_on: bool, feature: &'static str) -> Option<&'static str> {
    if is_on { None } else { Some(feature) }
}

/// One row for each format, in the order in which help lists them.
const FORMATS: [Facts; 9] = [
    Facts {
        format: Format::GeoJson,
        name: "geojson",
        extensions: &["geojson", "json"],
        also: &[],
        is_text: true,
        needs_file: false,
        takes_any_rows: true,
        has_layer: false,
        has_tables: false,
        can_be_read: true,
        switched_off: None,
        work_files: &[],
    },
    Facts {
        format: Format::GeoJsonSeq,
        name: "geojsonseq",
        extensions: &["geojsonl", "geojsonseq", "ndjson"],
        also: &["jsonl", "geojson-seq", "ndgeojson"],
        is_text: true,
        needs_file: false,
        takes_any_rows: true,
        has_layer: false,
        has_tables: false,
        can_be_read: true,
        switched_off: None,
        work_files: &[],
    },
    Facts {
        format: Format::Csv,
        name: "csv",
        extensions: &["csv"],
        also: &["text", "txt", "tsv", "excel", "xls", "xlsx"],
        is_text: true,
        needs_file: false,
        takes_any_rows: true,
        has_layer: false,
        has_tables: false,
        can_be_read: true,
        switched_off: None,
        work_files: &[],
    },
    Facts {
        format: Format::Arrow,
        name: "arrow",
        extensions: &["arrow", "feather"],
        also: &["ipc"],
        is_text: false,
        needs_file: false,
        takes_any_rows: true,
        has_layer: false,
        has_tables: false,
        can_be_read: true,
        switched_off: None,
        work_files: &[],
    },
    Facts {
        format: Format::Parquet,
        name: "parquet",
        extensions: &["parquet", "geoparquet"],
        also: &["pq"],
        is_text: false,
        needs_file: false,
        takes_any_rows: true,
        has_layer: false,
        has_tables: false,
        can_be_read: true,
        switched_off: unless(cfg!(feature = "parquet"), "parquet"),
        work_files: &["groups"],
    },
    Facts {
        format: Format::FlatGeobuf,
        name: "fgb",
        extensions: &["fgb"],
        also: &["flatgeobuf"],
        is_text: false,
        needs_file: false,
        takes_any_rows: true,
        has_layer: true,
        has_tables: false,
        can_be_read: true,
        switched_off: None,
        work_files: &["features", "index"],
    },
    Facts {
        format: Format::GeoPackage,
        name: "gpkg",
        extensions: &["gpkg"],
        also: &["geopackage", "sqlite", "shp", "shapefile"],
        is_text: false,
        needs_file: true,
        takes_any_rows: true,
        has_layer: true,
        has_tables: true,
        can_be_read: true,
        switched_off: unless(cfg!(feature = "sqlite"), "sqlite"),
        // With its journal a database goes back to its last window.
        work_files: &["data-journal"],
    },
    Facts {
        format: Format::PmTiles,
        name: "pmtiles",
        extensions: &["pmtiles"],
        also: &["mbtiles", "mvt", "tiles"],
        is_text: false,
        needs_file: false,
        takes_any_rows: true,
        has_layer: true,
        has_tables: false,
        can_be_read: false,
        switched_off: None,
        work_files: &["tile-rows", "tile-runs", "tile-pieces", "tiles"],
    },
    Facts {
        format: Format::Coco,
        name: "coco",
        extensions: &[],
        also: &[],
        is_text: true,
        needs_file: false,
        takes_any_rows: false,
        has_layer: false,
        has_tables: false,
        can_be_read: false,
        switched_off: None,
        work_files: &[],
    },
];

/// How many formats this build of the crate writes.
const WRITABLE: usize = {
    let (mut count, mut row) = (0, 0);
    while row < FORMATS.len() {
        count += FORMATS[row].switched_off.is_none() as usize;
        row += 1;
    }
    count
};

impl Format {
    /// Every format, but for those whose feature of this crate is switched off.
    pub const ALL: [Self; WRITABLE] = {
        let mut all = [Self::GeoJson; WRITABLE];
        let (mut at, mut row) = (0, 0);
        while row < FORMATS.len() {
            if FORMATS[row].switched_off.is_none() {
                all[at] = FORMATS[row].format;
                at += 1;
            }
            row += 1;
        }
        all
    };

    /// The formats that take rows of every kind, which is all but [`Format::Coco`].
    pub fn of_any_rows() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|format| format.facts().takes_any_rows)
    }

    fn facts(self) -> &'static Facts {
        // The rows stand in the order of the variants, which a test looks at.
        &FORMATS[self as usize]
    }

    /// Name as users write it.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// Extensions of files in this format; the first one is the usual one.
    ///
    /// None for a format that has to be named.
    pub fn extensions(self) -> &'static [&'static str] {
        self.facts().extensions
    }

    /// Whether it can be shown on a terminal.
    pub fn is_text(self) -> bool {
        self.facts().is_text
    }

    /// Whether it can be written to a file only, and neither to a stream nor to a device.
    pub fn needs_file(self) -> bool {
        self.facts().needs_file
    }

    /// Whether its rows are in a layer or table that has a [name](super::with_layer).
    pub fn has_layer(self) -> bool {
        self.facts().has_layer
    }

    /// Whether a file can have [several tables](super::Sink::next_table).
    pub fn has_tables(self) -> bool {
        self.facts().has_tables
    }

    /// Whether [`source::rows`](crate::source::rows) reads it.
    pub fn can_be_read(self) -> bool {
        self.facts().can_be_read
    }

    /// The format, or an error if the feature of this crate that it needs is switched off.
    pub(crate) fn in_this_build(self) -> Result<Self> {
        let Some(feature) = self.facts().switched_off else { return Ok(self) };
        let hint = format!("enable the feature `{feature}` of the crate mly");
        Err(Error::query(format!("the format `{self}` is not part of this build of mly")).with_hint(hint))
    }

    /// Names of the files that formats keep beside `data` in a folder of unfinished work.
    pub(crate) fn work_files() -> impl Iterator<Item = &'static str> {
        FORMATS.iter().flat_map(|facts| facts.work_files).copied()
    }

    /// The format that the extension of a file stands for.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when there is no extension, or an unknown one, or that of a format that this build of the
    /// crate lacks.
    pub fn of_path(path: &Path) -> Result<Self> {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
        let found = FORMATS.iter().find(|facts| facts.extensions.contains(&extension.as_str()));
        if let Some(Facts { format, .. }) = found {
            return format.in_this_build();
        }
        let extensions = Self::ALL.iter().flat_map(|f| f.extensions()).map(|e| format!(".{e}")).collect();
        Err(Error::query(format!("cannot tell the format from the name `{}`", path.display()))
            .with_hint(Hint::NameFormat { extensions }))
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
        if let Some(found) = FORMATS.iter().find(|facts| facts.name == text) {
            return found.format.in_this_build();
        }
        // People write what they know: the extension of the files, or the whole name of the format.
        let plain = text.trim_start_matches('.').to_lowercase();
        let meant = Self::ALL
            .into_iter()
            .find(|f| f.facts().also.contains(&plain.as_str()) || f.extensions().contains(&plain.as_str()));
        Err(match meant {
            Some(format) => Error::query(format!("unknown format `{text}`"))
                .with_hint(format!("did you mean `{format}`?")),
            None => unknown("format", text, &Self::ALL.map(Self::name)),
        })
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
            ("a.feather", Format::Arrow),
            ("a.parquet", Format::Parquet),
            ("a.geoparquet", Format::Parquet),
            ("a.fgb", Format::FlatGeobuf),
            ("a.gpkg", Format::GeoPackage),
            ("a.pmtiles", Format::PmTiles),
        ] {
            match format.facts().switched_off {
                None => assert_eq!(Format::of_path(Path::new(name)).unwrap(), format, "{name}"),
                Some(feature) => {
                    let Err(Error::InvalidQuery { hint: Some(hint), .. }) = Format::of_path(Path::new(name))
                    else {
                        panic!("{name}")
                    };
                    assert!(hint.to_string().contains(&format!("`{feature}`")), "{hint}");
                }
            }
        }
        assert!(Format::of_path(Path::new("town")).is_err() && Format::of_path(Path::new("a.shp")).is_err());
    }

    #[test]
    fn every_format_has_a_name_that_stands_for_it_and_only_coco_has_no_extension() {
        for format in Format::ALL {
            assert_eq!(format.facts().format, format, "the row of another format");
            assert_eq!(format.name().parse::<Format>().unwrap(), format);
            assert_eq!(format.extensions().is_empty(), format == Format::Coco, "{format}");
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
