//! Floats as C's `%.14g` writes them: 14 significant digits, no trailing zeros, an exponent below 1e-4 and from 1e14 on.

use std::fmt::Write;

const DIGITS: usize = 14;

/// Numbers from here on are written with an exponent.
const MOST_PLAIN: f64 = 1e14;

/// Appends a number. What JSON cannot hold, infinities and NaN, is 0.
pub(super) fn push(out: &mut String, value: f64) {
    if value == 0.0 || !value.is_finite() {
        out.push('0');
        return;
    }
    if value.fract() == 0.0 && value.abs() < MOST_PLAIN {
        push_whole(out, value);
        return;
    }
    let start = out.len();
    // The exactly rounded digits, -d.ddddddddddddde-dd; writing to a string cannot fail.
    let _ = write!(out, "{value:.13e}");
    let mut digits = [b'0'; DIGITS];
    let scientific = &out.as_bytes()[start..];
    let mut exponent = 0;
    let mut count = 0;
    for (place, &byte) in scientific.iter().enumerate() {
        match byte {
            b'e' => {
                exponent = exponent_of(&scientific[place + 1..]);
                break;
            }
            b'0'..=b'9' if count < DIGITS => {
                digits[count] = byte;
                count += 1;
            }
            _ => {}
        }
    }
    out.truncate(start);
    if value < 0.0 {
        out.push('-');
    }
    let zeros = digits.iter().rev().take_while(|&&digit| digit == b'0').count();
    let digits = &digits[..DIGITS.saturating_sub(zeros).max(1)];
    let mut push = |digits: &[u8]| digits.iter().for_each(|&digit| out.push(char::from(digit)));
    match usize::try_from(exponent) {
        Ok(whole) if whole < DIGITS => {
            let (before, after) = digits.split_at(digits.len().min(whole + 1));
            push(before);
            push(&[b'0'; DIGITS][..whole + 1 - before.len()]);
            if !after.is_empty() {
                push(b".");
                push(after);
            }
        }
        Err(_) if exponent >= -4 => {
            push(b"0.");
            push(&b"000"[..usize::try_from(-1 - exponent).unwrap_or(0)]);
            push(digits);
        }
        _ => {
            push(&digits[..1]);
            if digits.len() > 1 {
                push(b".");
                push(&digits[1..]);
            }
            let sign = if exponent < 0 { '-' } else { '+' };
            let _ = write!(out, "e{sign}{:02}", exponent.abs());
        }
    }
}

/// A faster way for whole numbers: many values are whole, and formatting them exactly as floats is slowest.
#[expect(clippy::cast_possible_truncation, reason = "a whole number below 10^14")]
fn push_whole(out: &mut String, value: f64) {
    let _ = write!(out, "{}", value as i64);
}

/// Parses digits with an optional minus.
fn exponent_of(text: &[u8]) -> i32 {
    let size = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
    match text {
        [b'-', digits @ ..] => -size(digits),
        digits => size(digits),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn float(value: f64) -> String {
        let mut out = String::new();
        push(&mut out, value);
        out
    }

    #[test]
    fn floats_are_written_as_in_recorded_answers() {
        let cases = [
            (0.989_981_411_730_581_2, "0.98998141173058"),
            (-6.649_967_320_634_8e-5, "-6.6499673206348e-05"),
            (1.386_380_551_309_612e18, "1.3863805513096e+18"),
            (925.0, "925"),
            (0.85, "0.85"),
            (-0.0, "0"),
            (-49.276_475_149_043, "-49.276475149043"),
            (99_999_999_999_999.9, "1e+14"),
            (9_999_999_999_999.99, "10000000000000"),
            (0.000_1, "0.0001"),
            (-0.001_25, "-0.00125"),
            (0.000_099_999_999_999_999_99, "0.0001"),
            (1e-5, "1e-05"),
            (2e200, "2e+200"),
            (120_000.0, "120000"),
            (f64::NAN, "0"),
        ];
        for (value, text) in cases {
            assert_eq!(float(value), text);
        }
    }

    proptest! {
        #[test]
        fn whole_floats_are_written_as_integers(value in -99_999_999_999_999i64..=99_999_999_999_999) {
            #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
            let text = float(value as f64);
            prop_assert_eq!(text, value.to_string());
        }

        #[test]
        fn floats_are_json_and_keep_fourteen_digits(value in -1e20f64..1e20) {
            let read: f64 = serde_json::from_str(&float(value)).unwrap();
            prop_assert!((read - value).abs() <= value.abs() * 5.1e-14);
        }

        #[test]
        fn floats_of_any_size_are_the_number_rounded_to_fourteen_digits(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let rounded: f64 = format!("{value:.13e}").parse().unwrap();
            let text = float(value);
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), (rounded + 0.0).to_bits());
            let is_plain = !text.contains('e');
            prop_assert_eq!(is_plain, rounded == 0.0 || (1e-4..1e14).contains(&rounded.abs()));
        }
    }
}
