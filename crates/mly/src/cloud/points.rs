//! A point cloud in metres around an origin.

use super::frame::Frame;
use super::geodesy::{Geodetic, Tangent};
use super::reconstruction::{CameraCenter, CloudPoint, Reconstruction};

/// Farthest a point is kept from its reconstruction's reference, in metres along each axis.
///
/// Streets are seen from metres away. What is triangulated from almost parallel rays lies anywhere, and past a thousand
/// kilometres it would only blow up the extent of a file.
const FARTHEST_M: f64 = 1e6;

/// A point cloud: coloured points, and the cameras that saw them.
///
/// Positions are metres east, north and up of an origin. An empty cloud has none; it takes that of the first cloud
/// merged into it.
///
/// Heights are what the reconstructions say, `altitude` of their `reference_lla`, taken as heights above the
/// ellipsoid, as OpenSfM does. Cameras that report heights above the sea make them that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cloud {
    origin: Option<Geodetic>,
    points: Vec<CloudPoint>,
    cameras: Vec<CameraCenter>,
    skipped: usize,
}

impl Cloud {
    /// One cloud of several reconstructions, in the frame of the first.
    pub(super) fn new(reconstructions: Vec<Reconstruction>) -> Self {
        let mut cloud = Self::default();
        for reconstruction in reconstructions {
            cloud.merge(Self::of(reconstruction));
        }
        cloud
    }

    fn of(Reconstruction { mut points, mut cameras, reference }: Reconstruction) -> Self {
        let found = points.len() + cameras.len();
        points.retain(|point| is_near(point.enu_m));
        cameras.retain(|camera| is_near(camera.enu_m));
        let skipped = found - points.len() - cameras.len();
        Self { origin: Some(reference), points, cameras, skipped }
    }

    /// Adds another cloud, brought into the frame of this one.
    ///
    /// Nothing is compared: a cluster that is merged twice is there twice.
    pub fn merge(&mut self, mut other: Self) {
        match (self.origin, other.origin) {
            (Some(here), Some(there)) if here != there => {
                let (from, to) = (Tangent::at(there), Tangent::at(here));
                other.points.iter_mut().for_each(|point| point.enu_m = from.shift(point.enu_m, &to));
                other.cameras.iter_mut().for_each(|camera| camera.enu_m = from.shift(camera.enu_m, &to));
            }
            (None, there) => self.origin = there,
            _ => {}
        }
        if self.points.is_empty() {
            self.points = other.points;
        } else {
            self.points.append(&mut other.points);
        }
        self.cameras.append(&mut other.cameras);
        self.skipped += other.skipped;
    }

    /// Where the positions count from, unless the cloud is empty.
    pub fn origin(&self) -> Option<Geodetic> {
        self.origin
    }

    /// The points, in the order of the files.
    pub fn points(&self) -> &[CloudPoint] {
        &self.points
    }

    /// The cameras, in the order of the files.
    pub fn cameras(&self) -> &[CameraCenter] {
        &self.cameras
    }

    /// Points and cameras that were left out, because they lie over 1,000 km from their reconstruction's reference.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Positions of the points in a frame, in their order.
    pub fn positions(&self, frame: Frame) -> impl Iterator<Item = [f64; 3]> + '_ {
        let position = frame.positions(self.origin);
        self.points.iter().map(move |point| position(point.enu_m))
    }
}

/// Whether a position is of use. One that is not a number is not.
fn is_near(enu_m: [f64; 3]) -> bool {
    enu_m.iter().all(|metres| metres.abs() <= FARTHEST_M)
}
