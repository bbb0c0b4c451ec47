//! Photos for tests.

/// A grey JPEG that decoders can read.
///
/// Its Huffman codes have one bit, so each block of pixels takes two bits: one zero says that it has the same grey as
/// the block before, another that all its other coefficients are 0.
pub(super) fn photo(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8];
    push_segment(&mut bytes, 0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    push_segment(&mut bytes, 0xDB, &[&[0][..], &[1; 64]].concat());
    let [h, w] = [height.to_be_bytes(), width.to_be_bytes()];
    push_segment(&mut bytes, 0xC0, &[8, h[0], h[1], w[0], w[1], 1, 1, 0x11, 0]);
    for table in [0x00, 0x10] {
        let mut body = vec![table, 1];
        body.extend([0; 15]); // there are no codes of 2 to 16 bits
        body.push(0); // the only code stands for the value 0
        push_segment(&mut bytes, 0xC4, &body);
    }
    push_segment(&mut bytes, 0xDA, &[1, 1, 0, 0, 63, 0]);
    let bits = usize::from(width.div_ceil(8)) * usize::from(height.div_ceil(8)) * 2;
    bytes.extend(vec![0; bits / 8]);
    if bits % 8 > 0 {
        bytes.push(0xFF >> (bits % 8)); // the last byte is padded with ones
    }
    bytes.extend([0xFF, 0xD9]);
    bytes
}

/// Inserts a segment right after the start marker.
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

/// A JPEG without its segments with this marker. Shares no code with the code under test.
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
