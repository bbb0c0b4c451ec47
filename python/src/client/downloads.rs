//! What the clients download by id of the images.

use std::path::PathBuf;

use mly::{Clouds, Download};
use pyo3::prelude::*;

use super::{AsyncClient, Client};
use crate::arguments::{Unknown, optional, refuse, value, word};
use crate::session::photo_size;

macro_rules! downloads {
    ($class:ident, $end:ident) => {
        #[pymethods]
        impl $class {
            /// Downloads photos with their place, time and direction into a folder. Those that are there are kept.
            ///
            /// ids_or_batches: ids of images, or a table with them: a result, a file's table, a data frame
            /// to: the folder, which is made when it is not there
            /// size: 256, 1024 or 2048 pixels wide, or "original"
            /// layout: "files" for SEQUENCE/ID.jpg, "webdataset" for archives
            /// concurrency: photos under way at once, 64 unless given
            /// photos_a_shard: photos of each archive, 1000 unless given
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
                unknown: Option<Unknown<'_, '_>>,
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

            /// Downloads the point clouds of the clusters that images belong to, each once. Those that are there are kept.
            ///
            /// format: "ply", "las" or "laz"
            /// frame: "enu" for metres around an origin, or "wgs84" and what else `mly cloud --help` names
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
                unknown: Option<Unknown<'_, '_>>,
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
