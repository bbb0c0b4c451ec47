//! Writes PLY, the Polygon File Format (G. Turk, 1994), binary and little endian.

use std::io::{BufWriter, Write};

use super::frame::Frame;
use super::points::Cloud;
use crate::error::Cause;
use crate::file::Destination;

/// Size of the write buffer in bytes.
const BUFFER: usize = 1 << 20;

/// Writes a cloud and returns the destination.
pub(super) fn write(cloud: &Cloud, frame: Frame, destination: Destination) -> Result<Destination, Cause> {
    let mut file = BufWriter::with_capacity(BUFFER, destination);
    file.write_all(header(cloud, frame).as_bytes())?;
    for (position, point) in cloud.positions(frame).zip(cloud.points()) {
        for coordinate in position {
            file.write_all(&coordinate.to_le_bytes())?;
        }
        file.write_all(&point.color)?;
    }
    Ok(file.into_inner().map_err(std::io::IntoInnerError::into_error)?)
}

fn header(cloud: &Cloud, frame: Frame) -> String {
    let origin = cloud.origin().map(|o| {
        format!("comment origin: longitude {} latitude {} height {}\n", o.longitude, o.latitude, o.height_m)
    });
    format!(
        "ply\nformat binary_little_endian 1.0\ncomment made by mly\ncomment frame: {}\n{}element vertex {}\n\
         property double x\nproperty double y\nproperty double z\n\
         property uchar red\nproperty uchar green\nproperty uchar blue\nend_header\n",
        frame.description(),
        origin.unwrap_or_default(),
        cloud.points().len(),
    )
}
