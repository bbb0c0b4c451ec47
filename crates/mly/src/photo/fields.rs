//! The EXIF fields that are written into a photo.
//!
//! Tags and formats as in Exif 2.32 (CIPA DC-008-2019).

use chrono::{DateTime, Datelike, Timelike, Utc};
use exif::{Field, In, Rational, Tag, Value};

use super::jpeg::Size;
use super::tags::PhotoTags;

const COPYRIGHT: &str = "CC BY-SA 4.0, Mapillary";
/// Parts of a second of arc, about 30 micrometres on the ground: finer than any position that is sent.
const ARC_PARTS: u32 = 1_000_000;

/// The fields for a photo of so many pixels, each tag once.
pub(super) fn fields(shot: &PhotoTags, size: Size) -> Vec<Field> {
    let mut fields = FieldList(Vec::with_capacity(32));
    fields.text(Tag::ImageDescription, &description(shot));
    fields.text(Tag::Copyright, COPYRIGHT);
    // Always 32 characters; the decimal digits of the id are the last ones.
    fields.text(Tag::ImageUniqueID, &format!("{:032}", shot.id));
    for (tag, text) in [(Tag::Make, &shot.make), (Tag::Model, &shot.model), (Tag::Artist, &shot.creator)] {
        fields.text(tag, text.as_deref().unwrap_or_default());
    }
    fields.push(Tag::ExifVersion, Value::Undefined(b"0232".to_vec(), 0));
    fields.push(Tag::PixelXDimension, Value::Long(vec![size.width.into()]));
    fields.push(Tag::PixelYDimension, Value::Long(vec![size.height.into()]));

    let before_gps = fields.0.len();
    fields.position(shot.position);
    fields.altitude(shot.altitude_m);
    if let Some(degrees) = shot.heading() {
        fields.text(Tag::GPSImgDirectionRef, "T");
        fields.push(Tag::GPSImgDirection, parts(degrees, 1_000_000));
    }
    if let Some(moment) = moment(shot.captured_at_ms) {
        fields.moment(moment);
    }
    if fields.0.len() > before_gps {
        fields.push(Tag::GPSVersionID, Value::Byte(vec![2, 3, 0, 0]));
    }
    fields.0
}

fn description(shot: &PhotoTags) -> String {
    match shot.sequence.as_deref().map(clean).filter(|s| !s.is_empty()) {
        Some(sequence) => format!("Mapillary image {}, sequence {sequence}", shot.id),
        None => format!("Mapillary image {}", shot.id),
    }
}

/// The moment in UTC, when it is known and its year has four digits.
fn moment(captured_at_ms: Option<i64>) -> Option<DateTime<Utc>> {
    let moment = DateTime::from_timestamp_millis(captured_at_ms.filter(|ms| *ms > 0)?)?;
    (moment.year() <= 9999).then_some(moment)
}

/// Text without control characters: a zero would end it for most readers.
fn clean(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.trim().to_owned()
}

/// A number of so many parts, which must not be negative and below 2³² of them.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "callers have checked the range")]
fn parts(number: f64, denom: u32) -> Value {
    Value::Rational(vec![Rational { num: (number * f64::from(denom)).round() as u32, denom }])
}

/// Degrees, minutes and seconds of at most 180 degrees.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 6.5e11")]
fn arc(degrees: f64) -> Value {
    // Rounded before it is split, so that no part is 60.
    let all = (degrees.abs() * 3600.0 * f64::from(ARC_PARTS)).round() as u64;
    let [minute, degree] = [60, 3600].map(|seconds| seconds * u64::from(ARC_PARTS));
    let split = [(all / degree, 1), (all % degree / minute, 1), (all % minute, ARC_PARTS)];
    Value::Rational(split.map(|(num, denom)| Rational { num: num as u32, denom }).to_vec())
}

struct FieldList(Vec<Field>);

impl FieldList {
    fn push(&mut self, tag: Tag, value: Value) {
        self.0.push(Field { tag, ifd_num: In::PRIMARY, value });
    }

    /// Text in UTF-8, which for English is the ASCII of the standard.
    fn text(&mut self, tag: Tag, text: &str) {
        let text = clean(text);
        if !text.is_empty() {
            self.push(tag, Value::Ascii(vec![text.into_bytes()]));
        }
    }

    fn position(&mut self, position: Option<[f64; 2]>) {
        let Some([lon, lat]) = position else { return };
        if !((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)) {
            return;
        }
        self.text(Tag::GPSLatitudeRef, if lat < 0.0 { "S" } else { "N" });
        self.push(Tag::GPSLatitude, arc(lat));
        self.text(Tag::GPSLongitudeRef, if lon < 0.0 { "W" } else { "E" });
        self.push(Tag::GPSLongitude, arc(lon));
        self.text(Tag::GPSMapDatum, "WGS-84");
    }

    fn altitude(&mut self, altitude_m: Option<f64>) {
        // A million metres are beyond any photo of a street, and fit.
        let Some(metres) = altitude_m.filter(|m| m.abs() < 1e6) else { return };
        self.push(Tag::GPSAltitudeRef, Value::Byte(vec![u8::from(metres < 0.0)]));
        self.push(Tag::GPSAltitude, parts(metres.abs(), 1000));
    }

