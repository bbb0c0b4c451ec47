//! The cache of tiles on disk.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::cached::{CACHE_FILE, CacheSize};
use super::clock::Clock;
use super::database::{self, unusable};
use super::private::create_folder;
use crate::error::{Error, Result, cause_of_output};

/// Raised when the tables or their contents change; the cache begins empty then.
const VERSION: i32 = 2;

const SCHEMA: &str = "
    CREATE TABLE tiles (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        stored_at_ms INTEGER NOT NULL,
        used_at_ms INTEGER NOT NULL,
        bytes INTEGER NOT NULL
    );
    CREATE INDEX tiles_by_use ON tiles (used_at_ms);
    CREATE TABLE entries (id INTEGER PRIMARY KEY, packed BLOB NOT NULL);
    CREATE TABLE total (bytes INTEGER NOT NULL);
    INSERT INTO total VALUES (0);
";

/// The fastest level of zstd. Tiles shrink to about a third.
const LEVEL: i32 = 1;

/// Most bytes of an unpacked tile. Larger answers are refused before they reach the cache.
const MOST_UNPACKED: usize = 64 << 20;

/// The time of an entry's last use is updated at most this often, so that reads rarely have to write.
const USE_NOTED_AFTER: Duration = Duration::from_secs(3600);

/// When the cache is full, entries are removed down to this share of the allowed size. The next writes then find room.
const KEPT_PERCENT: u64 = 90;

/// Tiles on disk, shared by processes: compressed, with checksums, the least recently used ones removed first.
///
/// An entry that is too old or damaged counts as absent. Answers of the graph are never cached: the URLs in them expire.
pub struct Cache {
    path: PathBuf,
    max_age_ms: i64,
    most_bytes: u64,
    clock: Clock,
    /// Connections that no thread uses at the moment.
    idle: Mutex<Vec<Connection>>,
}

impl Cache {
    /// Opens the cache in a folder, which is made when it is not there.
    ///
    /// Tiles older than `max_age` are not used; `most_bytes` is the size that it may have, compressed.
    ///
    /// # Errors
    /// [`Error::Input`] when the folder or its file cannot be used.
    pub fn open(dir: &Path, max_age: Duration, most_bytes: u64, clock: Clock) -> Result<Self> {
        create_folder(dir).map_err(|e| unusable(dir, e))?;
        let path = dir.join(CACHE_FILE);
        let open = || database::open(&path, VERSION, |change, _| database::begin_anew(change, SCHEMA));
        let connection = match open() {
            // A broken file is replaced by an empty one, since everything in it can be downloaded again.
            Err(e) if database::is_damaged(&e) => {
                for suffix in database::SUFFIXES {
                    let _ = std::fs::remove_file(dir.join(format!("{CACHE_FILE}{suffix}")));
                }
                open()
            }
            other => other,
        };
        // A file that may not be written opens without an error, so write once.
        let written = connection.and_then(|connection| {
            connection.execute("UPDATE total SET bytes = bytes", [])?;
            Ok(connection)
        });
        let connection = written.map_err(|e| unusable(&path, e))?;
        let max_age_ms = i64::try_from(max_age.as_millis()).unwrap_or(i64::MAX);
        Ok(Self { path, max_age_ms, most_bytes, clock, idle: Mutex::new(vec![connection]) })
    }

    /// The file that holds the tiles of a cache in this folder, whether or not it is there.
    pub fn file_in(dir: &Path) -> PathBuf {
        dir.join(CACHE_FILE)
    }

    /// The file that holds the tiles.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The keys of all entries that are not too old.
    ///
    /// # Errors
    /// [`Error::Input`] when the file cannot be read.
    pub fn fresh_keys(&self) -> Result<HashSet<String>> {
        let now_ms = self.clock.now_ms();
        let list = "SELECT key FROM tiles WHERE stored_at_ms BETWEEN ?1 AND ?2";
        let oldest_ms = now_ms.saturating_sub(self.max_age_ms);
        let keys = self.with(|connection| {
            connection.prepare(list)?.query_map([oldest_ms, now_ms], |row| row.get(0))?.collect()
        });
        keys.map_err(|e| unusable(&self.path, e))
    }

