//! Meshes: a protobuf message with the repeated fields 1, coordinates (float), and 2, corners of triangles (varint). Neither
//! is packed, unless another answer is played.

use std::fmt::Write;

use crate::answers::MeshFile;

/// Corners of a box of 60 x 12 x 60 metres around the camera, x right, y down, z forward.
const CORNERS: [[f32; 3]; 8] = [
    [-30.0, -10.0, -30.0],
    [30.0, -10.0, -30.0],
    [30.0, -10.0, 30.0],
    [-30.0, -10.0, 30.0],
    [-30.0, 2.0, -30.0],
    [30.0, 2.0, -30.0],
    [30.0, 2.0, 30.0],
    [-30.0, 2.0, 30.0],
];
/// Ground and walls; the sky is open.
const TRIANGLES: [[u8; 3]; 10] = [
    [4, 5, 6],
    [4, 6, 7],
    [0, 1, 5],
    [0, 5, 4],
    [1, 2, 6],
    [1, 6, 5],
    [2, 3, 7],
    [2, 7, 6],
    [3, 0, 4],
    [3, 4, 7],
];

/// The same street canyon for every image.
pub(crate) fn file(format: MeshFile) -> Vec<u8> {
    match format {
        MeshFile::Unpacked => unpacked(),
        MeshFile::Packed => packed(),
        MeshFile::Ply => ply().into_bytes(),
    }
}

fn unpacked() -> Vec<u8> {
    const COORDINATE: u8 = 1 << 3 | 5;
    const CORNER: u8 = 2 << 3;
    let mut out = Vec::new();
    for coordinate in CORNERS.as_flattened() {
        out.push(COORDINATE);
        out.extend(coordinate.to_le_bytes());
    }
    for &corner in TRIANGLES.as_flattened() {
        out.extend([CORNER, corner]);
    }
    out
}

/// The numbers of each field in one run of bytes. Both runs are shorter than 128 bytes, so their lengths are one byte.
fn packed() -> Vec<u8> {
    const COORDINATES: u8 = 1 << 3 | 2;
    const CORNERS_OF_TRIANGLES: u8 = 2 << 3 | 2;
    let mut out = Vec::new();
    for (tag, bytes) in [
        (COORDINATES, CORNERS.as_flattened().iter().flat_map(|c| c.to_le_bytes()).collect::<Vec<u8>>()),
        (CORNERS_OF_TRIANGLES, TRIANGLES.as_flattened().to_vec()),
    ] {
        out.push(tag);
        out.extend(u8::try_from(bytes.len()));
        out.extend(bytes);
    }
    out
}

fn ply() -> String {
    let mut out = format!(
        "ply\nformat ascii 1.0\nelement vertex {}\nproperty float x\nproperty float y\nproperty float z\n\
         element face {}\nproperty list uchar int vertex_indices\nend_header\n",
        CORNERS.len(),
        TRIANGLES.len()
    );
    for [x, y, z] in CORNERS {
        let _ = writeln!(out, "{x} {y} {z}");
    }
    for [a, b, c] in TRIANGLES {
        let _ = writeln!(out, "3 {a} {b} {c}");
    }
    out
}
