//! The point cloud.

use super::frame::Frame;
use super::geodesy::{Geodetic, Tangent};
use super::reconstruction::{CameraCenter, CloudPoint, Reconstruction};

/// Points and cameras farther than this from the reference of their reconstruction are left out, in metres along each
/// axis.
///
/// Cameras see a street from metres away, but a point that was triangulated from almost parallel rays can lie anywhere.
/// Beyond a thousand kilometres it is certainly wrong, and would only blow up the extent of the file.
const FARTHEST_M: f64 = 1e6;

/// A point cloud: coloured points, and the cameras that saw them.
///
/// Positions are metres east, north and up of an origin. An empty cloud has no origin, and takes that of the first
/// cloud merged into it.
///
/// The height of the origin is the `altitude` in `reference_lla` of the reconstruction. It is taken as a height above
/// the ellipsoid, as OpenSfM does, but is one above sea level where the cameras reported that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cloud {
    origin: Option<Geodetic>,
    points: Vec<CloudPoint>,
    cameras: Vec<CameraCenter>,
    skipped: usize,
}

impl Cloud {
    /// Merges reconstructions into one cloud, in the frame of the first.
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
    /// Points are not compared: a cluster that is merged twice is in the cloud twice.
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

    /// The origin of the positions; `None` for an empty cloud.
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

    /// Positions of the points in a frame, in the order of [`Cloud::points`].
    pub fn positions(&self, frame: Frame) -> impl Iterator<Item = [f64; 3]> + '_ {
        let position = frame.positions(self.origin);
        self.points.iter().map(move |point| position(point.enu_m))
    }
}

/// Whether a position is within [`FARTHEST_M`]. NaN is not.
fn is_near(enu_m: [f64; 3]) -> bool {
    enu_m.iter().all(|metres| metres.abs() <= FARTHEST_M)
}