    /// The body stored under a key, unless it is absent, too old or damaged.
    pub fn read(&self, key: &str) -> Option<Vec<u8>> {
        self.with(|connection| self.try_read(connection, key)).ok().flatten()
    }

    fn try_read(&self, connection: &Connection, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        let now_ms = self.clock.now_ms();
        let mut find = connection.prepare_cached(
            "SELECT id, stored_at_ms, used_at_ms, packed FROM tiles JOIN entries USING (id) WHERE key = ?1",
        )?;
        let unpacked = find
            .query_row([key], |row| {
                let (stored_at_ms, used_at_ms): (i64, i64) = (row.get(1)?, row.get(2)?);
                // A negative age means that the clock was set back. The true age is then unknown, so the entry is
                // ignored.
                let age_ms = now_ms.saturating_sub(stored_at_ms);
                if age_ms < 0 || age_ms > self.max_age_ms {
                    return Ok(None);
                }
                let body = unpack(row.get_ref(3)?.as_blob()?, &label(key, stored_at_ms));
                Ok(body.map(|body| (row.get::<_, i64>(0), used_at_ms, body)))
            })
            .optional()?
            .flatten();
        let Some((id, used_at_ms, body)) = unpacked else { return Ok(None) };
        if now_ms.saturating_sub(used_at_ms).unsigned_abs() > ms(USE_NOTED_AFTER) {
            let mark = "UPDATE tiles SET used_at_ms = ?1 WHERE id = ?2";
            // Not worth an error: at worst the tile is removed a little earlier.
            let _ = connection.execute(mark, params![now_ms, id?]);
        }
        Ok(Some(body))
    }

    /// Stores a body under a key and removes old entries where room is needed. A body that cannot be stored is dropped.
    pub fn write(&self, key: &str, body: &[u8]) {
        let now_ms = self.clock.now_ms();
        let stored =
            pack(body, &label(key, now_ms)).map_err(|e| unusable(&self.path, e)).and_then(|packed| {
                self.with(|connection| self.try_write(connection, key, now_ms, &packed))
                    .map_err(|e| unusable(&self.path, e))
            });
        if let Err(why) = stored {
            tracing::debug!(%why, "a tile was not stored");
        }
    }

    fn try_write(
        &self,
        connection: &mut Connection,
        key: &str,
        now_ms: i64,
        packed: &[u8],
    ) -> rusqlite::Result<()> {
        if packed.len() as u64 > self.most_bytes {
            return Ok(());
        }
        let change = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        remove(&change, "key = ?1", key)?;
        change.execute(
            "INSERT INTO tiles (key, stored_at_ms, used_at_ms, bytes) VALUES (?1, ?2, ?2, ?3)",
            params![key, now_ms, packed.len()],
        )?;
        change.execute(
            "INSERT INTO entries (id, packed) VALUES (?1, ?2)",
            params![change.last_insert_rowid(), packed],
        )?;
        change.execute("UPDATE total SET bytes = bytes + ?1", [packed.len()])?;
        self.make_room(&change)?;
        change.commit()
    }

    /// Removes the least recently used entries when the cache is larger than allowed.
    fn make_room(&self, change: &Connection) -> rusqlite::Result<()> {
        let mut total: u64 = change.query_row("SELECT bytes FROM total", [], |row| row.get(0))?;
        if total <= self.most_bytes {
            return Ok(());
        }
        let target = self.most_bytes / 100 * KEPT_PERCENT;
        let mut oldest = change.prepare("SELECT id, bytes FROM tiles ORDER BY used_at_ms, id")?;
        let mut rows = oldest.query([])?;
        let mut old = Vec::new();
        while total > target {
            let Some(row) = rows.next()? else { break };
            old.push(row.get::<_, i64>(0)?);
            total = total.saturating_sub(row.get(1)?);
        }
        drop(rows);
        for id in old {
            remove(change, "id = ?1", id)?;
        }
        change.execute_batch("PRAGMA incremental_vacuum(4096)")
    }

    /// How much it holds.
    ///
    /// # Errors
    /// [`Error::Input`] when the file cannot be read.
    pub fn size(&self) -> Result<CacheSize> {
        let count = |connection: &mut Connection| {
            connection.query_row("SELECT count(*), coalesce(sum(bytes), 0) FROM tiles", [], |row| {
                Ok(CacheSize { tiles: row.get(0)?, bytes: row.get(1)? })
            })
        };
        self.with(count).map_err(|e| unusable(&self.path, e))
    }

