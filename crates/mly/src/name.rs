//! Names of photos on any disk, for whoever writes photos or tells where they are.

use std::fmt::Write;
use std::path::PathBuf;

/// Ids of sequences have so many characters.
const ID_CHARS: usize = 22;
/// Bytes of a folder's name; most file systems take 255 and some 143.
const FOLDER_MAX: usize = 120;
/// What is kept of the beginning of a longer one.
const STEM: usize = 80;

/// Where a photo belongs: `SEQUENCE/ID.jpg`, or `ID.jpg` where no sequence is known.
///
/// The path is relative, goes into no other folder and is good on every system.
pub(crate) fn photo_path(sequence: Option<&str>, id: i64) -> PathBuf {
    let mut path: PathBuf = sequence.filter(|s| !s.is_empty()).map(folder).unwrap_or_default().into();
    path.push(format!("{id}.jpg"));
    path
}

/// The folder of a sequence; no two sequences share one.
///
/// An id as the service gives them, 22 characters of base64url, is its own name. Two of these can differ in upper and
/// lower case alone, and then share a folder where a disk takes both for the same: of two random ids one pair in 10³⁴
/// does, and photos have ids of their own, so that not even then is one lost. All other ids are written in lower case
/// with everything else percent-encoded, capitals too, so that they differ on such disks as well.
fn folder(sequence: &str) -> String {
    if is_usual(sequence) {
        return sequence.to_owned();
    }
    let mut name = String::new();
    let reserved = is_reserved(sequence);
    for (i, byte) in sequence.bytes().enumerate() {
        let plain = matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-') && !(reserved && i == 0);
        if plain {
            name.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(name, "%{byte:02x}");
        }
        if name.len() > FOLDER_MAX {
            // A percent sign that no digit follows stands in no other name.
            name.truncate(STEM);
            let _ = write!(name, "%-{:032x}", hash(sequence.bytes()));
            break;
        }
    }
    name
}

/// FNV-1a of 128 bits, which tells apart what differs by chance and not what is made to agree.
///
/// Offset and prime are those of the FNV authors (`draft-eastlake-fnv`).
pub(crate) fn hash(bytes: impl IntoIterator<Item = u8>) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.into_iter().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

fn is_usual(sequence: &str) -> bool {
    let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    sequence.len() == ID_CHARS && sequence.bytes().all(base64url)
}

