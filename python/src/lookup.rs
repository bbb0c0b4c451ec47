//! `mly.Lookup`: a question about ids.

use mly::{Outlines, Subject};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::arguments::{Names, UnknownKeywords, optional, refuse};
use crate::errors::to_py;
use crate::ids::{IdOwner, of_any};
use crate::plan::Plan;

/// A question about ids: of what, and which fields. Nothing is sent.
///
/// Lookups are values: they can be compared, printed and pickled. Each id is requested once, and the rows come in the order
/// of the ids, as often as an id is listed.
#[pyclass(module = "mly", name = "Lookup", frozen, eq)]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lookup(pub(crate) mly::Lookup);

impl Lookup {
    /// A lookup that has been checked.
    pub(crate) fn of(
        subject: Subject,
        ids: Vec<String>,
        fields: Option<&Bound<'_, PyAny>>,
        limit: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut lookup = mly::Lookup::new(subject, ids);
        if let Some(Names(names)) = optional("fields", fields)? {
            lookup = lookup.with_fields(names);
        }
        if let Some(rows) = optional("limit", limit)? {
            lookup = lookup.with_limit(rows);
        }
        lookup.check().map_err(to_py)?;
        Ok(Self(lookup))
    }

    /// The detections of images or of map features.
    pub(crate) fn of_detections(
        image_id: Option<&Bound<'_, PyAny>>,
        map_feature_id: Option<&Bound<'_, PyAny>>,
        pixels: Option<&Bound<'_, PyAny>>,
        raw: Option<&Bound<'_, PyAny>>,
        with_empty: Option<&Bound<'_, PyAny>>,
        limit: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let flag = |name, given| optional(name, given).map(Option::unwrap_or_default);
        let outlines = match (flag("pixels", pixels)?, flag("raw", raw)?) {
            (false, false) => Outlines::Normalised,
            (true, false) => Outlines::Pixels,
            (false, true) => Outlines::Raw,
            (true, true) => return Err(PyTypeError::new_err("give one of pixels= and raw=")),
        };
        let (subject, ids) = match (image_id, map_feature_id) {
            (Some(images), None) => {
                (Subject::DetectionsOfImage, of_any(images, "image_id", IdOwner::Images)?)
            }
            (None, Some(features)) => {
                (Subject::DetectionsOfMapFeature, of_any(features, "map_feature_id", IdOwner::MapFeatures)?)
            }
            _ => return Err(PyTypeError::new_err("give one of image_id= and map_feature_id=")),
        };
        let lookup = Self::of(subject, ids, None, limit)?.0.with_outlines(outlines);
        let lookup = lookup.with_empty(flag("with_empty", with_empty)?);
        lookup.check().map_err(to_py)?;
        Ok(Self(lookup))
    }
}