    fn moment(&mut self, moment: DateTime<Utc>) {
        let date = format!("{:04}:{:02}:{:02}", moment.year(), moment.month(), moment.day());
        let [h, m, s] = [moment.hour(), moment.minute(), moment.second()];
        let millis = moment.timestamp_subsec_millis();
        self.text(Tag::DateTimeOriginal, &format!("{date} {h:02}:{m:02}:{s:02}"));
        self.text(Tag::SubSecTimeOriginal, &format!("{millis:03}"));
        self.text(Tag::OffsetTimeOriginal, "+00:00");
        self.text(Tag::GPSDateStamp, &date);
        let time = [(h, 1), (m, 1), (s * 1000 + millis, 1000)];
        self.push(
            Tag::GPSTimeStamp,
            Value::Rational(time.map(|(num, denom)| Rational { num, denom }).to_vec()),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    const SIZE: Size = Size { width: 1024, height: 768 };

    fn find(fields: &[Field], tag: Tag) -> Option<String> {
        fields.iter().find(|f| f.tag == tag).map(|f| f.display_value().to_string())
    }

    fn degrees(fields: &[Field], tag: Tag) -> f64 {
        let Value::Rational(arc) = &fields.iter().find(|f| f.tag == tag).unwrap().value else { panic!() };
        assert!(arc[0].num <= 180 && arc[1].num < 60 && arc[2].to_f64() < 60.0, "{arc:?}");
        arc[0].to_f64() + arc[1].to_f64() / 60.0 + arc[2].to_f64() / 3600.0
    }

    #[test]
    fn what_is_unknown_is_not_written() {
        let bare = fields(&PhotoTags { id: 7, ..PhotoTags::default() }, SIZE);
        assert!(bare.iter().all(|f| f.tag.context() != exif::Context::Gps));
        for tag in [Tag::DateTimeOriginal, Tag::Make, Tag::Artist] {
            assert_eq!(find(&bare, tag), None);
        }
        let wrong = PhotoTags {
            captured_at_ms: Some(0),
            position: Some([181.0, f64::NAN]),
            altitude_m: Some(f64::INFINITY),
            compass_angle: Some(f64::NAN),
            make: Some(" \0".into()),
            ..PhotoTags::default()
        };
        assert_eq!(fields(&wrong, SIZE).len(), bare.len());
    }

    #[test]
    fn times_are_utc_from_1970_to_9999() {
        let of = |ms| fields(&PhotoTags { captured_at_ms: Some(ms), ..PhotoTags::default() }, SIZE);
        let known = of(1_556_365_097_042); // date -u -d @1556365097
        assert_eq!(find(&known, Tag::DateTimeOriginal).unwrap(), "2019-04-27 11:38:17");
        assert_eq!(find(&known, Tag::SubSecTimeOriginal).unwrap(), "\"042\"");
        assert_eq!(find(&known, Tag::GPSDateStamp).unwrap(), "2019-04-27");
        for unknown in [i64::MIN, -1, 0, 253_402_300_800_000, i64::MAX] {
            assert_eq!(find(&of(unknown), Tag::DateTimeOriginal), None);
        }
        assert_eq!(find(&of(253_402_300_799_999), Tag::DateTimeOriginal).unwrap(), "9999-12-31 23:59:59");
    }

    #[test]
    fn directions_are_below_the_full_circle() {
        for (angle, wanted) in [
            (-90.0, "270"),
            (360.0, "0"),
            (-1e-20, "0"),
            (359.999_999_9, "0"),
            (262.480_282_285, "262.480282"),
        ] {
            let shot = PhotoTags { compass_angle: Some(angle), ..PhotoTags::default() };
            assert_eq!(find(&fields(&shot, SIZE), Tag::GPSImgDirection).unwrap(), wanted);
        }
    }

    #[test]
    fn depths_are_below_the_sea() {
        let shot = PhotoTags { altitude_m: Some(-3.25), ..PhotoTags::default() };
        assert_eq!(find(&fields(&shot, SIZE), Tag::GPSAltitude).unwrap(), "3.25");
        assert_eq!(find(&fields(&shot, SIZE), Tag::GPSAltitudeRef).unwrap(), "below sea level");
    }

    proptest! {
        #[test]
        fn positions_come_back(lon in -180.0..=180.0_f64, lat in -90.0..=90.0_f64) {
            let fields = fields(&PhotoTags { position: Some([lon, lat]), ..PhotoTags::default() }, SIZE);
            prop_assert!((degrees(&fields, Tag::GPSLongitude) - lon.abs()).abs() < 2e-10);
            prop_assert!((degrees(&fields, Tag::GPSLatitude) - lat.abs()).abs() < 2e-10);
            prop_assert_eq!(find(&fields, Tag::GPSLongitudeRef).unwrap(), if lon < 0.0 { "W" } else { "E" });
            prop_assert_eq!(find(&fields, Tag::GPSLatitudeRef).unwrap(), if lat < 0.0 { "S" } else { "N" });
        }

        #[test]
        fn any_shot_has_each_tag_once(id in any::<i64>(), ms in any::<i64>(), numbers in any::<[f64; 4]>(), text in any::<String>()) {
            let shot = PhotoTags {
                id,
                captured_at_ms: Some(ms),
                position: Some([numbers[0], numbers[1]]),
                altitude_m: Some(numbers[2]),
                compass_angle: Some(numbers[3]),
                make: Some(text.clone()),
                sequence: Some(text),
                ..PhotoTags::default()
            };
            let tags: Vec<_> = fields(&shot, SIZE).into_iter().map(|f| f.tag).collect();
            prop_assert_eq!(tags.iter().collect::<HashSet<_>>().len(), tags.len());
        }
    }
}
