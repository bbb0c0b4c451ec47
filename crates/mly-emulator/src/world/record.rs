//! The records of a world.

use std::{borrow::Cow, sync::Arc};

use crate::grid::to_world;

/// A photo. What all images of a sequence share is repeated on each, as in tiles.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) id: u64,
    pub(crate) sequence: Arc<str>,
    pub(crate) captured_at_ms: i64,
    /// Original longitude and latitude.
    pub(crate) position: [f64; 2],
    /// Computed longitude and latitude; none until processed.
    pub(crate) computed: Option<[f64; 2]>,
    pub(crate) compass_angle: Option<f64>,
    pub(crate) computed_compass_angle: Option<f64>,
    pub(crate) altitude_m: Option<f64>,
    pub(crate) is_pano: bool,
    pub(crate) organization: Option<u64>,
    pub(crate) creator: Option<u64>,
    pub(crate) quality_score: Option<f64>,
    pub(crate) foot: Option<bool>,
    pub(crate) camera: Option<&'static Camera>,
    /// The connected piece of the reconstruction, counted within the sequence.
    pub(crate) cluster: u32,
}

impl Image {
    pub(crate) fn at(&self, positions: PositionKind) -> Option<[f64; 2]> {
        match positions {
            PositionKind::Original => Some(self.position),
            PositionKind::Computed => self.computed,
        }
    }

    pub(crate) fn in_tile(&self, positions: PositionKind) -> Option<TileImage<'_>> {
        Some(TileImage {
            place: to_world(self.at(positions)?),
            id: self.id,
            sequence: &self.sequence,
            captured_at_ms: self.captured_at_ms,
            compass_angle: self.compass_angle,
            computed_compass_angle: self.computed_compass_angle,
            is_pano: self.is_pano,
            organization: self.organization,
            creator: self.creator,
            quality_score: self.quality_score,
            foot: self.foot,
        })
    }
}

/// The properties of an image in a tile. They are borrowed, since a tile of a random world holds 20,000 images.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TileImage<'a> {
    /// The place in the unit square.
    pub(crate) place: [f64; 2],
    pub(crate) id: u64,
    pub(crate) sequence: &'a str,
    pub(crate) captured_at_ms: i64,
    pub(crate) compass_angle: Option<f64>,
    pub(crate) computed_compass_angle: Option<f64>,
    pub(crate) is_pano: bool,
    pub(crate) organization: Option<u64>,
    pub(crate) creator: Option<u64>,
    pub(crate) quality_score: Option<f64>,
    pub(crate) foot: Option<bool>,
}

/// Which of the two positions of an image: tiles exist for either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PositionKind {
    Original,
    Computed,
}

/// A model of camera.
#[derive(Debug)]
pub(crate) struct Camera {
    pub(crate) make: Option<&'static str>,
    pub(crate) model: Option<&'static str>,
    pub(crate) projection: &'static str,
    /// `[focal, k1, k2]`, or nothing for a spherical camera.
    pub(crate) parameters: &'static [f64],
    pub(crate) width: u16,
    pub(crate) height: u16,
}

impl Camera {
    pub(crate) fn is_pano(&self) -> bool {
        self.parameters.is_empty()
    }
}

/// The two map feature layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FeatureKind {
    Point,
    Sign,
}

/// An object or a traffic sign.
#[derive(Clone, Debug)]
pub(crate) struct MapFeature {
    pub(crate) id: u64,
    pub(crate) kind: FeatureKind,
    pub(crate) value: Arc<str>,
    pub(crate) first_seen_at_ms: i64,
    pub(crate) last_seen_at_ms: i64,
    pub(crate) position: [f64; 2],
    pub(crate) aligned_direction: Option<f64>,
    pub(crate) images: Vec<u64>,
}

/// Something that was detected in one image.
#[derive(Clone, Debug)]
pub(crate) struct Detection {
    pub(crate) id: u64,
    pub(crate) created_at_ms: i64,
    pub(crate) image: u64,
    pub(crate) feature: Option<u64>,
    pub(crate) value: Arc<str>,
    /// The vector tile that the service sends in base64.
    pub(crate) outline: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Organization {
    pub(crate) id: u64,
    pub(crate) slug: Cow<'static, str>,
    pub(crate) name: Cow<'static, str>,
    pub(crate) description: Cow<'static, str>,
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) username: String,
}

/// A sequence as one tile needs it.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    /// The earliest image, for the properties of the sequence.
    pub(crate) first: Image,
    /// The line in the unit square, in order of capture.
    pub(crate) path: Vec<[f64; 2]>,
    /// How many images of the sequence are inside the tile.
    pub(crate) inside: usize,
}