/// Whether Windows takes the name for a device; in capitals it is encoded anyway.
fn is_reserved(name: &str) -> bool {
    let numbered = |stem: &str| {
        name.strip_prefix(stem)
            .is_some_and(|rest| matches!(rest.as_bytes(), [digit] if digit.is_ascii_digit()))
    };
    matches!(name, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// Whether Windows takes a name of any kind for a device: in any case, and whatever stands after the first dot.
///
/// The list is that of "Naming Files, Paths, and Namespaces" in Microsoft's documentation.
pub(crate) fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ').to_lowercase();
    let superscript = |digit: char| match digit {
        '\u{b9}' => '1',
        '\u{b2}' => '2',
        '\u{b3}' => '3',
        other => other,
    };
    matches!(&*stem, "conin$" | "conout$") || is_reserved(&stem.chars().map(superscript).collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use proptest::prelude::*;

    use super::*;

    fn name(sequence: &str) -> String {
        photo_path(Some(sequence), 7).to_string_lossy().replace('\\', "/")
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(hash(*b""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(hash(*b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(hash(*b"foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }

    #[test]
    fn a_usual_id_is_its_own_folder() {
        for id in ["vNL-0a9_Zq3tXW7bYcK2mQ", "MGVjZDQxNTI5ZmUwNTNkYw", "0000000000000000000000"] {
            assert_eq!(name(id), format!("{id}/7.jpg"));
        }
    }

    #[test]
    fn without_a_sequence_there_is_no_folder() {
        assert_eq!(photo_path(None, 7), PathBuf::from("7.jpg"));
        assert_eq!(photo_path(Some(""), i64::MAX), PathBuf::from("9223372036854775807.jpg"));
    }

    #[test]
    fn other_ids_are_encoded() {
        assert_eq!(name("a-b_1"), "a-b_1/7.jpg");
        assert_eq!(name("Ab"), "%41b/7.jpg");
        assert_eq!(name(".."), "%2e%2e/7.jpg");
        assert_eq!(name("../../etc"), "%2e%2e%2f%2e%2e%2fetc/7.jpg");
        assert_eq!(name(r"C:\x"), "%43%3a%5cx/7.jpg");
        assert_eq!(name(" a. "), "%20a%2e%20/7.jpg");
        assert_eq!(name("a\0\n%é"), "a%00%0a%25%c3%a9/7.jpg");
    }

    #[test]
    fn names_of_devices_are_encoded() {
        assert_eq!(name("con"), "%63on/7.jpg");
        assert_eq!(name("NUL"), "%4e%55%4c/7.jpg");
        assert_eq!(name("com1"), "%63om1/7.jpg");
        assert_eq!(name("lpt9"), "%6cpt9/7.jpg");
        assert_eq!(name("com12"), "com12/7.jpg");
        assert_eq!(name("aux.jpg"), "aux%2ejpg/7.jpg");
    }

    #[test]
    fn a_very_long_id_has_a_short_name_of_its_own() {
        let long = "x".repeat(1 << 20);
        let just_short = "x".repeat(FOLDER_MAX);
        assert_eq!(folder(&long).len(), STEM + 2 + 32);
        assert_ne!(folder(&long), folder(&"x".repeat(1 << 10)));
        assert_eq!(folder(&just_short), just_short);
    }

    fn any_id() -> impl Strategy<Value = String> {
        prop_oneof![
            "[A-Za-z0-9_-]{22}",
            "[abAB%._ -]{0,4}",
            "(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\.[a-z]*)?",
            any::<String>(),
            "[aA%]{110,260}",
            "[\\PC\\x00-\\x1f/\\\\:*?\"<>|]{0,60}",
        ]
    }

    proptest! {
        #[test]
        fn a_name_is_good_everywhere(id in any_id(), photo in any::<i64>()) {
            let path = photo_path(Some(&id), photo);
            let parts: Vec<_> = path.components().collect();
            prop_assert_eq!(parts.len(), if id.is_empty() { 1 } else { 2 });
            for part in parts {
                let Component::Normal(part) = part else { panic!("{path:?}") };
                let part = part.to_str().unwrap();
                prop_assert!((1..=FOLDER_MAX).contains(&part.len()));
                prop_assert!(part.bytes().all(|b| b.is_ascii_alphanumeric() || b"%_-.".contains(&b)));
                prop_assert!(!part.starts_with('.') && !part.ends_with('.'));
                let stem = part.split('.').next().unwrap().to_uppercase();
                let devices = ["CON", "PRN", "AUX", "NUL"];
                prop_assert!(!devices.contains(&&*stem));
                prop_assert!(!(stem.len() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT"))) || !stem.ends_with(|c: char| c.is_ascii_digit()));
            }
        }

        #[test]
        fn two_ids_have_two_folders_even_where_case_is_ignored(a in any_id(), b in any_id()) {
            let same = folder(&a).eq_ignore_ascii_case(&folder(&b));
            let usual = is_usual(&a) && is_usual(&b) && a.eq_ignore_ascii_case(&b);
            prop_assert_eq!(same, a == b || usual);
            prop_assert_eq!(folder(&a) == folder(&b), a == b);
        }

        #[test]
        fn a_change_of_one_letter_is_a_change_of_the_folder(id in any_id(), at in any::<prop::sample::Index>(), letter in any::<char>()) {
            let mut other: Vec<char> = id.chars().collect();
            if !other.is_empty() {
                let at = at.index(other.len());
                other[at] = letter;
            }
            let other: String = other.into_iter().collect();
            prop_assert_eq!(folder(&id) == folder(&other), id == other);
        }
    }
}
