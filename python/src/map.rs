//! `mly.Map`: results on a map.

use std::io::Write;
use std::path::{Path, PathBuf};

use mly::sink::{self, Destination};
use mly::source;
use mly_jobs::Input;
use mly_map::{Basemap, MapError, Page};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::arguments::{UnknownKeywords, optional, refuse, value};
use crate::errors::{internal, to_py};
use crate::html;
use crate::jobs::input;

/// A map of one or more results, as an HTML page that needs no network.
///
/// Notebooks show it as it is.
#[pyclass(module = "mly", frozen)]
pub(crate) struct Map {
    html: String,
    layers: Vec<String>,
}

/// Puts results on a map, as `mly map` does.
///
/// Args:
///     results: Each is a layer: a file, a mly.Table, Batches, or a table or frame of another package, or a dict of these by
///         the name of the layer. Without a name, a layer is named after its file or after what it holds.
///     title: The title of the page.
///     basemap: "osm", the address of raster tiles, or that of a style of MapLibre, to be shown below. Whoever looks at the
///         page then asks that host for tiles; without it, the page sends no request.
///
/// Returns:
///     The map. It has save("page.html").
///
/// Raises:
///     InvalidQueryError: A column or geometry cannot be shown, or the page would be larger than browsers open.
///     InputError: An input cannot be read.
#[pyfunction]
#[pyo3(
    signature = (*results: "Rows | dict[str, Rows]", title: "str" = None, basemap: "str | None" = None) -> "Map",
    text_signature = "(*results, title='Map', basemap=None)"
)]
pub(crate) fn map(
    py: Python<'_>,
    results: &Bound<'_, PyTuple>,
    title: Option<String>,
    basemap: Option<String>,
) -> PyResult<Map> {
    let mut page = Page::new(title.unwrap_or_else(|| "Map".to_owned()));
    if let Some(text) = basemap {
        let basemap: Basemap = text.parse().map_err(|e: MapError| of_map(e))?;
        page = page.with_basemap(basemap);
    }
    for given in results {
        if let Ok(named) = given.cast::<PyDict>() {
            for (name, rows) in named {
                page = with_layer(py, page, Some(name.extract()?), input("results", &rows)?)?;
            }
        } else {
            page = with_layer(py, page, None, input("results", &given)?)?;
        }
    }
    let layers = page.layer_names().map(str::to_owned).collect();
    let mut html = Vec::new();
    py.detach(|| page.write(&mut html)).map_err(of_map)?;
    Ok(Map { html: String::from_utf8(html).map_err(internal)?, layers })
}

fn with_layer(py: Python<'_>, page: Page, name: Option<String>, rows: Input) -> PyResult<Page> {
    py.detach(|| match rows {
        Input::File(path) => {
            let rows = source::rows(&path).map_err(MapError::Rows)?;
            let schema = rows.schema();
            page.with_layer(&name.unwrap_or_else(|| stem(&path)), &schema, rows)
        }
        Input::Table(table) => {
            let schema = table.schema();
            let name = name.or_else(|| sink::layer_of(&schema).map(str::to_owned));
            let batches = table.batches().to_vec();
            page.with_layer(&name.unwrap_or_else(|| "rows".to_owned()), &schema, batches.into_iter().map(Ok))
        }
    })
    .map_err(of_map)
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn of_map(error: MapError) -> PyErr {
    match error {
        MapError::Rows(error) => to_py(error),
        other => to_py(mly::Error::query(other.to_string())),
    }
}

#[pymethods]
impl Map {
    /// The page as text.
    #[getter]
    fn html(&self) -> &str {
        &self.html
    }

    /// Names of the layers, in order.
    #[getter]
    fn layers(&self) -> Vec<String> {
        self.layers.clone()
    }

    /// Writes the page into a file.
    ///
    /// Args:
    ///     path: The file, such as "page.html".
    ///     overwrite: Whether a file at this path is replaced.
    ///
    /// Raises:
    ///     InvalidQueryError: There is a file at this path.
    ///     OutputError: The file cannot be written.
    #[pyo3(
        signature = (path: "str | PathLike[str]", overwrite: "bool" = None, **unknown) -> "None",
        text_signature = "($self, path, overwrite=False)"
    )]
    fn save(
        &self,
        path: &Bound<'_, PyAny>,
        overwrite: Option<&Bound<'_, PyAny>>,
        unknown: Option<UnknownKeywords<'_, '_>>,
    ) -> PyResult<()> {
        refuse(unknown, "Map.save", &["path", "overwrite"])?;
        let path: PathBuf = value("path", path)?;
        let overwrite = optional("overwrite", overwrite)?.unwrap_or_default();
        let mut destination = Destination::file(&path, overwrite).map_err(to_py)?;
        let written = destination.write_all(self.html.as_bytes()).and_then(|()| destination.commit());
        written.map_err(|source| {
            to_py(mly::Error::Output { path: Some(path), format: "html", source: source.into() })
        })
    }

    fn __repr__(&self) -> String {
        format!("<mly.Map of {}>", self.layers.join(", "))
    }

    fn _repr_html_(&self) -> String {
        // In a frame of its own, so that its styles and the notebook's do not mix.
        format!(
            "<iframe srcdoc=\"{}\" style=\"width:100%;height:560px;border:0\"></iframe>",
            html::escaped(&self.html)
        )
    }
}
