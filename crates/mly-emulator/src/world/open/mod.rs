//! Worlds from files: stored tiles and GeoJSON.

mod geojson;
mod tile;

use std::{
    collections::{HashMap, hash_map::Entry},
    fs, io,
    path::{Path, PathBuf},
};

use bytes::Bytes;

use crate::{
    error::Error,
    grid::TileId,
    tile_set::TileSet,
    world::{
        record::{FeatureKind, Image, MapFeature},
        records::Records,
    },
};

/// The data of the files that were read so far.
#[derive(Debug, Default)]
struct WorldFiles {
    tiles: HashMap<(TileSet, TileId), Bytes>,
    images: Vec<Image>,
    features: Vec<MapFeature>,
}

/// One file, or a folder of files.
pub(super) fn open(path: &Path) -> Result<Records, Error> {
    let mut files = WorldFiles::default();
    if fs::metadata(path).map_err(|error| Error::unreadable(path, &error))?.is_dir() {
        files.folder(path)?;
        if files.tiles.is_empty() && files.images.is_empty() && files.features.is_empty() {
            return Err(Error::world(
                path,
                "this folder holds no data: it should hold tiles ({set}-{z}-{x}-{y}.mvt or {set}/{z}/{x}/{y}.mvt), \
                 images.geojson, signs.geojson or points.geojson",
            ));
        }
    } else if !files.file(path)? {
        return Err(Error::world(
            path,
            "not a file of a world: a tile is named {set}-{z}-{x}-{y}.mvt, and GeoJSON images.geojson, signs.geojson or \
             points.geojson",
        ));
    }
    Ok(Records::default()
        .with_images(merged(files.images))
        .with_features(files.features)
        .with_stored_tiles(files.tiles))
}

impl WorldFiles {
    fn folder(&mut self, folder: &Path) -> Result<(), Error> {
        for path in entries(folder)? {
            if !path.is_dir() {
                self.file(&path)?;
            } else if let Some(set) = path.file_name().and_then(|name| TileSet::named(name.to_str()?)) {
                self.set_folder(set, &path)?;
            }
        }
        Ok(())
    }

    /// Reads tiles at `{z}/{x}/{y}`, with or without an extension.
    fn set_folder(&mut self, set: TileSet, folder: &Path) -> Result<(), Error> {
        for z_folder in entries(folder)? {
            for x_folder in entries(&z_folder)? {
                for path in entries(&x_folder)? {
                    let at = tile_at(&name(&z_folder), &name(&x_folder), &stem(&path)).ok_or_else(|| {
                        Error::world(&path, "the path does not name a tile: expected {set}/{z}/{x}/{y}")
                    })?;
                    self.tile(set, at, &path)?;
                }
            }
        }
        Ok(())
    }

    /// Reads a file if its name says that it belongs to a world, and says whether it did. Other files are ignored.
    fn file(&mut self, path: &Path) -> Result<bool, Error> {
        match (stem(path).as_str(), extension(path).as_str()) {
            ("images", "geojson") => self.images.extend(geojson::images(path)?),
            ("signs", "geojson") => self.features.extend(geojson::features(path, FeatureKind::Sign)?),
            ("points", "geojson") => self.features.extend(geojson::features(path, FeatureKind::Point)?),
            (stem, "mvt" | "pbf") => {
                let (set, at) = named_tile(stem).ok_or_else(|| {
                    Error::world(path, "the name does not name a tile: expected {set}-{z}-{x}-{y}.mvt")
                })?;
                self.tile(set, at, path)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn tile(&mut self, set: TileSet, at: TileId, path: &Path) -> Result<(), Error> {
        let bytes = tile::unpacked(fs::read(path).map_err(|error| Error::unreadable(path, &error))?)
            .map_err(|error| Error::unreadable(path, &error))?;
        let entities = tile::entities(set, at, &bytes)
            .map_err(|error| Error::world(path, format!("not a vector tile: {error}")))?;
        self.images.extend(entities.images);
        self.features.extend(entities.features);
        self.tiles.insert((set, at), bytes);
        Ok(())
    }
}

/// One record for each image. An image that is in tiles of both coverage sets comes twice: once with its original position,
/// once with its computed one.
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
    let mut paths = read().map_err(|error| Error::unreadable(folder, &error))?;
    paths.sort();
    Ok(paths)
}

fn named_tile(stem: &str) -> Option<(TileSet, TileId)> {
    let mut parts = stem.rsplitn(4, '-');
    let (y, x, z, set) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some((TileSet::named(set)?, tile_at(z, x, y)?))
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
