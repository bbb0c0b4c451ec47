//! Point clouds: converts reconstructions of Mapillary from `sfm_cluster` files to PLY, LAS and LAZ.

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