macro_rules! lookup {
    ($($(#[$doc:meta])* $name:ident = $subject:ident of $wanted:ident)*) => {
        #[pymethods]
        impl Lookup {
            $(
                $(#[$doc])*
                ///
                /// Args:
                ///     ids: Ids as numbers or text, one or many, or a table with a column of them.
                ///     fields: Names of fields to keep besides id and geometry; all unless given.
                ///     limit: The most rows.
                ///
                /// Returns:
                ///     The lookup.
                ///
                /// Raises:
                ///     InvalidQueryError: An id or the name of a field cannot be one.
                ///     TypeError: An argument is of another type, or not known.
                #[staticmethod]
                #[pyo3(
                    signature = (
                        ids: "Ids", *, fields: "str | Iterable[str] | None" = None, limit: "int | None" = None, **unknown
                    ) -> "Lookup",
                    text_signature = "(ids, *, fields=None, limit=None)"
                )]
                fn $name(
                    ids: &Bound<'_, PyAny>,
                    fields: Option<&Bound<'_, PyAny>>,
                    limit: Option<&Bound<'_, PyAny>>,
                    unknown: Option<UnknownKeywords<'_, '_>>,
                ) -> PyResult<Self> {
                    refuse(unknown, concat!("Lookup.", stringify!($name)), &["ids", "fields", "limit"])?;
                    Self::of(Subject::$subject, of_any(ids, "ids", IdOwner::$wanted)?, fields, limit)
                }
            )*
        }
    };
}

lookup! {
    /// Asks for images by id.
    images = Image of Images
    /// Asks for map features by id, objects and traffic signs alike.
    features = MapFeature of MapFeatures
    /// Asks for the images of sequences by the ids of the sequences, in order of capture.
    sequences = Sequence of Sequences
    /// Asks for organizations by id.
    organizations = Organization of Organizations
}

#[pymethods]
impl Lookup {
    /// Asks for what was recognised in images, or what map features were derived from.
    ///
    /// There is one row per detection. Outlines are lists of rings of x and y as shares of the image, 0 to 1, with y down
    /// from the top left corner, unless pixels or raw is given.
    ///
    /// Args:
    ///     image_id: Ids of images, one or many.
    ///     map_feature_id: Ids of map features, one or many, instead of image_id.
    ///     pixels: Whether outlines are in pixels of the original image, with columns for its width, height and sequence.
    ///     raw: Whether outlines stay as the service sends them: a vector tile in base64.
    ///     with_empty: Whether images without detections have a row too, which has no id.
    ///     limit: The most rows.
    ///
    /// Returns:
    ///     The lookup.
    ///
    /// Raises:
    ///     InvalidQueryError: An id cannot be one.
    ///     TypeError: Both or none of image_id and map_feature_id are given, or both of pixels and raw.
    #[staticmethod]
    #[pyo3(
        signature = (
            *, image_id: "Ids | None" = None, map_feature_id: "Ids | None" = None, pixels: "bool" = None,
            raw: "bool" = None, with_empty: "bool" = None, limit: "int | None" = None, **unknown
        ) -> "Lookup",
        text_signature = "(*, image_id=None, map_feature_id=None, pixels=False, raw=False, with_empty=False, limit=None)"
    )]
    fn detections(
        image_id: Option<&Bound<'_, PyAny>>,
        map_feature_id: Option<&Bound<'_, PyAny>>,
        pixels: Option<&Bound<'_, PyAny>>,
        raw: Option<&Bound<'_, PyAny>>,
        with_empty: Option<&Bound<'_, PyAny>>,
        limit: Option<&Bound<'_, PyAny>>,
        unknown: Option<UnknownKeywords<'_, '_>>,
    ) -> PyResult<Self> {
        let known = ["image_id", "map_feature_id", "pixels", "raw", "with_empty", "limit"];
        refuse(unknown, "Lookup.detections", &known)?;
        Self::of_detections(image_id, map_feature_id, pixels, raw, with_empty, limit)
    }

    /// Plans the requests that answer the lookup, and what they cost. Nothing is sent.
    fn plan(&self) -> PyResult<Plan> {
        self.0.plan().map(Plan).map_err(to_py)
    }

    #[pyo3(signature = () -> "tuple[Any, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let text = serde_json::to_string(&self.0).map_err(|e| stored(&e))?;
        Ok((py.get_type::<Self>().getattr("_from_json")?, (text,)))
    }

    /// Reads what pickle stores.
    #[staticmethod]
    #[pyo3(signature = (text: "str") -> "Lookup")]
    fn _from_json(text: &str) -> PyResult<Self> {
        let lookup: mly::Lookup = serde_json::from_str(text).map_err(|e| stored(&e))?;
        lookup.check().map_err(to_py)?;
        Ok(Self(lookup))
    }

    fn __repr__(&self) -> String {
        format!("<mly.Lookup {}>", self.0)
    }
}

fn stored(error: &serde_json::Error) -> PyErr {
    to_py(mly::Error::InvalidQuery { what: format!("this is not a stored lookup: {error}"), hint: None })
}
