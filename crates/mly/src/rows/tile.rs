//! One vector tile as columns.

use arrow_array::{Array, ArrayRef};
use mly_mvt::{ErrorKind, Geometry, Limits, Tile};
use serde::{Deserialize, Serialize};

use super::misfits::Misfits;
use super::properties::{PropertyColumns, TableColumns, unreadable};
use super::unproject::Unproject;
use crate::api::tiles::LAYERS;
use crate::error::Unreadable;
use crate::query::Layer;
use crate::tile::TileId;

/// Most features of a layer. The densest tiles known have 170,000 (API v4, "Empty tiles, sizes, transport").
const MOST_FEATURES: usize = 500_000;

/// The features of one layer of a tile, as they were sent.
#[derive(Debug)]
pub(crate) struct TileRows {
    /// The columns of the layer except the geometry, in the order of the layer; text as dictionaries.
    pub(crate) columns: Vec<ArrayRef>,
    /// Where the features are.
    pub(crate) places: Places,
    /// Features without a geometry or with one of another kind, which are not among the rows, and values that could not
    /// be read.
    misfits: Misfits,
}

impl TileRows {
    pub(super) fn new(columns: Vec<ArrayRef>, places: Places) -> Self {
        Self { columns, places, misfits: Misfits::default() }
    }

    /// The lines alone, if these are lines.
    pub(crate) fn into_lines(self) -> Vec<Vec<[f64; 2]>> {
        match self.places {
            Places::Lines(lines) => lines.into_iter().flatten().map(|line| line.positions).collect(),
            Places::Points { .. } => Vec::new(),
        }
    }

    /// Features that cannot be in any result, and values that are left empty.
    pub(crate) fn misfits(&self) -> Misfits {
        let without_id = self.columns.first().map_or(0, Array::null_count);
        let mut misfits = self.misfits.clone();
        misfits.features += without_id as u64;
        misfits
    }
}

/// Geometry of the rows, in degrees.
#[derive(Debug)]
pub(crate) enum Places {
    Points {
        lons: Vec<f64>,
        lats: Vec<f64>,
        /// Whether some lie beyond the edge of the tile.
        beyond_edge: bool,
    },
    Lines(Vec<Vec<TileLine>>),
}

/// A line of a tile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TileLine {
    pub(crate) positions: Vec<[f64; 2]>,
    /// Whether it begins and ends at the edge of the tile, where it was cut.
    pub(crate) is_cut: [bool; 2],
}

/// Decodes the features of a layer. A tile without that layer has no features, nor has one without a byte.
///
/// Where there are no map features, the service answers with a tile that has only another layer, `water`. A tile whose
/// layers are all unknown is not one of the service: text can be valid protobuf by chance.
pub(crate) fn decode(layer: Layer, tile: TileId, bytes: &[u8]) -> Result<Option<TileRows>, Unreadable> {
    let tile_bytes = tile_of(bytes);
    let found = tile_bytes.layer(layer.tile_layer()).map_err(unreadable)?;
    if found.is_none() {
        check_layers(bytes)?;
    }
    let Some(features) = found.filter(|features| features.feature_count() > 0) else { return Ok(None) };
    let properties = PropertyColumns::new(layer.columns(), &features);
    let unproject = Unproject::new(tile, features.extent());
    match layer {
        Layer::Sequences => decode_lines(&features, properties, &unproject).map(Some),
        Layer::Images | Layer::Points | Layer::Signs => {
            decode_points(&features, properties, &unproject).map(Some)
        }
    }
}

fn tile_of(bytes: &[u8]) -> Tile<'_> {
    Tile::with_limits(bytes, Limits::default().with_features(MOST_FEATURES))
}

/// Checks that a tile has a layer of the service, or not a byte.
pub(crate) fn check_layers(bytes: &[u8]) -> Result<(), Unreadable> {
    let tile = tile_of(bytes);
    if bytes.is_empty() {
        return Ok(());
    }
    for name in LAYERS {
        if tile.layer(name).map_err(unreadable)?.is_some() {
            return Ok(());
        }
    }
    let names = tile.layers().map(|layer| Ok(format!("`{}`", layer.map_err(unreadable)?.name())));
    let names = names.take(3).collect::<Result<Vec<_>, _>>()?.join(", ");
    let what = match &*names {
        "" => "it has no layer".to_owned(),
        names => format!("it has only layers that the service does not have: {names}"),
    };
    Err(Unreadable { what, offset: None, passing: true })
}

/// Whether only this feature has to be left out, because it has no geometry or one of another kind. Any other error
/// means that the tile is damaged.
fn is_misfit(error: &mly_mvt::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotAPoint | ErrorKind::Missing("geometry"))
}

fn decode_points(
    layer: &mly_mvt::Layer<'_>,
    mut properties: PropertyColumns,
    unproject: &Unproject,
) -> Result<TileRows, Unreadable> {
    let mut units = Vec::with_capacity(layer.feature_count());
    let mut other_geometry = 0;
    for feature in layer.features() {
        let feature = feature.map_err(unreadable)?;
        match feature.point() {
            Ok(at) => units.push(at),
            Err(error) if is_misfit(&error) => {
                other_geometry += 1;
                continue;
            }
            Err(error) => return Err(unreadable(error)),
        }
        properties.push(&feature).map_err(unreadable)?;
    }
    let extent = i32::try_from(layer.extent()).unwrap_or(i32::MAX);
    // `fold` instead of `any`: without an early exit the compiler can vectorize the loop.
    let beyond_edge = units.iter().flatten().fold(false, |any, n| any | !(0..=extent).contains(n));
    let places = Places::Points { lons: unproject.lons(&units), lats: unproject.lats(&units), beyond_edge };
    Ok(tile_rows(properties.finish(layer.values()), places, other_geometry))
}

fn tile_rows(properties: TableColumns, places: Places, other_geometry: u64) -> TileRows {
    let TableColumns { columns, mut misfits } = properties;
    misfits.features += other_geometry;
    TileRows { columns, places, misfits }
}

fn decode_lines(
    layer: &mly_mvt::Layer<'_>,
    mut properties: PropertyColumns,
    unproject: &Unproject,
) -> Result<TileRows, Unreadable> {
    let extent = i32::try_from(layer.extent()).unwrap_or(i32::MAX);
    let mut places = Vec::with_capacity(layer.feature_count());
    let mut other_geometry = 0;
    for feature in layer.features() {
        let feature = feature.map_err(unreadable)?;
        let lines = match feature.geometry() {
            Ok(Geometry::Lines(lines)) => lines,
            Err(error) if !is_misfit(&error) => return Err(unreadable(error)),
            Ok(_) | Err(_) => {
                other_geometry += 1;
                continue;
            }
        };
        let cut = |at: Option<&[i32; 2]>| at.is_some_and(|at| at.iter().any(|n| *n <= 0 || *n >= extent));
        let degrees = |line: Vec<[i32; 2]>| TileLine {
            is_cut: [cut(line.first()), cut(line.last())],
            positions: line.into_iter().map(|at| unproject.position(at)).collect(),
        };
        places.push(lines.into_iter().map(degrees).collect());
        properties.push(&feature).map_err(unreadable)?;
    }
    Ok(tile_rows(properties.finish(layer.values()), Places::Lines(places), other_geometry))
}
