//! What the clients look up by id.

use mly::Subject;
use pyo3::prelude::*;

use super::{AsyncClient, Client};
use crate::arguments::{UnknownKeywords, refuse};
use crate::batches::{AsyncBatches, Batches};
use crate::ids::{IdOwner, of_any};
use crate::lookup::Lookup;
use crate::session::photo_size;

macro_rules! lookups {
    ($class:ident, $batches:ident, $end:ident) => {
        #[pymethods]
        impl $class {
            /// Looks up one image.
            ///
            /// Args:
            ///     id: Its id.
            ///     fields: Names of fields to keep besides id and geometry; all unless given.
            ///
            /// Returns:
            ///     A dict without what the image does not have: ids are ints, times datetimes, geometries GeoJSON dicts.
            ///
            /// Raises:
            ///     NotFoundError: No image has this id.
            ///     InvalidQueryError: The id cannot be one, or a field is not the name of one.
            #[pyo3(
                signature = (
                    id: "int | str", *, fields: "str | Iterable[str] | None" = None, **unknown
                ) -> "Given[dict[str, Any]]",
                text_signature = "($self, id, *, fields=None)"
            )]
            fn image(
                &self,
                py: Python<'_>,
                id: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, "Client.image", &["id", "fields"])?;
                self.0.one(py, Subject::Image, id, fields)?.$end(py)
            }

            /// Looks up one map feature, an object or a traffic sign.
            ///
            /// Args:
            ///     id: Its id.
            ///     fields: Names of fields to keep besides id and geometry; all unless given.
            ///
            /// Returns:
            ///     A dict without what the map feature does not have: ids are ints, times datetimes, geometries GeoJSON dicts.
            ///
            /// Raises:
            ///     NotFoundError: No map feature has this id.
            ///     InvalidQueryError: The id cannot be one, or a field is not the name of one.
            #[pyo3(
                signature = (
                    id: "int | str", *, fields: "str | Iterable[str] | None" = None, **unknown
                ) -> "Given[dict[str, Any]]",
                text_signature = "($self, id, *, fields=None)"
            )]
            fn feature(
                &self,
                py: Python<'_>,
                id: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, "Client.feature", &["id", "fields"])?;
                self.0.one(py, Subject::MapFeature, id, fields)?.$end(py)
            }

            /// Looks up one organization.
            ///
            /// Args:
            ///     id: Its id.
            ///     fields: Names of fields to keep besides id; all unless given.
            ///
            /// Returns:
            ///     A dict without what the organization does not have.
            ///
            /// Raises:
            ///     NotFoundError: No organization has this id.
            ///     InvalidQueryError: The id cannot be one, or a field is not the name of one.
            #[pyo3(
                signature = (
                    id: "int | str", *, fields: "str | Iterable[str] | None" = None, **unknown
                ) -> "Given[dict[str, Any]]",
                text_signature = "($self, id, *, fields=None)"
            )]
            fn organization(
                &self,
                py: Python<'_>,
                id: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, "Client.organization", &["id", "fields"])?;
                self.0.one(py, Subject::Organization, id, fields)?.$end(py)
            }

            /// Looks up images, up to 50 in one request.
            ///
            /// Args:
            ///     ids: Ids as numbers or text, one or many, or a table with a column of them.
            ///     fields: Names of fields to keep besides id and geometry; all unless given.
            ///     limit: The most rows.
            ///     progress: True for a progress bar, or a function that is called with a mly.Progress now and then.
            ///
            /// Returns:
            ///     One row per id that was found, in the order of the ids. Those that were not found are in summary.not_found.
            ///
            /// Raises:
            ///     InvalidQueryError: An id cannot be one, or a field is not the name of one.
            #[pyo3(
                signature = (
                    ids: "Ids", *, fields: "str | Iterable[str] | None" = None, limit: "int | None" = None,
                    progress: "Watch" = None, **unknown
                ) -> "Result",
                text_signature = "($self, ids, *, fields=None, limit=None, progress=None)"
            )]
            fn images_by_id(
                &self,
                ids: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                limit: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.images_by_id", &BY_ID)?;
                let lookup = Lookup::of(Subject::Image, of_any(ids, "ids", IdOwner::Images)?, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, ids.py())?;
                Ok($batches::new(running, watch))
            }

            /// Looks up map features, up to 50 in one request.
            ///
            /// Args:
            ///     ids: Ids as numbers or text, one or many, or a table with a column of them.
            ///     fields: Names of fields to keep besides id and geometry; all unless given.
            ///     limit: The most rows.
            ///     progress: True for a progress bar, or a function that is called with a mly.Progress now and then.
            ///
            /// Returns:
            ///     One row per id that was found, in the order of the ids. Those that were not found are in summary.not_found.
            ///
            /// Raises:
            ///     InvalidQueryError: An id cannot be one, or a field is not the name of one.
            #[pyo3(
                signature = (
                    ids: "Ids", *, fields: "str | Iterable[str] | None" = None, limit: "int | None" = None,
                    progress: "Watch" = None, **unknown
                ) -> "Result",
                text_signature = "($self, ids, *, fields=None, limit=None, progress=None)"
            )]
            fn features_by_id(
                &self,
                ids: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                limit: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.features_by_id", &BY_ID)?;
                let ids_of = of_any(ids, "ids", IdOwner::MapFeatures)?;
                let lookup = Lookup::of(Subject::MapFeature, ids_of, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, ids.py())?;
                Ok($batches::new(running, watch))
            }

            /// Looks up organizations, up to 50 in one request.
            ///
            /// Args:
            ///     ids: Ids as numbers or text, one or many, or a table with a column of them.
            ///     fields: Names of fields to keep besides id; all unless given.
            ///     limit: The most rows.
            ///     progress: True for a progress bar, or a function that is called with a mly.Progress now and then.
            ///
            /// Returns:
            ///     One row per id that was found, in the order of the ids. Those that were not found are in summary.not_found.
            ///
            /// Raises:
            ///     InvalidQueryError: An id cannot be one, or a field is not the name of one.
            #[pyo3(
                signature = (
                    ids: "Ids", *, fields: "str | Iterable[str] | None" = None, limit: "int | None" = None,
                    progress: "Watch" = None, **unknown
                ) -> "Result",
                text_signature = "($self, ids, *, fields=None, limit=None, progress=None)"
            )]
            fn organizations_by_id(
                &self,
                ids: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                limit: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.organizations_by_id", &BY_ID)?;
                let ids_of = of_any(ids, "ids", IdOwner::Organizations)?;
                let lookup = Lookup::of(Subject::Organization, ids_of, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, ids.py())?;
                Ok($batches::new(running, watch))
            }

            /// Looks up the images of sequences.
            ///
            /// Args:
            ///     id: Ids of sequences, one or many.
            ///     fields: Names of fields to keep besides id and geometry; a short list unless given.
            ///     limit: The most rows.
            ///     progress: True for a progress bar, or a function that is called with a mly.Progress now and then.
            ///
            /// Returns:
            ///     One row per image, in order of capture. Ids of sequences that were not found are in summary.not_found.
            ///
            /// Raises:
            ///     InvalidQueryError: An id cannot be that of a sequence, or a field is not the name of one.
            #[pyo3(
                signature = (
                    id: "str | Iterable[str]", *, fields: "str | Iterable[str] | None" = None,
                    limit: "int | None" = None, progress: "Watch" = None, **unknown
                ) -> "Result",
                text_signature = "($self, id, *, fields=None, limit=None, progress=None)"
            )]
            fn sequence(
                &self,
                id: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                limit: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.sequence", &["id", "fields", "limit", "progress"])?;
                let lookup = Lookup::of(Subject::Sequence, of_any(id, "id", IdOwner::Sequences)?, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, id.py())?;
                Ok($batches::new(running, watch))
            }

            /// Looks up what was recognised in images, or what map features were derived from.
            ///
            /// Args:
            ///     image_id: Ids of images, one or many.
            ///     map_feature_id: Ids of map features, one or many, instead of image_id.
            ///     pixels: Whether outlines are in pixels of the original image, with columns for its width, height and
            ///         sequence.
            ///     raw: Whether outlines stay as the service sends them: a vector tile in base64.
            ///     with_empty: Whether images without detections have a row too, which has no id.
            ///     limit: The most rows.
            ///     progress: True for a progress bar, or a function that is called with a mly.Progress now and then.
            ///
            /// Returns:
            ///     One row per detection. Without pixels and raw, outlines are lists of rings of x and y as shares of the
            ///     image, 0 to 1, with y down from the top left corner.
            ///
            /// Raises:
            ///     InvalidQueryError: An id cannot be one.
            ///     TypeError: Both or none of image_id and map_feature_id are given, or both of pixels and raw.
            #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
            #[pyo3(
                signature = (
                    *, image_id: "Ids | None" = None, map_feature_id: "Ids | None" = None, pixels: "bool" = None,
                    raw: "bool" = None, with_empty: "bool" = None, limit: "int | None" = None, progress: "Watch" = None,
                    **unknown
                ) -> "Result",
                text_signature = "($self, *, image_id=None, map_feature_id=None, pixels=False, raw=False, with_empty=False, limit=None, progress=None)"
            )]
            fn detections(
                &self,
                py: Python<'_>,
                image_id: Option<&Bound<'_, PyAny>>,
                map_feature_id: Option<&Bound<'_, PyAny>>,
                pixels: Option<&Bound<'_, PyAny>>,
                raw: Option<&Bound<'_, PyAny>>,
                with_empty: Option<&Bound<'_, PyAny>>,
                limit: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<$batches> {
                let known = ["image_id", "map_feature_id", "pixels", "raw", "with_empty", "limit", "progress"];
                refuse(unknown, "Client.detections", &known)?;
                let lookup = Lookup::of_detections(image_id, map_feature_id, pixels, raw, with_empty, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, py)?;
                Ok($batches::new(running, watch))
            }

            /// Looks up the URL of a photo.
            ///
            /// Args:
            ///     id: Id of the image.
            ///     size: Width in pixels, 256, 1024 or 2048, or "original".
            ///
            /// Returns:
            ///     A new URL, which works for about a month and without a token.
            ///
            /// Raises:
            ///     NotFoundError: No image has this id, or it has no photo of this size.
            ///     InvalidQueryError: The id or the size cannot be one.
            #[pyo3(
                signature = (
                    id: "int | str", size: "Size" = None, **unknown
                ) -> "Given[str]",
                text_signature = "($self, id, size=1024)"
            )]
            fn thumbnail(
                &self,
                py: Python<'_>,
                id: &Bound<'_, PyAny>,
                size: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, "Client.thumbnail", &["id", "size"])?;
                self.0.thumbnail(py, id, photo_size(size)?)?.$end(py)
            }
        }
    };
}

const BY_ID: [&str; 4] = ["ids", "fields", "limit", "progress"];

lookups!(Client, Batches, wait);
lookups!(AsyncClient, AsyncBatches, begin);
