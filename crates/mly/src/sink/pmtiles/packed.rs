//! Numbers and positions as bytes, for what is kept in files until the tiles are written.

use super::world::Spot;

/// Appends a number.
pub(super) fn put(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&number.to_le_bytes());
}

/// Appends an id, if there is one.
pub(super) fn put_id(id: Option<u64>, out: &mut Vec<u8>) {
    out.push(u8::from(id.is_some()));
    put(id.unwrap_or_default(), out);
}

/// Appends positions, of which each side fits into 32 bits.
pub(super) fn put_spots<'a>(spots: impl ExactSizeIterator<Item = &'a Spot>, out: &mut Vec<u8>) {
    put(spots.len() as u64, out);
    for side in spots.flatten() {
        // The lower half: positions of the world have no sign, and those in tiles get it back from `as_signed`.
        out.extend(side.to_le_bytes().iter().take(4));
    }
}

/// Appends the positions of several parts.
pub(super) fn put_parts(parts: &[Vec<Spot>], out: &mut Vec<u8>) {
    put(parts.len() as u64, out);
    for part in parts {
        put_spots(part.iter(), out);
    }
}

/// Reads what was appended. Each read is `None` where the bytes end too early.
pub(super) struct Unpacker<'a>(pub(super) &'a [u8]);

impl<'a> Unpacker<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }

    /// An id, or no id.
    pub(super) fn id(&mut self) -> Option<[Option<u64>; 1]> {
        let is_there = self.byte()? == 1;
        let id = self.number()?;
        Some([is_there.then_some(id)])
    }

    pub(super) fn spots(&mut self) -> Option<Vec<Spot>> {
        let count = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(count.checked_mul(8)?)?;
        self.0 = rest;
        let (sides, _) = bytes.as_chunks::<4>();
        let (spots, _) = sides.as_chunks::<2>();
        Some(spots.iter().map(|spot| spot.map(|side| i64::from(u32::from_le_bytes(side)))).collect())
    }

    pub(super) fn parts(&mut self) -> Option<Vec<Vec<Spot>>> {
        (0..self.number()?).map(|_| self.spots()).collect()
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }
}
