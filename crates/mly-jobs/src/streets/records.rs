//! How images and what they show are kept on the disk.

use super::drive::{Direction, EdgeSighting, SeenPart};
use super::images::Shot;
use super::tier::Tier;
use crate::spool::{PackedFields, SpoolRecord, pack_flag};

impl SpoolRecord for Shot {
    const BYTES: usize = 42;

    type Key = (u32, i64, i64, [u64; 2], [Option<bool>; 2], u32);

    /// Images of one sequence stand together, in the order of their capture; all else is there so that no two are equal.
    fn key(&self) -> Self::Key {
        let flags = [self.is_pano, self.is_on_foot];
        (self.sequence, self.captured_at, self.id, self.at.map(f64::to_bits), flags, self.quality.to_bits())
    }

    fn pack(&self, out: &mut Vec<u8>) {
        out.extend(self.at.iter().flat_map(|degrees| degrees.to_le_bytes()));
        out.extend(self.captured_at.to_le_bytes());
        out.extend(self.id.to_le_bytes());
        out.extend(self.sequence.to_le_bytes());
        out.extend(self.quality.to_le_bytes());
        out.extend([pack_flag(self.is_pano), pack_flag(self.is_on_foot)]);
    }

    fn unpack(bytes: &mut PackedFields<'_>) -> Self {
        Self {
            at: [bytes.f64(), bytes.f64()],
            captured_at: bytes.i64(),
            id: bytes.i64(),
            sequence: bytes.u32(),
            quality: bytes.f32(),
            is_pano: bytes.flag(),
            is_on_foot: bytes.flag(),
        }
    }
}

impl SpoolRecord for EdgeSighting {
    const BYTES: usize = 28;

    type Key = (u32, u32);

    fn key(&self) -> Self::Key {
        (self.edge, self.image)
    }

    fn pack(&self, out: &mut Vec<u8>) {
        out.extend(self.edge.to_le_bytes());
        out.extend(self.image.to_le_bytes());
        out.extend(self.sequence.to_le_bytes());
        out.extend(self.quality.to_le_bytes());
        out.extend(self.captured_at.to_le_bytes());
        let flags = u8::from(self.begins_pass) | u8::from(self.is_ambiguous) << 1;
        out.extend([self.direction as u8, flags, pack_flag(self.is_pano), pack_flag(self.is_on_foot)]);
    }

    fn unpack(bytes: &mut PackedFields<'_>) -> Self {
        let (edge, image, sequence) = (bytes.u32(), bytes.u32(), bytes.u32());
        let (quality, captured_at) = (bytes.f32(), bytes.i64());
        let (direction, flags) = (direction(bytes.u8()), bytes.u8());
        Self {
            edge,
            image,
            sequence,
            quality,
            captured_at,
            direction,
            begins_pass: flags & 1 != 0,
            is_ambiguous: flags & 2 != 0,
            is_pano: bytes.flag(),
            is_on_foot: bytes.flag(),
        }
    }
}

impl SpoolRecord for SeenPart {
    const BYTES: usize = 23;

    type Key = u32;

    fn key(&self) -> Self::Key {
        self.edge
    }

    fn pack(&self, out: &mut Vec<u8>) {
        out.extend(self.edge.to_le_bytes());
        out.extend(self.from_m.to_le_bytes());
        out.extend(self.to_m.to_le_bytes());
        let tier = Tier::ALL.iter().position(|tier| *tier == self.tier).unwrap_or_default();
        out.extend([self.direction as u8, u8::from(self.is_pano), u8::try_from(tier).unwrap_or_default()]);
    }

    fn unpack(bytes: &mut PackedFields<'_>) -> Self {
        Self {
            edge: bytes.u32(),
            from_m: bytes.f64(),
            to_m: bytes.f64(),
            direction: direction(bytes.u8()),
            is_pano: bytes.u8() == 1,
            tier: Tier::ALL.get(usize::from(bytes.u8())).copied().unwrap_or(Tier::None),
        }
    }
}

/// The direction with a number.
fn direction(number: u8) -> Direction {
    const ALL: [Direction; 3] = [Direction::Unknown, Direction::Forward, Direction::Backward];
    ALL.get(usize::from(number)).copied().unwrap_or(Direction::Unknown)
}
