//! The outline of a detection: a small vector tile whose coordinates lie in the image, x right and y down from the top left
//! corner.
//!
//! Written byte by byte and not by `mly-mvt`, because the service has two encoders of its own, which differ in version,
//! order of fields and feature ids, and clients have to read both.

use std::f64::consts::TAU;

use crate::dice::Dice;

/// A corner in 1/4096 of the image.
pub(crate) type Corner = [i32; 2];

const LAYER: &[u8] = b"mpy-or";

/// A box, as the sign detector writes it: version 1, no feature id, the property `type = polygon`, four corners.
pub(crate) fn of_box([left, top]: Corner, [right, bottom]: Corner) -> Vec<u8> {
    let rings = [vec![[left, top], [right, top], [right, bottom], [left, bottom]]];
    let mut layer = Vec::new();
    field(&mut layer, 1, LAYER);
    field(&mut layer, 2, &feature(None, &[0, 0], &rings));
    field(&mut layer, 3, b"type");
    field(&mut layer, 4, b"\x0a\x07polygon");
    number(&mut layer, 5, 4096);
    number(&mut layer, 15, 1);
    tile(&layer)
}

/// Several parts, as the segmentation writes them: version 2, which comes first in the layer, and one feature for each part,
/// all with id 1 and without properties.
pub(crate) fn of_parts(parts: &[Vec<Corner>]) -> Vec<u8> {
    let mut layer = Vec::new();
    number(&mut layer, 15, 2);
    field(&mut layer, 1, LAYER);
    number(&mut layer, 5, 4096);
    for part in parts {
        field(&mut layer, 2, &feature(Some(1), &[], std::slice::from_ref(part)));
    }
    tile(&layer)
}

/// An irregular ring around a place, clockwise on the screen.
pub(crate) fn blob(dice: &mut Dice, [x, y]: [f64; 2], [across, down]: [f64; 2]) -> Vec<Corner> {
    const CORNERS: u8 = 14;
    let mut ring: Vec<_> = (0..CORNERS)
        .map(|index| {
            let angle = TAU * f64::from(index) / f64::from(CORNERS);
            let reach = dice.between(0.75, 1.0);
            corner([x + reach * across.max(4.0) * angle.cos(), y + reach * down.max(4.0) * angle.sin()])
        })
        .collect();
    ring.dedup();
    ring
}

/// Rounds a place to a corner inside the image.
#[expect(clippy::cast_possible_truncation, reason = "clamped to the image")]
pub(crate) fn corner(place: [f64; 2]) -> Corner {
    place.map(|part| part.round().clamp(0.0, 4096.0) as i32)
}

fn tile(layer: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(layer.len() + 4);
    field(&mut out, 3, layer);
    out
}

fn feature(id: Option<u64>, tags: &[u8], rings: &[Vec<Corner>]) -> Vec<u8> {
    const POLYGON: u64 = 3;
    let mut out = Vec::new();
    if let Some(id) = id {
        number(&mut out, 1, id);
    }
    if !tags.is_empty() {
        field(&mut out, 2, tags);
    }
    number(&mut out, 3, POLYGON);
    field(&mut out, 4, &commands(rings));
    out
}

/// The commands of vector tile geometry.
fn commands(rings: &[Vec<Corner>]) -> Vec<u8> {
    const MOVE_TO: u64 = 1;
    const LINE_TO: u64 = 2;
    const CLOSE_PATH: u64 = 7;
    let mut out = Vec::new();
    let mut pen = [0, 0];
    for ring in rings {
        for (place, corner) in ring.iter().enumerate() {
            match place {
                0 => varint(&mut out, MOVE_TO | 1 << 3),
                1 => varint(&mut out, LINE_TO | (ring.len() as u64 - 1) << 3),
                _ => {}
            }
            varint(&mut out, zigzag(corner[0] - pen[0]));
            varint(&mut out, zigzag(corner[1] - pen[1]));
            pen = *corner;
        }
        varint(&mut out, CLOSE_PATH | 1 << 3);
    }
    out
}

fn zigzag(value: i32) -> u64 {
    u64::from(((value << 1) ^ (value >> 31)).cast_unsigned())
}

fn field(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    varint(out, number << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn number(out: &mut Vec<u8>, number: u64, value: u64) {
    varint(out, number << 3);
    varint(out, value);
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    #[test]
    fn boxes_are_the_bytes_of_the_documentation() {
        let cases = [
            ([2097, 2489], [2191, 2571], "4iDyJhq8AQAApAG7AQAP"),
            ([2894, 1527], [3138, 1965], "nC3uFxroAwAA7AbnAwAP"),
        ];
        for (left_top, right_bottom, differs) in cases {
            let text = format!("GjgKBm1weS1vchIYEgIAABgDIhAJ{differs}GgR0eXBlIgkKB3BvbHlnb24ogCB4AQ==");
            assert_eq!(STANDARD.encode(of_box(left_top, right_bottom)), text);
        }
    }
}