    /// Removes everything.
    ///
    /// # Errors
    /// [`Error::Output`] when the file cannot be written.
    pub fn clear(&self) -> Result<()> {
        let clear = "DELETE FROM tiles; DELETE FROM entries; UPDATE total SET bytes = 0;";
        let done = self.with(|connection| {
            connection.execute_batch(clear)?;
            connection.execute_batch("VACUUM")
        });
        done.map_err(|e| Error::Output {
            path: Some(self.path.clone()),
            format: "tiles",
            source: cause_of_output(e),
        })
    }

    /// Runs work on a connection that no other thread uses meanwhile.
    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let mut connection = match idle {
            Some(connection) => connection,
            None => database::connect(&self.path)?,
        };
        let done = work(&mut connection);
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(connection);
        }
        done
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Removes the entries that fit a condition with one parameter.
fn remove(change: &Connection, condition: &str, value: impl rusqlite::ToSql) -> rusqlite::Result<()> {
    let sum = format!("SELECT coalesce(sum(bytes), 0) FROM tiles WHERE {condition}");
    let bytes: i64 = change.prepare_cached(&sum)?.query_row([&value], |row| row.get(0))?;
    let entries = format!("DELETE FROM entries WHERE id IN (SELECT id FROM tiles WHERE {condition})");
    change.prepare_cached(&entries)?.execute([&value])?;
    change.prepare_cached(&format!("DELETE FROM tiles WHERE {condition}"))?.execute([&value])?;
    change.prepare_cached("UPDATE total SET bytes = bytes - ?1")?.execute([bytes])?;
    Ok(())
}

/// What stands before the body of an entry, within its checksum: whose body it is, and from when. If the tables that lead
/// to an entry are damaged, they may lead to another one.
fn label(key: &str, stored_at_ms: i64) -> Vec<u8> {
    [&stored_at_ms.to_le_bytes(), &(key.len() as u64).to_le_bytes(), key.as_bytes()].concat()
}

/// Compresses a labelled body, with a checksum by which [`unpack`] finds damage.
fn pack(body: &[u8], label: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = zstd::bulk::Compressor::new(LEVEL)?;
    packer.include_checksum(true)?;
    packer.include_contentsize(true)?;
    packer.compress(&[label, body].concat())
}

