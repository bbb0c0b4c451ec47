//! Reads areas from files: the geometries of every kind that people have, in the formats that they have them in.

mod flatgeobuf;
mod geojson;
#[cfg(feature = "sqlite")]
mod geopackage;
mod gpx;
mod kml;
#[cfg(feature = "parquet")]
mod parquet;
mod shapefile;
mod table;
mod wkb;
mod wkt;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::archive::Archive;
use super::beginning::{Beginning, Form, unreadable};
use super::layer::{file_and_layer, only_layer};
use super::shapefile::Shapefile;
use crate::error::{Error, Result};
use crate::query::{Area, DrawingBuilder, Shape};

/// Reads the area of a query from a file or a text.
///
/// It reads GeoJSON (a geometry, features, or several documents one after the other), `GeoPackage`, `FlatGeobuf`,
/// `GeoParquet`, shapefiles (`.shp`, or a `.zip` with one), KML and KMZ, GPX, well-known text with one geometry a line, and
/// CSV with a column `wkt` or with `longitude` and `latitude`. The content tells the format. All geometries of the file are the area.
///
/// ```
/// use mly::source::AreaReader;
///
/// let route = AreaReader::new().with_buffer_m(20.0).text("LINESTRING (9.00 51.99, 9.01 52.00)")?;
/// assert_eq!(route.to_string(), "20 m around 1 line of 2 positions");
/// # Ok::<(), mly::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a reader reads nothing until it is given a file"]
pub struct AreaReader {
    buffer_m: Option<f64>,
    column: Option<String>,
}

impl AreaReader {
    /// A reader of polygons.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes everything within this distance of the polygons, lines and points, in metres along the ground.
    ///
    /// The distance is exact within a centimetre on the ellipsoid of WGS 84, also across the antimeridian and at the poles;
    /// lines are straight in longitude and latitude and have round ends. Lines and points need it.
    pub fn with_buffer_m(self, metres: f64) -> Self {
        Self { buffer_m: Some(metres), ..self }
    }

    /// Adds a column `area` to the result: this property of the first feature of the file that holds the row, or its number,
    /// counted from 0, for `index`.
    pub fn with_column(self, name: impl Into<String>) -> Self {
        Self { column: Some(name.into()), ..self }
    }

    /// The area in a file. `FILE#LAYER` chooses a layer of a file that has several.
    ///
    /// # Errors
    /// [`Error::Input`] when the file cannot be read, its format is not known, or it has several layers;
    /// [`Error::InvalidQuery`] when it has nothing to make an area of, or lines and points without a buffer, or a position is
    /// not on this earth.
    pub fn file(&self, path: &Path) -> Result<Area> {
        let (path, layer) = file_and_layer(path);
        let shape = self.layer(&path, layer.as_deref());
        shape.map(Area::of_shape).map_err(|error| error.with_path(&path))
    }

    /// The area in a text: GeoJSON, KML, GPX, well-known text or CSV.
    ///
    /// # Errors
    /// As [`AreaReader::file`].
    pub fn text(&self, text: &str) -> Result<Area> {
        self.document(text).map(Area::of_shape).map_err(of_text)
    }

    fn document(&self, text: &str) -> Result<Shape> {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let found = DrawingBuilder::new(self.column.as_deref());
        match text.as_bytes().first() {
            None => {
                Err(Error::input("it is empty").with_hint("give GeoJSON, KML, GPX, well-known text or CSV"))
            }
            Some(b'{' | b'[' | 0x1E) => geojson::read(text, found, self.buffer_m),
            Some(b'<') if gpx::is_gpx(text) => gpx::read(text, found, self.buffer_m),
            Some(b'<') => kml::read(text, found, self.buffer_m),
            Some(_) if wkt::is_wkt(text) => wkt::read(text, found, self.buffer_m),
            Some(_) => table::read(text, found, self.buffer_m),
        }
    }

