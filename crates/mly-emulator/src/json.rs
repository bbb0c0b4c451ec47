//! JSON as the service writes it: keys in the order of the request, floats with 14 significant digits.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

/// A value. There is no null: what has no value is left out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(Cow<'static, str>, Self)>),
}

impl Json {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A GeoJSON point.
    pub(crate) fn point([lon, lat]: [f64; 2]) -> Self {
        let coordinates = Self::floats(&[lon, lat]);
        Self::Object(vec![("type".into(), Self::text("Point")), ("coordinates".into(), coordinates)])
    }

    pub(crate) fn floats(values: &[f64]) -> Self {
        Self::List(values.iter().map(|&value| Self::Float(value)).collect())
    }

    /// `{"data":[...]}`.
    pub(crate) fn data(rows: Vec<Self>) -> Self {
        Self::Object(vec![("data".into(), Self::List(rows))])
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => f.write_str(&float(*value)),
            Self::Text(text) => write_text(f, text),
            Self::List(items) => {
                f.write_char('[')?;
                for (place, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if place == 0 { "" } else { "," })?;
                }
                f.write_char(']')
            }
            Self::Object(members) => {
                f.write_char('{')?;
                for (place, (key, value)) in members.iter().enumerate() {
                    f.write_str(if place == 0 { "" } else { "," })?;
                    write_text(f, key)?;
                    write!(f, ":{value}")?;
                }
                f.write_char('}')
            }
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for letter in text.chars() {
        match letter {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            ' '..='~' => f.write_char(letter)?,
            // PHP's way: everything else by its UTF-16 units.
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(f, "\\u{unit:04x}")?;
                }
            }
        }
    }
    f.write_char('"')
}

/// C's `%.14g`: 14 significant digits, no trailing zeros, an exponent below 1e-4 and from 1e14.
fn float(value: f64) -> String {
    const DIGITS: i32 = 14;
    if value == 0.0 || !value.is_finite() {
        return "0".into();
    }
    let scientific = format!("{value:.13e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..DIGITS).contains(&exponent) {
        let decimals = usize::try_from(DIGITS - 1 - exponent).unwrap_or(0);
        return trimmed(&format!("{value:.decimals$}")).into();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs())
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
        ];
        for (value, text) in cases {
            assert_eq!(float(value), text);
        }
    }

    proptest! {
        #[test]
        fn floats_are_json_and_keep_fourteen_digits(value in -1e20f64..1e20) {
            let read: f64 = serde_json::from_str(&float(value)).unwrap();
            prop_assert!((read - value).abs() <= value.abs() * 5.1e-14);
        }
    }

    #[test]
    fn text_is_escaped_to_ascii() {
        assert_eq!(Json::text("a\"\\\n\u{fc}\u{1f697}").to_string(), r#""a\"\\\u000a\u00fc\ud83d\ude97""#);
    }
}
