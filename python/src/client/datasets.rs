//! Data sets for training, made of images or map features.

use std::path::PathBuf;

use mly::source::Kind;
use mly_dataset::{Assembly, Classes, Dataset, DatasetFormat, Split, SubjectIds};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::{AsyncClient, Client};
use crate::arguments::{Names, UnknownKeywords, optional, refuse, value, word};
use crate::ask::Ask;
use crate::errors::to_py;
use crate::ids::of_images_or_features;
use crate::session::photo_size;

/// The settings as arguments of Python.
struct Keywords<'a, 'py> {
    to: &'a Bound<'py, PyAny>,
    format: &'a Bound<'py, PyAny>,
    size: Option<&'a Bound<'py, PyAny>>,
    split: Option<&'a Bound<'py, PyAny>>,
    by: Option<&'a Bound<'py, PyAny>>,
    negatives: Option<&'a Bound<'py, PyAny>>,
    classes: Option<&'a Bound<'py, PyAny>>,
}

impl Keywords<'_, '_> {
    fn dataset(&self) -> PyResult<Dataset> {
        let to: PathBuf = value("to", self.to)?;
        let format: DatasetFormat = word("format", Some(self.format))?.unwrap_or(DatasetFormat::Coco);
        let mut dataset = Dataset::into(to).with_format(format).with_size(photo_size(self.size)?);
        if let Some(shares) = optional::<(f64, f64, f64)>("split", self.split)? {
            let split = Split::new([shares.0, shares.1, shares.2]).map_err(to_py)?;
            dataset = dataset.with_split(split);
        }
        if let Some(grouping) = word("by", self.by)? {
            dataset = dataset.with_grouping(grouping);
        }
        if let Some(negatives) = optional("negatives", self.negatives)? {
            dataset = dataset.with_negatives(negatives);
        }
        if let Some(given) = self.classes.filter(|given| !given.is_none()) {
            dataset = dataset.with_classes(classes(given)?);
        }
        Ok(dataset)
    }
}

/// Values in order, or a dict of the class of each value.
fn classes(given: &Bound<'_, PyAny>) -> PyResult<Classes> {
    if given.is_instance_of::<PyDict>() {
        let text: String = given.py().import("json")?.call_method1("dumps", (given,))?.extract()?;
        return Classes::read(&text).map_err(to_py);
    }
    let Names(names) = value("classes", given)?;
    Classes::of_values(names).map_err(to_py)
}

/// Makes a data set, and tells what is in it.
async fn assemble(
    client: mly::Client,
    subjects: SubjectIds,
    dataset: Dataset,
) -> mly::Result<mly_dataset::Assembled> {
    let mut assembly = Assembly::open(client, subjects, dataset)?;
    while let Some(stage) = assembly.next_stage()? {
        stage.finish().await?;
    }
    assembly.finish()
}

macro_rules! datasets {
    ($class:ident, $end:ident) => {
        #[pymethods]
        impl $class {
            /// Makes a data set for training a detector: photos, and labels of what is in them.
            ///
            /// Detections are looked up, photos downloaded, and images divided into those to train, to validate and to test
            /// with. The same call resumes an interrupted one.
            ///
            /// Args:
            ///     rows: Images or map features: a file, ids of images, or a table with a column of ids, such as a result.
            ///     to: The folder, new or empty, or one with the same data set.
            ///     format: "coco", "yolo" or "webdataset".
            ///     size: Width of the photos in pixels, 256, 1024 or 2048, or "original".
            ///     split: Percent to train, to validate and to test with, 80, 10 and 10 unless given.
            ///     by: What is never divided, "sequence" or "image".
            ///     negatives: Whether also images without a label are in it.
            ///     classes: Values that are classes, in this order (* stands for any text), or a dict of the class of each
            ///         value. Unless given, every value is one.
            ///
            /// Returns:
            ///     A dict: images, labels, parts (images of the three parts), classes (labels by class), failed (reasons by
            ///     id) and warnings.
            ///
            /// Raises:
            ///     OutputError: The folder cannot be written to.
            ///     InvalidQueryError: An argument makes no sense, or the folder holds something else.
            #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
            #[pyo3(
                signature = (
                    rows: "Rows | Ids", to: "str | PathLike[str]", format: "Literal['coco', 'yolo', 'webdataset']", *,
                    size: "Size" = None, split: "tuple[float, float, float]" = None,
                    by: "Literal['sequence', 'image']" = None, negatives: "bool" = None,
                    classes: "Iterable[str] | dict[str, str] | None" = None, **unknown
                ) -> "Given[dict[str, Any]]",
                text_signature = "($self, rows, to, format, *, size=1024, split=(80, 10, 10), by='sequence', negatives=False, classes=None)"
            )]
            fn dataset(
                &self,
                rows: &Bound<'_, PyAny>,
                to: &Bound<'_, PyAny>,
                format: &Bound<'_, PyAny>,
                size: Option<&Bound<'_, PyAny>>,
                split: Option<&Bound<'_, PyAny>>,
                by: Option<&Bound<'_, PyAny>>,
                negatives: Option<&Bound<'_, PyAny>>,
                classes: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                let known = ["rows", "to", "format", "size", "split", "by", "negatives", "classes"];
                refuse(unknown, "Client.dataset", &known)?;
                let dataset = Keywords { to, format, size, split, by, negatives, classes }.dataset()?;
                let found = of_images_or_features(rows, "rows")?;
                let subjects = match found.kind {
                    Some(Kind::MapFeature) => SubjectIds::map_features(found.ids),
                    _ => SubjectIds::images(found.ids),
                };
                let work = assemble(self.0.client(rows.py())?, subjects, dataset);
                let give = |py: Python<'_>, made: mly_dataset::Assembled| {
                    let told = PyDict::new(py);
                    told.set_item("images", made.images)?;
                    told.set_item("labels", made.labels)?;
                    told.set_item("parts", made.parts)?;
                    told.set_item("classes", PyDict::from_sequence(&made.classes.into_pyobject(py)?)?)?;
                    told.set_item("failed", PyDict::from_sequence(&made.failed.into_pyobject(py)?)?)?;
                    told.set_item("warnings", made.warnings)?;
                    Ok(told.into_any().unbind())
                };
                Ask::new(work, give).$end(rows.py())
            }
        }
    };
}

datasets!(Client, wait);
datasets!(AsyncClient, begin);