    /// The area in a stream of text. Other formats are read from their end, or more than once, and need a file.
    ///
    /// # Errors
    /// As [`AreaReader::file`].
    pub fn stream(&self, mut input: impl Read) -> Result<Area> {
        let bytes = limited(&mut input, MOST).map_err(unreadable)?;
        match String::from_utf8(bytes) {
            Ok(text) if !text.starts_with("PK\u{3}\u{4}") && !text.starts_with("SQLite format 3") => {
                self.text(&text)
            }
            _ => Err(Error::input("this is no text, and other formats cannot be read from a stream")
                .with_hint("give a file")),
        }
    }

    fn layer(&self, path: &Path, layer: Option<&str>) -> Result<Shape> {
        let cannot = |e: io::Error| {
            Error::input("it cannot be read")
                .with_hint("name a file that exists and may be read")
                .with_source(e)
        };
        if path.metadata().map_err(cannot)?.is_dir() {
            return Err(Error::input("this is a folder").with_hint("name a file in it"));
        }
        let mut file = File::open(path).map_err(cannot)?;
        let found = DrawingBuilder::new(self.column.as_deref());
        let mut head = [0; 4];
        let length = file.read(&mut head).map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let is_layered = matches!(&head[..length], b"PK\x03\x04" | b"SQLi");
        if !is_layered {
            only_layer(layer)?;
        }
        match &head[..length] {
            [0, 0, 0x27, 0x0A] => {
                return shapefile::read(Shapefile::of(file, path)?, found, self.buffer_m);
            }
            b"PK\x03\x04" => {
                let mut archive = Archive::new(file)?;
                return match archive.kml()? {
                    Some(text) => {
                        only_layer(layer)?;
                        kml::read(&text, found, self.buffer_m)
                    }
                    None => {
                        shapefile::read(Shapefile::in_archive(&mut archive, layer)?, found, self.buffer_m)
                    }
                };
            }
            _ => {}
        }
        let form = Beginning::of(&file)?.form;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        match form {
            #[cfg(feature = "sqlite")]
            Form::Database => geopackage::read(path, layer, found, self.buffer_m),
            Form::FlatGeobuf => flatgeobuf::read(file, found, self.buffer_m),
            #[cfg(feature = "parquet")]
            Form::Parquet => parquet::read(file, found, self.buffer_m),
            Form::ArrowFile | Form::ArrowStream => Err(Error::input("areas are not read from Arrow files")
                .with_hint("mly convert makes a GeoParquet file of it")),
            Form::Json | Form::Text | Form::Nothing => {
                let bytes = limited(&mut file, MOST).map_err(unreadable)?;
                let text = String::from_utf8(bytes).map_err(|_no_text| {
                    Error::input("this is no format that areas are read from").with_hint(
                        "give GeoJSON, GeoPackage, FlatGeobuf, GeoParquet, a shapefile, KML, GPX, WKT or CSV",
                    )
                })?;
                self.document(&text)
            }
        }
    }
}

/// Most bytes of a text: the borders of all countries in every detail have less. A device may have no end.
const MOST: u64 = 512 << 20;

fn limited(input: &mut impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let count = input.take(most + 1).read_to_end(&mut bytes)?;
    if count as u64 > most {
        return Err(io::Error::other(format!("it has more than {most} bytes")));
    }
    Ok(bytes)
}

/// A text is an argument, and no file that could be named: what is wrong with it is wrong with the query.
fn of_text(error: Error) -> Error {
    let Error::Input { at, what, hint, source, .. } = error else { return error };
    let place = at.map(|at| format!("{at}: ")).unwrap_or_default();
    let cause = source.map(|cause| format!(": {cause}")).unwrap_or_default();
    Error::InvalidQuery { what: format!("{place}{what}{cause}"), hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_an_end_is_not_read_for_ever() {
        assert_eq!(limited(&mut &b"POINT"[..], 5).unwrap(), b"POINT");
        let error = limited(&mut io::repeat(b' '), 5).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 5 bytes");
    }
}
