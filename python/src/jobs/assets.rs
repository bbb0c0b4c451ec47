//! `mly.assets`: an inventory of signs.

use mly_jobs::assets::Assets;
use pyo3::prelude::*;

use super::found::FoundBuilder;
use super::input::{input, optional_input};
use crate::arguments::date;
use crate::errors::to_py;
use crate::table::Table;

/// Makes an inventory with one row for each physical sign or object, as `mly assets` does.
///
/// Args:
///     signs: A result of signs or points: a file, a mly.Table, Batches, or a table or frame of another package. Its columns
///         aligned_direction and images are used if they are there.
///     features: The same map features, looked up with the fields aligned_direction and images.
///     detections: The detections of these map features, by which the best photo is found.
///     images: The images of the detections, looked up with the fields captured_at, sequence, computed_geometry,
///         quality_score, is_pano, width and height.
///     roads: Roads within 25 m of the signs, for the side of the road: data of OpenStreetMap, or lines.
///     as_of: The moment from which the age of photos counts; unless given, the newest date of all signs.
///
/// Returns:
///     One row for each sign. What is not known without look-ups is null. Its attribute found has numbers of map
///     features, of signs that are several of them, and of posts.
///
/// Raises:
///     InvalidQueryError: The rows are no signs or objects.
///     InputError: An input cannot be read.
#[pyfunction]
#[pyo3(
    signature = (
        signs: "Rows", *, features: "Rows | None" = None, detections: "Rows | None" = None,
        images: "Rows | None" = None, roads: "Rows | None" = None, as_of: "str | date | None" = None
    ) -> "Table"
)]
pub(crate) fn assets(
    py: Python<'_>,
    signs: &Bound<'_, PyAny>,
    features: Option<&Bound<'_, PyAny>>,
    detections: Option<&Bound<'_, PyAny>>,
    images: Option<&Bound<'_, PyAny>>,
    roads: Option<&Bound<'_, PyAny>>,
    as_of: Option<&Bound<'_, PyAny>>,
) -> PyResult<Table> {
    let mut job = Assets::of(input("signs", signs)?);
    if let Some(rows) = optional_input("features", features)? {
        job = job.with_features(rows);
    }
    if let Some(rows) = optional_input("detections", detections)? {
        job = job.with_detections(rows);
    }
    if let Some(rows) = optional_input("images", images)? {
        job = job.with_images(rows);
    }
    if let Some(rows) = optional_input("roads", roads)? {
        job = job.with_roads(rows);
    }
    if let Some(moment) = as_of {
        job = job.with_as_of_ms(mly::query::latest_ms(&date(moment)?).map_err(to_py)?);
    }
    let (table, numbers) = py.detach(|| job.run()).map_err(to_py)?;
    let found = FoundBuilder::new(py)
        .with("features", numbers.features)?
        .with("joined", numbers.joined)?
        .with("posts", numbers.posts)?
        .with("skipped", numbers.skipped)?
        .with("gone", numbers.gone)?
        .with("repeated", numbers.repeated)?
        .with("undated", numbers.undated)?;
    Ok(Table::of_job(&table, Some(found.build())))
}
