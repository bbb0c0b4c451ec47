//! `mly cache`: shows or empties the tile cache. Sends nothing, and needs no token.

use std::io;
use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use mly::Options;
use mly::store::{Cache, CacheSize};

use super::session::Session;
use crate::args::{CacheAction, CacheVerb};
use crate::exit::Failure;
use crate::kept;
use crate::progress::counted;

/// The name that [`Cache`] gives its file; asking a `Cache` for it would create the file.
const TILES_FILE: &str = "tiles.sqlite";

pub(super) fn run(args: &CacheVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    let service = &args.common.service;
    // The same folder for any service: it is only looked at here, not filled.
    let folder = kept::named_folder(&service.kept, session.environment)
        .or_else(|| kept::folder_of_user(session.environment));
    match args.action.unwrap_or(CacheAction::Size) {
        CacheAction::Path => session.console.print(&format!("{}\n", path(folder)?.display())),
        CacheAction::Size => {
            let size = open(folder.as_deref())?.map(|cache| cache.size()).transpose();
            let size = size.map_err(|e| unfit(folder.as_deref(), &e))?.unwrap_or_default();
            session.console.print(&format!("{}\n", told(size)))
        }
        CacheAction::Clear => {
            let size = clear(folder.as_deref())?;
            if !session.talk.quiet {
                let what =
                    if size.tiles == 0 { "the cache was empty".to_owned() } else { told(size) + " removed" };
                session.console.say(&what);
            }
            Ok(())
        }
    }
}

fn path(folder: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let folder = folder.ok_or_else(|| {
        Failure::usage(
            "there is no cache: no folder for it is known",
            "name one with --cache-dir or MLY_CACHE_DIR",
        )
    })?;
    Ok(folder.join(TILES_FILE))
}

/// Removes all tiles, and returns how much that was.
fn clear(folder: Option<&Path>) -> Result<CacheSize, Failure> {
    let Some(cache) = open(folder)? else { return Ok(CacheSize::default()) };
    let size = cache.size().map_err(|e| unfit(folder, &e))?;
    let cleared = cache.clear();
    cleared.map_err(|e| Failure::output(&format!("cannot empty {}", cache.path().display()), &e))?;
    Ok(size)
}

/// The cache in a folder, if there is one: none is created only to be looked at.
fn open(folder: Option<&Path>) -> Result<Option<Cache>, Failure> {
    let Some(folder) = folder.filter(|folder| folder.join(TILES_FILE).exists()) else { return Ok(None) };
    let Options { max_age, cache_bytes, clock, .. } = Options::default();
    Cache::open(folder, max_age, cache_bytes, clock).map(Some).map_err(|e| unfit(Some(folder), &e))
}

fn unfit(folder: Option<&Path>, error: &io::Error) -> Failure {
    let name = folder.unwrap_or(Path::new("nowhere")).display();
    Failure::usage(format!("cannot use the tiles in {name}: {error}"), "name another folder with --cache-dir")
}

fn told(size: CacheSize) -> String {
    format!("{}, {}", counted(size.tiles, "tiles"), HumanBytes(size.bytes))
}
