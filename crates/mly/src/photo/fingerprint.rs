//! A short name of a long question.

use crate::name::hash;

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
