//! Goes on counting when the file of a ledger is damaged, or can no longer be written.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::{Day, Lane, Ledger, Usage, open_file};
use crate::error::{Error, Result, with_causes};
use crate::store::clock::Clock;
use crate::store::database::{self, SUFFIXES, unusable};

/// Appended to the name of a file that was set aside.
const SET_ASIDE: &str = ".damaged";

/// Sets a damaged file aside under another name and makes a new one. Returns what a user should know of it.
pub(super) fn begin_anew(path: &Path, clock: &Clock) -> Result<(Connection, String)> {
    let failed = |e: std::io::Error| unusable(path, e);
    let _alone = lock(&with_suffix(path, ".lock")).map_err(failed)?;
    // Another process may have done it since this one found the damage.
    let opened = match open_file(path, clock) {
        Err(e) if database::is_damaged(&e) => {
            for suffix in SUFFIXES {
                let from = with_suffix(path, suffix);
                if from.exists() {
                    std::fs::rename(&from, with_suffix(&from, SET_ASIDE)).map_err(failed)?;
                }
            }
            open_file(path, clock)
        }
        other => other,
    };
    let notice = format!(
        "the counts of requests in {} were damaged, and are set aside in {}; counting begins anew",
        path.display(),
        with_suffix(path, SET_ASIDE).display()
    );
    Ok((opened.map_err(|e| unusable(path, e))?, notice))
}

impl Ledger {
    /// A ledger that goes on where this one failed: in a new file if the old one is damaged, in memory if it cannot be
    /// written. `None` if this one is in memory already.
    ///
    /// Whatever can still be read is taken over. Else the requests that this process knows of count as sent now.
    pub(crate) fn successor(&self, failure: &Error) -> Option<Self> {
        let path = self.path.as_ref()?;
        let is_damaged =
            self.with(|connection| connection.query_row("PRAGMA quick_check(1)", [], |_| Ok(())));
        if is_damaged.is_err_and(|e| database::is_damaged(&e)) {
            self.close();
            if let Ok((connection, notice)) = begin_anew(path, &self.clock) {
                let next = Self::of(connection, self.clock.clone(), Some(path.clone()), Some(notice));
                next.take_over_known(self).ok()?;
                return Some(next);
            }
        }
        let mut next = Self::in_memory(self.clock.clone()).ok()?;
        if self.with(|from| next.with(|to| copy(from, to))).is_err() {
            next.take_over_known(self).ok()?;
        }
        next.notice = Some(format!(
            "the counts of requests in {} can no longer be written ({}); this process counts for itself",
            path.display(),
            with_causes(failure)
        ));
        Some(next)
    }

    /// Closes the file, since Windows renames no database that is open. From now on all calls fail.
    fn close(&self) {
        let _ = self.with(|connection| {
            *connection = Connection::open_in_memory()?;
            Ok(())
        });
    }

    /// Counts the requests that another ledger has counted for this process as sent now, and keeps its pace.
    fn take_over_known(&self, other: &Self) -> Result<()> {
        for ((host, endpoint), usage) in other.known().iter() {
            let lane = Lane { host, endpoint: *endpoint };
            let Usage { last_minute, last_day, .. } = *usage;
            self.change(|change, now| {
                Day { change, lane, now }.add(last_day.max(last_minute))?;
                let paced = params![lane.host, lane.number(), now.elapsed_ms.div_euclid(1000), last_minute];
                let add = "INSERT INTO paced VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT DO UPDATE SET count = count + excluded.count";
                change.execute(add, paced)?;
                let state = params![lane.host, lane.number(), now.elapsed_ms];
                change.execute("INSERT OR REPLACE INTO lanes VALUES (?1, ?2, ?3, ?3, 0)", state).map(drop)
            })?;
        }
        Ok(())
    }
}

/// Copies all rows of all tables.
fn copy(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    let change = to.transaction()?;
    for table in ["sent", "paced", "lanes", "clock", "blocked"] {
        let mut read = from.prepare(&format!("SELECT * FROM {table}"))?;
        let width = read.column_count();
        let places: Vec<_> = (1..=width).map(|n| format!("?{n}")).collect();
        let mut write =
            change.prepare(&format!("INSERT OR REPLACE INTO {table} VALUES ({})", places.join(",")))?;
        let mut rows = read.query([])?;
        while let Some(row) = rows.next()? {
            let values =
                (0..width).map(|n| row.get(n)).collect::<rusqlite::Result<Vec<rusqlite::types::Value>>>()?;
            write.execute(rusqlite::params_from_iter(values))?;
        }
    }
    change.commit()
}

/// Opens a file and waits until no other process holds it. On file systems without locks it does not wait.
fn lock(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    let _ = file.lock();
    Ok(file)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
