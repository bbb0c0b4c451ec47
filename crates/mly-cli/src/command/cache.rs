//! `mly cache`: shows or empties the tile cache. Sends nothing, and needs no token.

use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use mly::Options;
use mly::store::{Cache, CacheSize};

use super::budget::OTHER_FOLDER;
use super::session::Session;
use crate::args::{CacheAction, CacheVerb};
use crate::exit::Failure;
use crate::progress::counted;

pub(super) fn run(args: &CacheVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    let service = &args.common.service;
    // The same folder for any service: it is only looked at here, not filled.
    let named = session.environment.named_data_dir(service.kept.cache_dir.clone());
    let folder = named.map(|setting| setting.value).or_else(|| session.environment.user_data_dir());
    match args.action.unwrap_or(CacheAction::Size) {
        CacheAction::Path => session.console.print(&format!("{}\n", path(folder)?.display())),
        CacheAction::Size => {
            let size = open(folder.as_deref())?.map(|cache| size_of(&cache)).transpose()?.unwrap_or_default();
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
    Ok(Cache::file_in(&folder))
}

/// Removes all tiles, and returns how much that was.
fn clear(folder: Option<&Path>) -> Result<CacheSize, Failure> {
    let Some(cache) = open(folder)? else { return Ok(CacheSize::default()) };
    let size = size_of(&cache)?;
    cache.clear()?;
    Ok(size)
}

/// The cache in a folder, if there is one: none is created only to be looked at.
fn open(folder: Option<&Path>) -> Result<Option<Cache>, Failure> {
    let Some(folder) = folder.filter(|folder| Cache::file_in(folder).exists()) else { return Ok(None) };
    let options = Options::default();
    let cache = Cache::open(folder, options.max_age(), options.cache_bytes(), options.clock().clone());
    cache.map(Some).map_err(|e| Failure::from(e).with_hint(OTHER_FOLDER))
}

fn size_of(cache: &Cache) -> Result<CacheSize, Failure> {
    cache.size().map_err(|e| Failure::from(e).with_hint(OTHER_FOLDER))
}

fn told(size: CacheSize) -> String {
    format!("{}, {}", counted(size.tiles, "tiles"), HumanBytes(size.bytes))
}
