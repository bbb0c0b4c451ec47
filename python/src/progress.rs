//! `mly.Progress`: how far a run is, and the function that is called with it.

use pyo3::prelude::*;

/// How far a run is: what the function given as progress= is called with. It follows the run.
#[pyclass(module = "mly", name = "Progress", frozen)]
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    inner: mly::Progress,
    unit: &'static str,
}

#[pymethods]
impl Progress {
    /// Requests of the plan, or photos of a download.
    #[getter]
    fn total(&self) -> u64 {
        self.inner.total()
    }

    /// How many of these are done.
    #[getter]
    fn answered(&self) -> u64 {
        self.inner.answered()
    }

    /// How many of these an earlier run had done, or a download found there already.
    #[getter]
    fn answered_before(&self) -> u64 {
        self.inner.answered_before()
    }

    /// Rows read so far.
    #[getter]
    fn rows(&self) -> u64 {
        self.inner.rows()
    }

    /// What total and answered count: "tiles", "requests" or "images".
    #[getter]
    fn unit(&self) -> &'static str {
        self.unit
    }

    /// What the run has done so far.
    #[getter]
    fn summary(&self) -> crate::summary::Summary {
        crate::summary::Summary(self.inner.summary())
    }

    fn __repr__(&self) -> String {
        format!("<mly.Progress {} of {} {}>", self.inner.answered(), self.inner.total(), self.unit)
    }
}

/// A function that is called with the progress of a run.
pub(crate) struct Watch {
    function: Py<PyAny>,
    progress: Py<Progress>,
}

impl Watch {
    /// The argument `progress=`: nothing, a progress bar (`True`), or a function.
    pub(crate) fn of(
        asked: Option<&Bound<'_, PyAny>>,
        progress: mly::Progress,
        unit: &'static str,
    ) -> PyResult<Option<Self>> {
        let Some(asked) = asked else { return Ok(None) };
        let py = asked.py();
        let function = match asked.extract::<bool>() {
            Ok(false) => return Ok(None),
            Ok(true) => py.import("mly._bar")?.getattr("Bar")?.call0()?.unbind(),
            Err(_) if asked.is_callable() => asked.clone().unbind(),
            Err(_) => {
                let error = crate::arguments::expected("True or a function of one mly.Progress", asked);
                return Err(crate::arguments::of_argument(py, "progress", error));
            }
        };
        let progress = Py::new(py, Progress { inner: progress, unit })?;
        Ok(Some(Self { function, progress }))
    }

    /// Calls the function now.
    pub(crate) fn tell(&self, py: Python<'_>) -> PyResult<()> {
        self.function.call1(py, (&self.progress,)).map(drop)
    }

    /// The call as a function without arguments.
    pub(crate) fn later(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let told = py.import("functools")?.call_method1("partial", (&self.function, &self.progress))?;
        Ok(told.unbind())
    }
}

/// What the requests of a plan are.
pub(crate) fn unit(plan: &mly::Plan) -> &'static str {
    if plan.cost().tiles > 0 { "tiles" } else { "requests" }
}
