//! What the clients download by id of the images.

use std::path::PathBuf;

use mly::{Clouds, Download};
use pyo3::prelude::*;

use super::{AsyncClient, Client};
use crate::arguments::{UnknownKeywords, optional, refuse, value, word};
use crate::session::photo_size;

macro_rules! downloads {
    ($class:ident, $end:ident) => {
        #[pymethods]
        impl $class {
            /// Downloads photos into a folder and writes place, time and direction into each. Photos that are there are kept.
            ///
            /// Args:
            ///     ids_or_batches: Ids of images, one or many, or a table with a column of them, such as a result.
            ///     to: The folder, which is made if it is not there.
            ///     size: Width in pixels, 256, 1024 or 2048, or "original".
            ///     layout: "files" for SEQUENCE/ID.jpg, "webdataset" for tar archives.
            ///     concurrency: Photos in flight at once, 64 unless given.
            ///     photos_a_shard: Photos per archive, 1000 unless given.
            ///     progress: True for a progress bar, or a function that is called with a mly.Progress now and then.
            ///
            /// Returns:
            ///     What was written, what was there already, and what failed and why.
            ///
            /// Raises:
            ///     OutputError: The folder cannot be written to.
            ///     InvalidQueryError: An argument makes no sense.
            #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
            #[pyo3(
                signature = (
                    ids_or_batches: "Ids", to: "str | PathLike[str]", *, size: "Size" = None,
                    layout: "Literal['files', 'webdataset']" = None, concurrency: "int | None" = None,
                    photos_a_shard: "int | None" = None, progress: "Watch" = None, **unknown
                ) -> "Given[Downloaded]",
                text_signature = "($self, ids_or_batches, to, *, size=1024, layout='files', concurrency=None, photos_a_shard=None, progress=None)"
            )]
            fn download(
                &self,
                ids_or_batches: &Bound<'_, PyAny>,
                to: &Bound<'_, PyAny>,
                size: Option<&Bound<'_, PyAny>>,
                layout: Option<&Bound<'_, PyAny>>,
                concurrency: Option<&Bound<'_, PyAny>>,
                photos_a_shard: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                let known = ["ids_or_batches", "to", "size", "layout", "concurrency", "photos_a_shard", "progress"];
                refuse(unknown, "Client.download", &known)?;
                let mut download = Download::into(value::<PathBuf>("to", to)?).with_size(photo_size(size)?).with_layout(word("layout", layout)?.unwrap_or_default());
                if let Some(photos) = optional("concurrency", concurrency)? {
                    download = download.with_concurrency(photos);
                }
                if let Some(photos) = optional("photos_a_shard", photos_a_shard)? {
                    download = download.with_photos_a_shard(photos);
                }
                self.0.download(ids_or_batches, &download, progress)?.$end(ids_or_batches.py())
            }

            /// Downloads the point clouds of the clusters of images, each once. Clouds that are there are kept.
            ///
            /// Args:
            ///     ids_or_batches: Ids of images, one or many, or a table with a column of them, such as a result.
            ///     to: The folder, which is made if it is not there.
            ///     format: "ply", "las" or "laz".
            ///     frame: "enu" for metres east, north and up of an origin, "wgs84" for degrees and metres.
            ///     progress: True for a progress bar, or a function that is called with a mly.Progress now and then.
            ///
            /// Returns:
            ///     What was written, what was there already, and what failed and why.
            ///
            /// Raises:
            ///     OutputError: The folder cannot be written to.
            ///     InvalidQueryError: An argument makes no sense.
            #[pyo3(
                signature = (
                    ids_or_batches: "Ids", to: "str | PathLike[str]", *, format: "Literal['ply', 'las', 'laz']" = None,
                    frame: "str" = None, progress: "Watch" = None, **unknown
                ) -> "Given[Downloaded]",
                text_signature = "($self, ids_or_batches, to, *, format='ply', frame='enu', progress=None)"
            )]
            fn download_clouds(
                &self,
                ids_or_batches: &Bound<'_, PyAny>,
                to: &Bound<'_, PyAny>,
                format: Option<&Bound<'_, PyAny>>,
                frame: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                let known = ["ids_or_batches", "to", "format", "frame", "progress"];
                refuse(unknown, "Client.download_clouds", &known)?;
                let mut clouds = Clouds::into(value::<PathBuf>("to", to)?);
                if let Some(format) = word("format", format)? {
                    clouds = clouds.with_format(format);
                }
                if let Some(frame) = word("frame", frame)? {
                    clouds = clouds.with_frame(frame);
                }
                self.0.download_clouds(ids_or_batches, &clouds, progress)?.$end(ids_or_batches.py())
            }
        }
    };
}

downloads!(Client, wait);
downloads!(AsyncClient, begin);