/// The body of an entry, unless it is damaged or has another label.
fn unpack(packed: &[u8], label: &[u8]) -> Option<Vec<u8>> {
    let most = MOST_UNPACKED + label.len();
    let told = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten();
    let told = told.and_then(|size| usize::try_from(size).ok()).unwrap_or(most);
    let mut body = zstd::bulk::decompress(packed, told.min(most)).ok()?;
    body.starts_with(label).then(|| drop(body.drain(..label.len())))?;
    Some(body)
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn cache(dir: &Path, most_bytes: u64) -> (Cache, Arc<AtomicI64>) {
        let now = Arc::new(AtomicI64::new(1_800_000_000_000));
        let clock = {
            let now = Arc::clone(&now);
            Clock::new(move || now.load(Ordering::Relaxed))
        };
        (Cache::open(dir, DAY, most_bytes, clock).unwrap(), now)
    }

    /// Bytes that do not pack well, and differ for each seed.
    fn noise(seed: u64, length: usize) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn what_was_written_is_read_by_another_process_until_it_is_too_old() {
        let dir = tempfile::tempdir().unwrap();
        let (first, _) = cache(dir.path(), 1 << 20);
        first.write("a", b"tile");
        first.write("b", b"");
        first.write("a", b"newer tile");
        let (second, now) = cache(dir.path(), 1 << 20);
        assert_eq!(second.read("a").as_deref(), Some(&b"newer tile"[..]));
        assert_eq!(second.read("b").as_deref(), Some(&b""[..]));
        assert_eq!(second.read("c"), None);
        assert_eq!(second.size().unwrap().tiles, 2);
        now.fetch_add(86_400_001, Ordering::Relaxed);
        assert_eq!(second.read("a"), None);
    }

    #[test]
    fn the_least_recently_used_ones_make_room() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, now) = cache(dir.path(), 10_000);
        for seed in 0..8 {
            cache.write(&seed.to_string(), &noise(seed, 1000));
            now.fetch_add(4_000_000, Ordering::Relaxed);
        }
        assert!(cache.read("0").is_some(), "now it is the one used last");
        for seed in 8..12 {
            cache.write(&seed.to_string(), &noise(seed, 1000));
            now.fetch_add(4_000_000, Ordering::Relaxed);
        }
        let there: Vec<u64> = (0..12).filter(|seed| cache.read(&seed.to_string()).is_some()).collect();
        assert!(there.contains(&0) && there.contains(&11) && !there.contains(&1), "{there:?}");
        assert!(cache.size().unwrap().bytes <= 10_000);
        cache.write("large", &noise(99, 20_000));
        assert_eq!(cache.read("large"), None, "it alone would be too much");
        cache.clear().unwrap();
        assert_eq!(cache.size().unwrap(), CacheSize::default());
    }

    #[test]
    fn a_damaged_entry_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let body = noise(7, 5000);
        let (cache, _) = cache(dir.path(), 1 << 20);
        cache.write("a", &body);
        for at in [0, 4, 9, 2500, 4990] {
            let flip = "UPDATE entries SET packed = substr(packed, 1, ?1) || x'a5' || substr(packed, ?1 + 2)";
            cache.with(|c| c.execute(flip, [at])).unwrap();
            assert_eq!(cache.read("a").filter(|read| *read != body), None, "never another body");
            cache.write("a", &body);
        }
        cache.with(|c| c.execute("UPDATE entries SET packed = substr(packed, 1, 100)", [])).unwrap();
        assert_eq!(cache.read("a"), None);
    }

    #[test]
    fn tables_that_lead_to_another_entry_or_another_time_give_none() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, _) = cache(dir.path(), 1 << 20);
        let fill = || {
            for key in ["a", "b"] {
                cache.write(key, key.repeat(500).as_bytes());
            }
        };
        fill();
        for damage in [
            "UPDATE entries SET id = 1000 - id; UPDATE entries SET id = id - 997",
            "UPDATE tiles SET key = key || 'x'; UPDATE tiles SET key = CASE key WHEN 'ax' THEN 'b' ELSE 'a' END",
            "UPDATE tiles SET stored_at_ms = stored_at_ms - 1",
        ] {
            cache.with(|c| c.execute_batch(damage)).unwrap();
            assert_eq!((cache.read("a"), cache.read("b")), (None, None), "{damage}");
            cache.clear().unwrap();
            fill();
            assert!(cache.read("a").is_some() && cache.read("b").is_some());
        }
    }

    #[test]
    fn a_cache_of_an_earlier_version_begins_empty() {
        let dir = tempfile::tempdir().unwrap();
        let earlier = Connection::open(dir.path().join(CACHE_FILE)).unwrap();
        earlier
            .execute_batch(
                "PRAGMA user_version = 1; CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
                 INSERT INTO bodies VALUES (1, x'00');",
            )
            .unwrap();
        drop(earlier);
        let (cache, _) = cache(dir.path(), 1 << 20);
        assert_eq!(cache.size().unwrap(), CacheSize::default());
        cache.write("a", b"tile");
        assert_eq!(cache.read("a").as_deref(), Some(&b"tile"[..]));
    }

    #[test]
    fn a_broken_file_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("tiles.sqlite"), noise(1, 100_000)).unwrap();
        let (cache, _) = cache(dir.path(), 1 << 20);
        cache.write("a", b"tile");
        assert_eq!(cache.read("a").as_deref(), Some(&b"tile"[..]));
    }

    #[test]
    fn many_threads_read_and_write_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, _) = cache(dir.path(), 1 << 20);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let cache = &cache;
                scope.spawn(move || {
                    for seed in 0..25 {
                        let key = format!("{thread}/{seed}");
                        cache.write(&key, &noise(seed, 500));
                        assert_eq!(cache.read(&key), Some(noise(seed, 500)));
                    }
                });
            }
        });
        assert_eq!(cache.size().unwrap().tiles, 100);
    }
}
