//! Point clouds: reads Mapillary's 3D reconstructions (`sfm_cluster` files) and writes them as PLY, LAS or LAZ.

mod decode;
mod format;
mod frame;
mod geodesy;
mod las;
mod members;
mod ply;
mod points;
mod reconstruction;
mod write;

pub(crate) use decode::decode;
pub use format::CloudFormat;
pub use frame::Frame;
pub use geodesy::Geodetic;
pub use points::Cloud;
pub use reconstruction::{CameraCenter, CloudPoint};
