//! The protobuf wire format, written.

/// Appends a varint.
#[inline]
pub(crate) fn varint(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 {
        out.push(value.to_le_bytes()[0]);
    } else if value < 1 << 56 {
        // The reverse of `Cursor::wide_varint`: 56 bits are spread to groups of 28, 14 and 7, one group per byte.
        let n = value & 0x0fff_ffff | (value & 0x00ff_ffff_f000_0000) << 4;
        let n = n & 0x0000_3fff_0000_3fff | (n & 0x0fff_c000_0fff_c000) << 2;
        let n = n & 0x007f_007f_007f_007f | (n & 0x3f80_3f80_3f80_3f80) << 1;
        let unused = n.leading_zeros() as usize / 8;
        let bytes = n | 0x0080_8080_8080_8080 >> (8 * unused);
        // Appending eight bytes and removing some is faster than appending a number of bytes known only at run time.
        out.extend_from_slice(&bytes.to_le_bytes());
        out.truncate(out.len() - unused);
    } else {
        long_varint(out, value);
    }
}

#[cold]
fn long_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Appends an integer field.
#[inline]
pub(crate) fn integer(out: &mut Vec<u8>, key: u32, value: u64) {
    varint(out, u64::from(key));
    varint(out, value);
}

/// Appends the key of a field and the length of its content, which is to follow.
#[inline]
pub(crate) fn length(out: &mut Vec<u8>, key: u32, length: usize) {
    integer(out, key, length as u64);
}

/// Appends a field of text.
pub(crate) fn text(out: &mut Vec<u8>, key: u32, text: &str) {
    length(out, key, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// Appends a field whose content `write` appends. One byte is reserved for the length, which is enough for most; a longer
/// length moves the content.
#[inline]
pub(crate) fn message(out: &mut Vec<u8>, key: u32, write: impl FnOnce(&mut Vec<u8>)) {
    length(out, key, 0);
    let start = out.len();
    write(out);
    let length = out.len() - start;
    if length < 0x80 {
        if let Some(placeholder) = out.get_mut(start - 1) {
            *placeholder = length.to_le_bytes()[0];
        }
    } else {
        let mut prefix = Vec::with_capacity(10);
        varint(&mut prefix, length as u64);
        out.splice(start - 1..start, prefix);
    }
}

/// The zigzag integer of a signed one.
#[inline]
pub(crate) const fn zigzag(n: i32) -> u32 {
    (n << 1 ^ n >> 31).cast_unsigned()
}

/// [`zigzag`] of 64 bits.
#[inline]
pub(crate) const fn zigzag64(n: i64) -> u64 {
    (n << 1 ^ n >> 63).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{BYTES, Cursor, VARINT, key, unzigzag, unzigzag64};

    /// The least and the greatest number of each length of a varint, and their neighbours.
    fn numbers() -> impl Iterator<Item = u64> {
        (0..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1, u64::MAX >> bit])
    }

    #[test]
    fn every_length_of_varint_is_read_back_wherever_the_message_ends() {
        for n in numbers() {
            let mut bytes = vec![0xff; 9];
            varint(&mut bytes, n);
            let end = bytes.len();
            assert_eq!(end - 9, (64 - n.leading_zeros() as usize).div_ceil(7).max(1), "{n}");
            for padding in 0..9 {
                bytes.resize(end + padding, 0xff);
                for start in [0, 9] {
                    let mut cursor = Cursor::new(&bytes[9 - start..]).at(start);
                    assert_eq!(cursor.varint().unwrap(), n);
                    assert_eq!(cursor.offset() - start, end - 9);
                }
            }
        }
    }

    #[test]
    fn a_varint_that_is_cut_is_an_error_wherever_it_stands() {
        for n in numbers().filter(|&n| n > 127) {
            for start in [0, 9] {
                let mut bytes = vec![0; start];
                varint(&mut bytes, n);
                for end in start..bytes.len() - 1 {
                    let mut cursor = Cursor::new(&bytes[..end]).at(start);
                    assert!(cursor.varint().is_err(), "{n}");
                    assert_eq!(cursor.offset(), start);
                }
            }
        }
    }

    #[test]
    fn the_length_of_a_message_is_right_whatever_it_takes() {
        for size in [0, 1, 127, 128, 16_383, 16_384, 100_000] {
            let mut bytes = vec![7];
            message(&mut bytes, key(4, BYTES), |out| out.resize(out.len() + size, 9));
            integer(&mut bytes, key(1, VARINT), 5);
            let mut cursor = Cursor::new(&bytes).at(1);
            assert_eq!(cursor.key().unwrap(), key(4, BYTES));
            assert_eq!(cursor.message().unwrap().rest(), vec![9; size]);
            assert_eq!((cursor.key().unwrap(), cursor.varint().unwrap()), (key(1, VARINT), 5));
            assert!(cursor.is_empty());
        }
    }

    #[test]
    fn zigzag_is_undone() {
        for n in [0, -1, 1, -2, i32::MAX, i32::MIN] {
            assert_eq!(unzigzag(zigzag(n)), n);
        }
        for n in [0, -1, 1, -2, i64::MAX, i64::MIN] {
            assert_eq!(unzigzag64(zigzag64(n)), n);
        }
        assert_eq!([0, -1, 1, -2].map(zigzag), [0, 1, 2, 3]);
    }
}
