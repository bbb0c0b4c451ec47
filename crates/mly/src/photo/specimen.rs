//! Photos for tests.

/// A grey JPEG that decoders read.
///
/// Its codes have one bit each: a zero says that a block is as grey as the one before it, another that nothing follows.
pub(super) fn photo(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8];
    push_segment(&mut bytes, 0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    push_segment(&mut bytes, 0xDB, &[&[0][..], &[1; 64]].concat());
    let [h, w] = [height.to_be_bytes(), width.to_be_bytes()];
    push_segment(&mut bytes, 0xC0, &[8, h[0], h[1], w[0], w[1], 1, 1, 0x11, 0]);
    for table in [0x00, 0x10] {
        let mut body = vec![table, 1];
        body.extend([0; 15]); // no code is longer than a bit
        body.push(0); // and the only one means zero
        push_segment(&mut bytes, 0xC4, &body);
    }
    push_segment(&mut bytes, 0xDA, &[1, 1, 0, 0, 63, 0]);
    let bits = usize::from(width.div_ceil(8)) * usize::from(height.div_ceil(8)) * 2;
    bytes.extend(vec![0; bits / 8]);
    if bits % 8 > 0 {
        bytes.push(0xFF >> (bits % 8)); // the rest of the last byte is filled with ones
    }
    bytes.extend([0xFF, 0xD9]);
    bytes
}

/// Puts a segment right behind the beginning.
pub(super) fn insert_segment(jpeg: &mut Vec<u8>, marker: u8, body: &[u8]) {
    let mut segment = Vec::new();
    push_segment(&mut segment, marker, body);
    jpeg.splice(2..2, segment);
}

fn push_segment(jpeg: &mut Vec<u8>, marker: u8, body: &[u8]) {
    jpeg.extend([0xFF, marker]);
    jpeg.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
    jpeg.extend(body);
}

/// Everything of a JPEG but its segments with a marker, read without any of our code.
pub(super) fn without(jpeg: &[u8], marker: u8) -> Vec<u8> {
    let mut left = jpeg[..2].to_vec();
    let mut at = 2;
    while jpeg[at + 1] != 0xDA {
        let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] != marker {
            left.extend(&jpeg[at..end]);
        }
        at = end;
    }
    left.extend(&jpeg[at..]);
    left
}
