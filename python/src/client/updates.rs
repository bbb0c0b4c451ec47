//! Earlier results that are brought up to date.

use std::path::PathBuf;
use std::sync::Arc;

use mly::sink::{Dialect, Format};
use mly::{Batches, Earlier, Error, Plan};
use mly_jobs::ChangeList;
use pyo3::prelude::*;

use super::{AsyncClient, Client};
use crate::arguments::{UnknownKeywords, optional, refuse, value};
use crate::ask::Ask;
use crate::errors::to_py;
use crate::progress::{Watch, unit};
use crate::runnable::Runnable;
use crate::session::Session;
use crate::summary::Summary;

/// An update as it was asked for.
struct UpdateWork {
    old: PathBuf,
    new: PathBuf,
    dialect: Dialect,
    /// The list of changes and its format.
    list: Option<(ChangeList, Dialect)>,
    overwrite: bool,
}

impl UpdateWork {
    fn of(
        plan: &Plan,
        (old, new): (PathBuf, PathBuf),
        changes: Option<PathBuf>,
        overwrite: bool,
    ) -> mly::Result<Self> {
        let dialect = Dialect::from(Format::of_path(&new)?);
        let list = |path: PathBuf| {
            let list = ChangeList::new((&old, &new), &path, (plan, &format!("{dialect:?}")), overwrite)?;
            Ok::<_, Error>((list, Dialect::from(Format::of_path(&path)?)))
        };
        let list = changes.map(list).transpose()?;
        Ok(Self { old, new, dialect, list, overwrite })
    }

    async fn run(self, batches: Batches) -> mly::Result<mly::Summary> {
        let Self { old, new, dialect, list, overwrite } = self;
        let earlier = blocking(move || Earlier::open(&old)).await?;
        let mut batches = batches.updating(earlier)?;
        let Some((list, list_dialect)) = list else {
            return batches.write_file(&new, dialect, overwrite).await;
        };
        let mut summary = batches.progress().summary();
        if list.is_updated() {
            summary.rows = list.updated_rows()?;
            summary.resumed = summary.rows;
        } else {
            summary = batches.write_file(list.updated(), dialect, overwrite).await?;
        }
        blocking(move || list.write(list_dialect)).await?;
        Ok(summary)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> mly::Result<T> + Send + 'static,
) -> mly::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| Error::internal("a task has failed").with_source(e))?
}

impl Session {
    fn update(
        &self,
        plan: &Plan,
        work: UpdateWork,
        progress: Option<&Bound<'_, PyAny>>,
        py: Python<'_>,
    ) -> PyResult<Ask> {
        let batches = self.client_since(py, &work.old)?.run(plan);
        let watch = Watch::of(progress, batches.progress(), unit(plan))?;
        let give = |py: Python<'_>, summary| Ok(Py::new(py, Summary(summary))?.into_any());
        Ok(Ask::new(work.run(batches), give).watched(watch.map(Arc::new)))
    }
}

macro_rules! updates {
    ($class:ident, $end:ident) => {
        #[pymethods]
        impl $class {
            /// Brings an earlier result up to date and writes it, as `mly images --update` does.
            ///
            /// New rows replace those with their ids. Rows that the service shows no more are kept, and their column
            /// last_crawled_at has the time at which it last showed them. All tiles are asked for again; look-ups only for
            /// rows that are new or recent. If it stops for any reason, the same call goes on.
            ///
            /// Args:
            ///     what: The query, or its plan.
            ///     old: The file with the earlier result, in any format but "coco".
            ///     new: The file to write, which may be the old one with overwrite=True. Its extension is the format.
            ///     changes: A file for the list of what has changed, as mly.diff tells it. Its extension is the format.
            ///     overwrite: Whether files at these paths are replaced.
            ///     progress: True for a progress bar, or a function that is called with a mly.Progress now and then.
            ///
            /// Returns:
            ///     What was written, and what it cost.
            ///
            /// Raises:
            ///     InvalidQueryError: There is a file at a path, the old file has other rows or columns, or the query has a
            ///         limit.
            ///     InputError: The old file cannot be read.
            ///     OutputError: A file cannot be written.
            #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
            #[pyo3(
                signature = (
                    what: "Query | Plan", old: "str | PathLike[str]", new: "str | PathLike[str]", *,
                    changes: "str | PathLike[str] | None" = None, overwrite: "bool" = None, progress: "Watch" = None,
                    **unknown
                ) -> "Given[Summary]",
                text_signature = "($self, what, old, new, *, changes=None, overwrite=False, progress=None)"
            )]
            fn update(
                &self,
                py: Python<'_>,
                what: &Bound<'_, PyAny>,
                old: &Bound<'_, PyAny>,
                new: &Bound<'_, PyAny>,
                changes: Option<&Bound<'_, PyAny>>,
                overwrite: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                let known = ["what", "old", "new", "changes", "overwrite", "progress"];
                refuse(unknown, "Client.update", &known)?;
                let plan = value::<Runnable>("what", what)?.0;
                let paths = (value("old", old)?, value("new", new)?);
                let overwrite = optional("overwrite", overwrite)?.unwrap_or_default();
                let work = UpdateWork::of(&plan, paths, optional("changes", changes)?, overwrite).map_err(to_py)?;
                self.0.update(&plan, work, progress, py)?.$end(py)
            }
        }
    };
}

updates!(Client, wait);
updates!(AsyncClient, begin);
