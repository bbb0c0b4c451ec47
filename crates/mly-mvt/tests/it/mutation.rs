//! Damaged tiles: cut, flipped and spliced. Each reads or is an error; none panics, hangs or takes much memory.

use crate::check::check;
use crate::whole;

/// splitmix64: the same damage in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }
}

/// All tiles of the fixtures of up to `most` bytes.
fn tiles(most: usize) -> Vec<Vec<u8>> {
    let files = whole::tiles("mvt-fixtures").into_iter().chain(whole::tiles("mvt-other"));
    let tiles: Vec<_> =
        files.map(|file| whole::bytes(&file)).filter(|bytes| (1..=most).contains(&bytes.len())).collect();
    assert!(tiles.len() > 80);
    tiles
}

#[test]
fn whole_tiles_are_written_and_read_to_a_fixed_point() {
    let tiles = tiles(usize::MAX);
    let reads = tiles.iter().filter(|bytes| check(bytes)).count();
    // The conformance tests name the 24 that do not read.
    assert_eq!(reads, tiles.len() - 24);
}

#[test]
fn a_tile_cut_anywhere_is_read_or_refused() {
    let tiles = tiles(600);
    let (mut cuts, mut reads) = (0, 0);
    for bytes in &tiles {
        for end in 0..bytes.len() {
            cuts += 1;
            reads += usize::from(check(&bytes[..end]));
        }
    }
    assert!(cuts > 4000, "{cuts}");
    // A layer cannot lose its end. What reads is the tile of no bytes, and of the three tiles of two layers the first.
    assert_eq!(reads, tiles.len() + 3);
}

#[test]
fn a_tile_with_flipped_bytes_is_read_or_refused() {
    let mut random = Random(1);
    let tiles = tiles(5000);
    let mut reads = 0;
    for nth in 0..6000 {
        let mut bytes = tiles[nth % tiles.len()].clone();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            bytes[at] ^= match random.below(3) {
                0 => 1 << random.below(8),
                1 => 0x80,
                _ => random.next().to_le_bytes()[0],
            };
        }
        reads += usize::from(check(&bytes));
    }
    assert!((500..5500).contains(&reads), "{reads} of 6000 must be neither none nor all");
}

#[test]
fn a_tile_with_pieces_of_others_is_read_or_refused() {
    let mut random = Random(2);
    let tiles = tiles(5000);
    let mut reads = 0;
    for _ in 0..6000 {
        let mut bytes = tiles[random.below(tiles.len())].clone();
        let piece = &tiles[random.below(tiles.len())];
        let from = random.below(piece.len());
        let piece = &piece[from..(from + 1 + random.below(40)).min(piece.len())];
        let at = random.below(bytes.len());
        let end = (at + random.below(2) * piece.len()).min(bytes.len());
        bytes.splice(at..end, piece.iter().copied());
        // Half of them keep a length that fits, so that the damage is found further in.
        if random.below(2) == 0 && bytes.len() - 2 < 0x80 {
            bytes[0] = 0x1a;
            bytes[1] = u8::try_from(bytes.len() - 2).unwrap();
        }
        reads += usize::from(check(&bytes));
    }
    assert!((100..5900).contains(&reads), "{reads} of 6000 must be neither none nor all");
}

#[test]
fn bytes_of_no_tile_at_all_are_read_or_refused() {
    let mut random = Random(3);
    for _ in 0..4000 {
        let length = random.below(64);
        let bytes: Vec<_> = (0..length).map(|_| random.next().to_le_bytes()[0]).collect();
        check(&bytes);
        let small: Vec<_> = bytes.iter().map(|byte| byte & 0x1f).collect();
        check(&small);
    }
}
