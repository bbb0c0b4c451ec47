//! A short name of long bytes.

/// FNV-1a of 128 bits, which tells apart what differs by chance and not what is made to agree.
///
/// Offset and prime are those of the FNV authors (`draft-eastlake-fnv`).
pub(super) fn hash(bytes: impl IntoIterator<Item = u8>) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.into_iter().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

/// Names a list of ids, in their order, and the settings with which they are asked for.
pub(crate) fn fingerprint(ids: &[i64], settings: &str) -> String {
    // Ids have eight bytes each and the settings come last, so different questions are different bytes.
    let count = (ids.len() as u64).to_le_bytes();
    let ids = ids.iter().flat_map(|id| id.to_le_bytes());
    format!("{:032x}", hash(count.into_iter().chain(ids).chain(settings.bytes())))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(hash(*b""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(hash(*b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(hash(*b"foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }

    #[test]
    fn ids_their_order_and_the_settings_count() {
        let of = [
            fingerprint(&[1, 2], "1024"),
            fingerprint(&[2, 1], "1024"),
            fingerprint(&[1, 2], "2048"),
            fingerprint(&[1], "1024"),
            fingerprint(&[], "1024"),
            fingerprint(&[i64::from_le_bytes(*b"10241024")], ""),
            fingerprint(&[], "10241024"),
        ];
        assert_eq!(of.iter().collect::<HashSet<_>>().len(), of.len());
        assert_eq!(of[0], fingerprint(&[1, 2], "1024"));
    }
}
