//! Worlds from files: stored tiles and GeoJSON.

mod geojson;
mod tile;

use std::{
    collections::{HashMap, hash_map::Entry},
    fs, io,
    path::{Path, PathBuf},
};

use bytes::Bytes;

use super::{FeatureKind, Image, MapFeature, Records};
use crate::{error::Error, grid::TileId, tiles::Set};

/// What was found in the files so far.
#[derive(Debug, Default)]
struct Found {
    tiles: HashMap<(Set, TileId), Bytes>,
    images: Vec<Image>,
    features: Vec<MapFeature>,
}

/// One file, or a folder of files.
pub(super) fn open(path: &Path) -> Result<Records, Error> {
    let mut found = Found::default();
    if fs::metadata(path).map_err(|error| io_error(path, &error))?.is_dir() {
        found.folder(path)?;
        if found.tiles.is_empty() && found.images.is_empty() && found.features.is_empty() {
            return Err(bad(
                path,
                "no data in this folder: it should hold tiles ({set}-{z}-{x}-{y}.mvt or {set}/{z}/{x}/{y}.mvt), \
                 images.geojson, signs.geojson or points.geojson",
            ));
        }
    } else if !found.file(path)? {
        return Err(bad(
            path,
            "no world: a tile is named {set}-{z}-{x}-{y}.mvt, GeoJSON images.geojson, signs.geojson or points.geojson",
        ));
    }
    Ok(Records::default()
        .with_images(merged(found.images))
        .with_features(found.features)
        .with_stored_tiles(found.tiles))
}

impl Found {
    fn folder(&mut self, folder: &Path) -> Result<(), Error> {
        for path in entries(folder)? {
            if !path.is_dir() {
                self.file(&path)?;
            } else if let Some(set) = path.file_name().and_then(|name| Set::named(name.to_str()?)) {
                self.set_folder(set, &path)?;
            }
        }
        Ok(())
    }

    /// `{z}/{x}/{y}` with or without an extension.
    fn set_folder(&mut self, set: Set, folder: &Path) -> Result<(), Error> {
        for z_folder in entries(folder)? {
            for x_folder in entries(&z_folder)? {
                for path in entries(&x_folder)? {
                    let at = tile_at(&name(&z_folder), &name(&x_folder), &stem(&path))
                        .ok_or_else(|| bad(&path, "no tile address: expected {set}/{z}/{x}/{y}"))?;
                    self.tile(set, at, &path)?;
                }
            }
        }
        Ok(())
    }

    /// Whether the name says that it belongs to a world; other files are left alone.
    fn file(&mut self, path: &Path) -> Result<bool, Error> {
        match (stem(path).as_str(), extension(path).as_str()) {
            ("images", "geojson") => self.images.extend(geojson::images(path)?),
            ("signs", "geojson") => self.features.extend(geojson::features(path, FeatureKind::Sign)?),
            ("points", "geojson") => self.features.extend(geojson::features(path, FeatureKind::Point)?),
            (stem, "mvt" | "pbf") => {
                let (set, at) = named_tile(stem).ok_or_else(|| {
                    bad(path, "no tile address in the name: expected {set}-{z}-{x}-{y}.mvt")
                })?;
                self.tile(set, at, path)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn tile(&mut self, set: Set, at: TileId, path: &Path) -> Result<(), Error> {
        let bytes = tile::unpacked(fs::read(path).map_err(|error| io_error(path, &error))?)
            .map_err(|error| io_error(path, &error))?;
        tile::read(set, at, &bytes, self).map_err(|error| bad(path, format!("no vector tile: {error}")))?;
        self.tiles.insert((set, at), bytes);
        Ok(())
    }
}

/// One record for each image. Tiles of both coverage sets give one image two positions.
fn merged(images: Vec<Image>) -> Vec<Image> {
    let mut places: HashMap<u64, usize> = HashMap::new();
    let mut merged: Vec<Image> = Vec::with_capacity(images.len());
    for image in images {
        match places.entry(image.id) {
            Entry::Vacant(entry) => {
                entry.insert(merged.len());
                merged.push(image);
            }
            Entry::Occupied(entry) => {
                let known = &mut merged[*entry.get()];
                match (known.computed, image.computed) {
                    (None, Some(_)) => known.computed = image.computed,
                    (Some(computed), None) => *known = Image { computed: Some(computed), ..image },
                    _ => {}
                }
            }
        }
    }
    merged
}

/// The paths in a folder, sorted, so that the world does not depend on the file system.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
    let mut paths = read().map_err(|error| io_error(folder, &error))?;
    paths.sort();
    Ok(paths)
}

fn named_tile(stem: &str) -> Option<(Set, TileId)> {
    let mut parts = stem.rsplitn(4, '-');
    let (y, x, z, set) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some((Set::named(set)?, tile_at(z, x, y)?))
}

fn tile_at(z: &str, x: &str, y: &str) -> Option<TileId> {
    let at = TileId { z: z.parse().ok()?, x: x.parse().ok()?, y: y.parse().ok()? };
    at.exists().then_some(at)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().into_owned()
}

fn bad(path: &Path, why: impl Into<String>) -> Error {
    Error::World { path: path.to_owned(), why: why.into() }
}

fn io_error(path: &Path, error: &io::Error) -> Error {
    bad(path, error.to_string())
}
