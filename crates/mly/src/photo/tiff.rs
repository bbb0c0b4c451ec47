//! Protects the reader of EXIF from hostile blocks.
//!
//! Tables of a TIFF block refer to other tables and to values by offsets. A block of 64 KB can refer to the same table
//! or value thousands of times, which makes the reader allocate gigabytes. So the entries and values are added up
//! first.

/// Most entries of all tables; cameras write about a hundred.
const ENTRIES_MAX: usize = 2000;
/// Most tables of the main chain that are followed; cameras write two.
const CHAIN_MAX: usize = 8;
/// Size of one value in bytes, by type: TIFF 6.0, section 2. The reader skips values of unknown types, so they count 0.
const TYPE_BYTES: [usize; 13] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const LONG: u16 = 4;

/// Kinds of tables, by the tables that they may refer to.
#[derive(Clone, Copy)]
enum Directory {
    Main,
    Exif,
    Leaf,
}

/// Too many entries or values for the size of the block.
struct TooMuch;

/// Whether the entries and values of a block are within limits that honest blocks keep.
///
/// A table that is cut off or damaged counts as far as it can be read.
pub(super) fn is_modest(block: &[u8]) -> bool {
    let is_little = block.starts_with(b"II");
    // In honest blocks values do not overlap, apart from a few that share a number. So twice the block is enough.
    let mut walk = DirectoryWalk { block, is_little, entries: ENTRIES_MAX, value_bytes: 2 * block.len() };
    let mut at = walk.long(4).unwrap_or(0);
    for _ in 0..CHAIN_MAX {
        if at == 0 {
            return true;
        }
        match walk.table(at, Directory::Main) {
            Ok(next) => at = next,
            Err(TooMuch) => return false,
        }
    }
    true
}

struct DirectoryWalk<'a> {
    block: &'a [u8],
    is_little: bool,
    /// How many more entries, and bytes of values, are allowed.
    entries: usize,
    value_bytes: usize,
}

impl DirectoryWalk<'_> {
    /// Counts a table and those that it refers to. Returns the offset of the next table of the chain, or 0.
    fn table(&mut self, at: usize, table: Directory) -> Result<usize, TooMuch> {
        let count = usize::from(self.short(at).unwrap_or(0));
        // The table itself counts too, so that a loop of empty tables ends.
        self.entries = self.entries.checked_sub(count + 1).ok_or(TooMuch)?;
        for i in 0..count {
            let entry = at + 2 + 12 * i;
            let (Some(tag), Some(kind)) = (self.short(entry), self.short(entry + 2)) else { return Ok(0) };
            let (Some(values), Some(value)) = (self.long(entry + 4), self.long(entry + 8)) else {
                return Ok(0);
            };
            let each = TYPE_BYTES.get(usize::from(kind)).copied().unwrap_or(0);
            self.value_bytes = self.value_bytes.checked_sub(values.saturating_mul(each)).ok_or(TooMuch)?;
            let below = match (table, tag) {
                (Directory::Main, 0x8769) => Directory::Exif,
                (Directory::Main, 0x8825) | (Directory::Exif, 0xA005) => Directory::Leaf,
                _ => continue,
            };
            if kind != LONG || values != 1 {
                return Err(TooMuch);
            }
            self.table(value, below)?;
        }
        Ok(self.long(at + 2 + 12 * count).unwrap_or(0))
    }

    fn short(&self, at: usize) -> Option<u16> {
        let bytes = *self.block.get(at..)?.first_chunk()?;
        Some(if self.is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn long(&self, at: usize) -> Option<usize> {
        let bytes = *self.block.get(at..)?.first_chunk()?;
        let long = if self.is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) };
        usize::try_from(long).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A table with entries of tag, type, count and value, behind a header and `before` bytes.
    fn block(before: usize, entries: &[(u16, u16, u32, u32)], next: u32) -> Vec<u8> {
        let mut block = b"MM\0*".to_vec();
        block.extend(u32::try_from(8 + before).unwrap().to_be_bytes());
        block.resize(8 + before, 0);
        block.extend(u16::try_from(entries.len()).unwrap().to_be_bytes());
        for (tag, kind, count, value) in entries {
            block.extend([tag.to_be_bytes(), kind.to_be_bytes()].concat());
            block.extend([count.to_be_bytes(), value.to_be_bytes()].concat());
        }
        block.extend(next.to_be_bytes());
        block
    }

    #[test]
    fn tables_that_name_themselves_are_too_much() {
        assert!(is_modest(&block(0, &[(271, 3, 1, 0)], 0)));
        let pointers = vec![(0x8769, LONG, 1, 8); 1000];
        assert!(!is_modest(&block(0, &pointers, 0)));
        // A ring of main tables is followed by no reader for long.
        assert!(is_modest(&block(0, &[(271, 3, 1, 0)], 8)));
    }

    #[test]
    fn one_value_claimed_by_all_is_too_much() {
        let claim = (37510, 7, 40_000, 8);
        assert!(is_modest(&block(40_000, &[claim], 0)));
        assert!(!is_modest(&block(40_000, &[claim; 3], 0)));
        assert!(!is_modest(&block(0, &[(37510, 12, u32::MAX, 8)], 0)));
    }

    proptest! {
        #[test]
        fn the_reader_finds_no_more_than_was_counted(
            entries in proptest::collection::vec(
                (prop_oneof![Just(0x8769), Just(0x8825), Just(0xA005), 0..9_u16], 3..6_u16, 0..3_u32, 0..1500_u32),
                0..120,
            ),
            next in 0..1500_u32,
        ) {
            let block = block(0, &entries, next);
            if is_modest(&block) {
                let read = exif::Reader::new().continue_on_error(true).read_raw(block);
                let found = match read {
                    Ok(exif) => exif.fields().len(),
                    Err(exif::Error::PartialResult(partial)) => partial.into_inner().0.fields().len(),
                    Err(_) => 0,
                };
                prop_assert!(found <= ENTRIES_MAX);
            }
        }

        #[test]
        fn any_block_is_judged(bytes in proptest::collection::vec(any::<u8>(), 0..400), little in any::<bool>()) {
            let header: &[u8] = if little { b"II*\0\x08\0\0\0" } else { b"MM\0*\0\0\0\x08" };
            let _ = is_modest(&bytes);
            let _ = is_modest(&[header, &bytes].concat());
        }
    }
}
