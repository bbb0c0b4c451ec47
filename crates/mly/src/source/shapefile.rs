//! Opens shapefiles (ESRI 1998, "Shapefile Technical Description"), alone or in a zip archive.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use shapefile::{Shape, ShapeReader, ShapeType};

use super::archive::Archive;
use super::beginning::unreadable;
use super::dbf::{DbfColumn, DbfTable, DbfValue};
use super::layer::{one_layer, only_layer};
use crate::crs::Crs;
use crate::error::{Cause, Error, Hint, Place, Result};

/// What the files of a shapefile are read from.
pub(super) trait ShapeInput: Read + Seek {}

impl<T: Read + Seek> ShapeInput for T {}

/// A shapefile whose header and table have been opened.
pub(super) struct Shapefile {
    shapes: ShapeReader<Box<dyn ShapeInput>>,
    /// The values of the features.
    table: Option<DbfTable<Box<dyn ShapeInput>>>,
    /// The reference system, if the file tells it. Without one the numbers have to be degrees.
    pub(super) crs: Option<Crs>,
}

/// What a shapefile is made of.
struct ShapeParts {
    shapes: Box<dyn ShapeInput>,
    table: Option<Box<dyn ShapeInput>>,
    code_page: Option<Vec<u8>>,
    prj: Option<Vec<u8>>,
}

impl Shapefile {
    /// The shapefile in a file, if it is one or an archive with one. Otherwise the file is at its beginning again.
    pub(super) fn found(file: &mut File, path: &Path, layer: Option<&str>) -> Result<Option<Self>> {
        let mut head = Vec::new();
        file.take(4).read_to_end(&mut head).map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let again = || file.try_clone().map_err(unreadable);
        match head.as_slice() {
            [0, 0, 0x27, 0x0A] => {
                only_layer(layer)?;
                Self::of(again()?, path).map(Some)
            }
            b"PK\x03\x04" => {
                let archive = Archive::new(again()?).ok();
                let archive = archive.filter(|archive| archive.names("shp").next().is_some());
                let found = archive.map(|mut archive| Self::in_archive(&mut archive, layer)).transpose();
                // A copy of a file shares its place.
                file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
                found
            }
            _ => Ok(None),
        }
    }

    /// The one of a `.shp`; `.dbf`, `.cpg` and `.prj` stand beside it, if they are there.
    pub(super) fn of(file: File, path: &Path) -> Result<Self> {
        // The index of a shapefile begins with the same bytes.
        if path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("shx")) {
            return Err(Error::input("this is the index of a shapefile").with_hint("name the .shp"));
        }
        let beside = |suffix: &str| -> Option<PathBuf> {
            let names = [suffix.to_owned(), suffix.to_uppercase()];
            names.iter().map(|suffix| path.with_extension(suffix)).find(|path| path.is_file())
        };
        let table = beside("dbf").map(File::open).transpose();
        let table = table.map_err(|e| Error::input("the .dbf cannot be read").with_source(e))?;
        let text = |suffix: &str| beside(suffix).and_then(|path| std::fs::read(path).ok());
        Self::open(ShapeParts {
            shapes: Box::new(BufReader::new(file)),
            table: table.map(|table| Box::new(BufReader::new(table)) as _),
            code_page: text("cpg"),
            prj: text("prj"),
        })
    }

    /// The one in an archive, or the one of this name.
    pub(super) fn in_archive(archive: &mut Archive, layer: Option<&str>) -> Result<Self> {
        let stem = |name: &str| Path::new(name).with_extension("").display().to_string();
        let mut layers: Vec<String> = archive.names("shp").map(stem).collect();
        layers.sort_unstable();
        let names: Vec<&str> = layers.iter().map(String::as_str).collect();
        if names.is_empty() {
            return Err(Error::input("the zip archive holds neither a shapefile nor KML")
                .with_hint("unpack it, and give the file"));
        }
        let layer = &layers[one_layer("zip archive", &names, layer)?];
        let mut part = |suffix: &str| -> Result<Option<Vec<u8>>> {
            let name = archive.names(suffix).find(|name| stem(name) == *layer).map(str::to_owned);
            name.map(|name| archive.read(&name)).transpose()
        };
        Self::open(ShapeParts {
            shapes: Box::new(Cursor::new(part("shp")?.unwrap_or_default())),
            table: part("dbf")?.map(|bytes| Box::new(Cursor::new(bytes)) as _),
            code_page: part("cpg")?,
            prj: part("prj")?,
        })
    }

    fn open(parts: ShapeParts) -> Result<Self> {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let code_page = parts.code_page.map(text);
        let table = parts.table.map(|table| DbfTable::open(table, code_page.as_deref())).transpose()?;
        let shapes = ShapeReader::new(parts.shapes).map_err(broken)?;
        let prj = parts.prj.map(text).filter(|text| !text.trim().is_empty());
        let crs = prj.map(|text| Crs::of_text(&text)).transpose();
        let crs = crs.map_err(|other| Error::input(other.to_string()).with_hint(Hint::Reproject))?;
        Ok(Self { shapes, table, crs })
    }

    /// What the file says that its shapes are.
    pub(super) fn shape_type(&self) -> ShapeType {
        self.shapes.header().shape_type
    }

    /// The columns of the table, if there is one.
    pub(super) fn columns(&self) -> &[DbfColumn] {
        self.table.as_ref().map_or(&[], DbfTable::columns)
    }

    /// Visits the features that are not deleted, by their number from 1, with their shapes and the values of some columns.
    pub(super) fn each(
        mut self,
        columns: &[DbfColumn],
        mut visit: impl FnMut(u64, Shape, Vec<DbfValue>) -> Result<()>,
    ) -> Result<()> {
        let unlike = || {
            Error::input("the .shp and the .dbf have different numbers of features")
                .with_hint("ogr2ogr OUT.gpkg IN.shp tells which belong together")
        };
        for (number, shape) in (1..).zip(self.shapes.iter_shapes()) {
            let shape = shape.map_err(|e| broken(e).with_place(Place::AfterFeature(number - 1)))?;
            let mut values = Vec::new();
            if let Some(table) = &mut self.table {
                if !table.advance()? {
                    return Err(unlike());
                }
                if table.is_deleted() {
                    continue;
                }
                values = columns.iter().map(|column| table.value(column)).collect::<Result<_>>()?;
            }
            visit(number, shape, values)?;
        }
        match self.table.map(|mut table| table.advance()).transpose()? {
            Some(true) => Err(unlike()),
            _ => Ok(()),
        }
    }
}

fn broken(error: shapefile::Error) -> Error {
    Error::input("the shapefile cannot be read")
        .with_hint("write the file again")
        .with_source(Cause::from(error))
}
