//! Meshes: a protobuf message with the repeated fields 1, coordinates (float), and 2, corners of triangles (varint). Neither
//! is packed.

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
pub(crate) fn file() -> Vec<u8> {
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
