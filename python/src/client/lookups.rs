//! What the clients look up by id.

use mly::Subject;
use pyo3::prelude::*;

use super::{AsyncClient, Client};
use crate::arguments::{Unknown, refuse};
use crate::batches::{AsyncBatches, Batches};
use crate::ids::{Wanted, of_any};
use crate::lookup::Lookup;
use crate::session::photo_size;

macro_rules! lookups {
    ($class:ident, $batches:ident, $end:ident) => {
        #[pymethods]
        impl $class {
            /// One image as a dict: ids are numbers, times datetimes, geometries as GeoJSON has them.
            ///
            /// fields: only these, besides id and geometry; what the image does not have is not in the dict
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
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, "Client.image", &["id", "fields"])?;
                self.0.one(py, Subject::Image, id, fields)?.$end(py)
            }

            /// One map feature as a dict, an object or a traffic sign; see image.
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
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, "Client.feature", &["id", "fields"])?;
                self.0.one(py, Subject::MapFeature, id, fields)?.$end(py)
            }

            /// One organization as a dict; see image.
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
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, "Client.organization", &["id", "fields"])?;
                self.0.one(py, Subject::Organization, id, fields)?.$end(py)
            }

            /// The images of these ids, in their order; 50 are asked for at once.
            ///
            /// ids: numbers or text, one or many, or a table with a column id
            /// fields: only these, besides id and geometry
            ///
            /// Ids that nothing answers to are listed in the summary, as not_found.
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
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.images_by_id", &BY_ID)?;
                let lookup = Lookup::of(Subject::Image, of_any(ids, "ids", Wanted::Images)?, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, ids.py())?;
                Ok($batches::new(running, watch))
            }

            /// The map features of these ids, in their order; see images_by_id.
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
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.features_by_id", &BY_ID)?;
                let ids_of = of_any(ids, "ids", Wanted::MapFeatures)?;
                let lookup = Lookup::of(Subject::MapFeature, ids_of, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, ids.py())?;
                Ok($batches::new(running, watch))
            }

            /// The organizations of these ids, in their order; see images_by_id.
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
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.organizations_by_id", &BY_ID)?;
                let ids_of = of_any(ids, "ids", Wanted::Organizations)?;
                let lookup = Lookup::of(Subject::Organization, ids_of, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, ids.py())?;
                Ok($batches::new(running, watch))
            }

            /// The images of a sequence, or of many, in order of capture.
            ///
            /// fields: only these, besides id and geometry
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
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.sequence", &["id", "fields", "limit", "progress"])?;
                let lookup = Lookup::of(Subject::Sequence, of_any(id, "id", Wanted::Sequences)?, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, id.py())?;
                Ok($batches::new(running, watch))
            }

            /// What was recognised in images, or what map features were derived from: one row a detection.
            ///
            /// image_id, map_feature_id: one id or many, of one of the two kinds
            /// pixels: outlines in pixels of the original image, with its width, height and sequence
            /// raw: outlines as the service sends them
            ///
            /// Otherwise outlines are rings of x and y in 0..1 of the image, y down from the top left corner.
            #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
            #[pyo3(
                signature = (
                    *, image_id: "Ids | None" = None, map_feature_id: "Ids | None" = None, pixels: "bool" = None,
                    raw: "bool" = None, limit: "int | None" = None, progress: "Watch" = None, **unknown
                ) -> "Result",
                text_signature = "($self, *, image_id=None, map_feature_id=None, pixels=False, raw=False, limit=None, progress=None)"
            )]
            fn detections(
                &self,
                py: Python<'_>,
                image_id: Option<&Bound<'_, PyAny>>,
                map_feature_id: Option<&Bound<'_, PyAny>>,
                pixels: Option<&Bound<'_, PyAny>>,
                raw: Option<&Bound<'_, PyAny>>,
                limit: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<$batches> {
                let known = ["image_id", "map_feature_id", "pixels", "raw", "limit", "progress"];
                refuse(unknown, "Client.detections", &known)?;
                let lookup = Lookup::of_detections(image_id, map_feature_id, pixels, raw, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, py)?;
                Ok($batches::new(running, watch))
            }

            /// A fresh address of a photo, good for about a month and for anybody.
            ///
            /// size: 256, 1024 or 2048 pixels wide, or "original"
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
                unknown: Option<Unknown<'_, '_>>,
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
