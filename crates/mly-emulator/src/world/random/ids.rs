//! Ids that look random but can be turned back into numbers, so that a world of any size needs no index.

use std::sync::Arc;

use crate::dice::mix;

/// The smallest image id. Ids have 16 digits, as on the service.
const FIRST_IMAGE: u64 = 1 << 50;
const IMAGE_BITS: u32 = 50;
/// The smallest detection id. It follows the largest image id, and there are as many.
const FIRST_DETECTION: u64 = FIRST_IMAGE + (1 << IMAGE_BITS);
const ROUNDS: u64 = 4;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The characters for a number of 64 bits. As many again hold a hash of it, by which foreign ids are recognized.
const HALF: u32 = 11;

pub(super) fn image_id(seed: u64, number: u64) -> u64 {
    FIRST_IMAGE + scatter(seed, IMAGE_BITS, number)
}

/// The number of an image, if the id is in the range of image ids.
pub(super) fn image_number(seed: u64, id: u64) -> Option<u64> {
    let scattered = id.checked_sub(FIRST_IMAGE)?;
    (scattered < 1 << IMAGE_BITS).then(|| gather(seed, IMAGE_BITS, scattered))
}

pub(super) fn detection_id(seed: u64, number: u64) -> u64 {
    FIRST_DETECTION + scatter(!seed, IMAGE_BITS, number)
}

/// The number of a detection, if the id is in the range of detection ids.
pub(super) fn detection_number(seed: u64, id: u64) -> Option<u64> {
    let scattered = id.checked_sub(FIRST_DETECTION)?;
    (scattered < 1 << IMAGE_BITS).then(|| gather(!seed, IMAGE_BITS, scattered))
}

/// 22 characters.
pub(super) fn sequence_id(seed: u64, number: u64) -> Arc<str> {
    let scattered = scatter(seed, u64::BITS, number);
    let letters = |bits: u64| (0..HALF).map(move |place| letter(bits, place));
    letters(scattered).chain(letters(mix(scattered ^ seed))).collect::<String>().into()
}

/// The number of a sequence, if the id is one of this world.
pub(super) fn sequence_number(seed: u64, id: &str) -> Option<u64> {
    let mut scattered = 0u64;
    for (place, letter) in (0..HALF).zip(id.bytes()) {
        let digit = ALPHABET.iter().position(|&known| known == letter)? as u64;
        scattered |= digit << (6 * place);
    }
    let number = gather(seed, u64::BITS, scattered);
    (*sequence_id(seed, number) == *id).then_some(number)
}

fn letter(bits: u64, place: u32) -> char {
    char::from(ALPHABET[usize::try_from(bits >> (6 * place) & 63).unwrap_or(0)])
}

/// Maps the numbers of `bits` bits to each other, one to one: a Feistel network, which is one to one whatever hash it uses.
fn scatter(seed: u64, bits: u32, number: u64) -> u64 {
    let (half, mask) = (bits / 2, mask(bits));
    let (mut left, mut right) = (number >> half, number & mask);
    for round in 0..ROUNDS {
        (left, right) = (right, left ^ (mix(right ^ mix(seed ^ round)) & mask));
    }
    left << half | right
}

/// The inverse of [`scatter`].
fn gather(seed: u64, bits: u32, scattered: u64) -> u64 {
    let (half, mask) = (bits / 2, mask(bits));
    let (mut left, mut right) = (scattered >> half, scattered & mask);
    for round in (0..ROUNDS).rev() {
        (left, right) = (right ^ (mix(left ^ mix(seed ^ round)) & mask), left);
    }
    left << half | right
}

const fn mask(bits: u32) -> u64 {
    (1 << (bits / 2)) - 1
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_distinct_and_lead_back_to_their_numbers() {
        let mut seen = HashSet::new();
        for number in (0..2000).chain(20_000_000..20_002_000) {
            let id = image_id(7, number);
            assert!(seen.insert(id) && id >> 50 == 1);
            assert_eq!(image_number(7, id), Some(number));
            let detection = detection_id(7, number);
            assert!(seen.insert(detection) && detection >> 50 == 2);
            assert_eq!(detection_number(7, detection), Some(number));
            assert_eq!((image_number(7, detection), detection_number(7, id)), (None, None));
            let sequence = sequence_id(7, number);
            assert_eq!(sequence.len(), 22);
            assert_eq!(sequence_number(7, &sequence), Some(number));
        }
        assert_eq!(sequence_number(8, &sequence_id(7, 1)), None);
        assert_eq!(sequence_number(7, "short"), None);
    }
}
