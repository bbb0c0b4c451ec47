//! Limits that several processes share.

use mly::Options;
use pyo3::prelude::*;

use crate::arguments::expected;
use crate::errors::invalid;

/// The number of processes and machines that share the limits.
pub(crate) struct Sharing {
    processes: u32,
    machines: u32,
}

impl Sharing {
    /// One number for processes of as many machines, or both.
    pub(crate) fn extract(given: &Bound<'_, PyAny>) -> PyResult<Self> {
        let one = || {
            let number = given.extract::<u32>();
            let processes = number.map_err(|_| expected("a number, or (processes, machines)", given))?;
            Ok::<_, PyErr>((processes, processes))
        };
        let (processes, machines) = given.extract().or_else(|_| one())?;
        let sharing = Self { processes, machines };
        if sharing.processes == 0 || sharing.machines == 0 {
            return Err(invalid("limits are shared by at least 1 process", "leave shared_by out for one"));
        }
        Ok(sharing)
    }

    /// Divides the limits. If requests are counted on disk, all processes of a machine share that count, so the limits
    /// are divided by the number of machines only.
    pub(crate) fn apply(self, options: Options) -> Options {
        let parts = if options.ledger_dir().is_some() { self.machines } else { self.processes };
        options.with_limits_shared_by(parts)
    }
}
