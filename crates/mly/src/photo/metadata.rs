//! Writes metadata into a JPEG without changing the picture.

use ::exif::Field;
use img_parts::jpeg::markers::APP1;
use img_parts::jpeg::{Jpeg, JpegSegment};
use img_parts::{Bytes, ImageEXIF};

use super::jpeg::{Size, size};
use super::tags::PhotoTags;
use super::{UnusablePhoto, exif, fields, xmp};

/// Most bytes of the contents of a segment: its length has 16 bits and includes its own two bytes.
pub(super) const SEGMENT_MAX: usize = 65_533;
const EXIF: &[u8] = b"Exif\0\0";

/// Writes metadata into a JPEG: EXIF, and also XMP for panoramas.
///
/// The picture is not encoded again: it stays the same byte for byte, and so do all other segments. Old EXIF fields are
/// kept unless a new one replaces them, as long as all fit into one segment.
///
/// # Errors
/// [`UnusablePhoto`] when the bytes are not a complete JPEG, or when the new fields do not fit into one segment.
pub(crate) fn with_metadata(jpeg: impl Into<Bytes>, shot: &PhotoTags) -> Result<Vec<u8>, UnusablePhoto> {
    let jpeg = jpeg.into();
    let size = size(&jpeg)?;
    let unreadable = |_| UnusablePhoto::Broken { what: "its segments cannot be told apart", offset: 0 };
    let mut jpeg = Jpeg::from_bytes(jpeg).map_err(unreadable)?;
    set_exif(&mut jpeg, &fields::fields(shot, size))?;
    if shot.is_pano {
        set_xmp(&mut jpeg, shot, size);
    }
    let mut bytes = Vec::with_capacity(jpeg.len());
    for piece in jpeg.encoder() {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn set_exif(jpeg: &mut Jpeg, ours: &[Field]) -> Result<(), UnusablePhoto> {
    let old = jpeg.exif();
    let block = exif::merge(old.as_deref(), ours, SEGMENT_MAX - EXIF.len())
        .map_err(|bytes| UnusablePhoto::TooMuch { bytes: bytes.saturating_add(EXIF.len()) })?;
    jpeg.set_exif(Some(block.into()));
    Ok(())
}

/// Writes the XMP packet right after the EXIF, merged with the old packet or in place of it.
fn set_xmp(jpeg: &mut Jpeg, shot: &PhotoTags, size: Size) {
    let segments = jpeg.segments_mut();
    let place = segments.iter().position(|s| begins(s, xmp::PACKET));
    let old = place.and_then(|at| segments[at].contents().get(xmp::PACKET.len()..));
    let joined = old.and_then(|old| xmp::join(old, shot, size, SEGMENT_MAX - xmp::PACKET.len()));
    if joined.is_none() {
        // The old packet is dropped, and with it the segments that continue it.
        segments.retain(|s| !begins(s, xmp::EXTENSION));
    }
    segments.retain(|s| !begins(s, xmp::PACKET));
    let packet = joined.unwrap_or_else(|| xmp::packet(shot, size));
    let segment = JpegSegment::new_with_contents(APP1, [xmp::PACKET, &packet].concat().into());
    let behind = segments.iter().position(|s| begins(s, EXIF)).map_or(0, |at| at + 1);
    segments.insert(behind, segment);
}

fn begins(segment: &JpegSegment, with: &[u8]) -> bool {
    segment.marker() == APP1 && segment.contents().starts_with(with)
}

#[cfg(test)]
mod tests {
    use ::exif::{Exif, In, Reader, Tag};
    use proptest::prelude::*;

    use super::super::specimen;
    use super::*;

    fn pano() -> PhotoTags {
        PhotoTags {
            id: 1_933_525_276_802_129,
            sequence: Some("vNL-0a9_Zq3tXW7bYcK2mQ".into()),
            captured_at_ms: Some(1_556_365_097_042),
            position: Some([-8.407_748_800_863, 47.412_813_485_744]),
            altitude_m: Some(412.5),
            compass_angle: Some(262.480_282_285),
            is_pano: true,
            make: Some("GoPro".into()),
            model: Some("Max".into()),
            creator: Some("zoë".into()),
        }
    }

    fn read(jpeg: &[u8]) -> Exif {
        Reader::new().read_from_container(&mut std::io::Cursor::new(jpeg)).unwrap()
    }

    fn shown(jpeg: &[u8], tag: Tag) -> String {
        let exif = read(jpeg);
        exif.get_field(tag, In::PRIMARY).unwrap().display_value().with_unit(&exif).to_string()
    }

    /// Packets in a file, found without our code.
    fn packets(jpeg: &[u8]) -> usize {
        jpeg.windows(xmp::PACKET.len()).filter(|w| *w == xmp::PACKET).count()
    }

    #[test]
    fn another_reader_reads_what_was_written() {
        let photo = with_metadata(specimen::photo(2048, 1024), &pano()).unwrap();
        for (tag, wanted) in [
            (Tag::GPSLatitude, "47 deg 24 min 46.128549 sec N"),
            (Tag::GPSLongitude, "8 deg 24 min 27.895683 sec W"),
            (Tag::GPSAltitude, "412.5 meters above sea level"),
            (Tag::GPSImgDirection, "262.480282 degrees in true direction"),
            (Tag::GPSMapDatum, "\"WGS-84\""),
            (Tag::GPSDateStamp, "2019-04-27"),
            (Tag::GPSTimeStamp, "11:38:17.042"),
            (Tag::DateTimeOriginal, "2019-04-27 11:38:17"),
            (Tag::OffsetTimeOriginal, "\"+00:00\""),
            (Tag::Make, "\"GoPro\""),
            (Tag::Model, "\"Max\""),
            (Tag::Artist, "\"zo\\xc3\\xab\""),
            (Tag::Copyright, "\"CC BY-SA 4.0, Mapillary\""),
            (Tag::ImageDescription, "\"Mapillary image 1933525276802129, sequence vNL-0a9_Zq3tXW7bYcK2mQ\""),
            (Tag::ImageUniqueID, "\"00000000000000001933525276802129\""),
            (Tag::PixelXDimension, "2048 pixels"),
            (Tag::PixelYDimension, "1024 pixels"),
            (Tag::ExifVersion, "2.32"),
        ] {
            assert_eq!(shown(&photo, tag), wanted, "{tag}");
        }
    }

    #[test]
    fn the_picture_stays_byte_for_byte() {
        let original = specimen::photo(320, 160);
        let photo = with_metadata(original.clone(), &pano()).unwrap();
        assert_ne!(photo, original);
        assert_eq!(specimen::without(&photo, APP1), specimen::without(&original, APP1));
        assert_eq!(size(&photo), size(&original));
    }

    #[test]
    fn writing_twice_is_writing_once() {
        let once = with_metadata(specimen::photo(320, 160), &pano()).unwrap();
        assert_eq!(with_metadata(once.clone(), &pano()).unwrap(), once);
        let flat = PhotoTags { is_pano: false, ..pano() };
        assert_eq!(packets(&with_metadata(specimen::photo(320, 160), &flat).unwrap()), 0);
    }

    #[test]
    fn padding_and_other_segments_stay() {
        let mut original = specimen::photo(320, 160);
        specimen::insert_segment(&mut original, 0xED, b"Photoshop 3.0\0");
        specimen::insert_segment(&mut original, 0xFE, &vec![b'c'; SEGMENT_MAX]);
        original.extend([0; 100]);
        let photo = with_metadata(original.clone(), &pano()).unwrap();
        assert_eq!(specimen::without(&photo, APP1), original);
    }

    #[test]
    fn an_old_packet_is_joined_or_replaced_with_what_belongs_to_it() {
        let with_old = |packet: &[u8]| {
            let mut photo = specimen::photo(320, 160);
            specimen::insert_segment(&mut photo, APP1, &[xmp::EXTENSION, b"more"].concat());
            specimen::insert_segment(&mut photo, APP1, &[xmp::PACKET, packet].concat());
            let photo = with_metadata(photo, &pano()).unwrap();
            assert_eq!(packets(&photo), 1);
            let text = String::from_utf8_lossy(&photo);
            assert!(text.contains("GPano:ProjectionType"));
            (text.contains("theirs"), text.contains("/extension/"))
        };
        assert_eq!(with_old(b"<rdf:RDF xmlns:rdf='r'><theirs/></rdf:RDF>"), (true, true));
        assert_eq!(with_old(b"<theirs/>"), (false, false));
    }

    #[test]
    fn a_text_that_no_segment_holds_is_an_error() {
        let shot = PhotoTags { make: Some("x".repeat(SEGMENT_MAX)), ..pano() };
        let error = with_metadata(specimen::photo(8, 8), &shot).unwrap_err();
        assert!(matches!(error, UnusablePhoto::TooMuch { bytes } if bytes > SEGMENT_MAX), "{error}");
        let shot = PhotoTags { make: Some("x".repeat(SEGMENT_MAX - 2000)), ..pano() };
        assert!(with_metadata(specimen::photo(8, 8), &shot).is_ok());
    }

    #[test]
    fn what_is_no_photo_is_an_error() {
        for bytes in [&b""[..], b"<html>", b"\xFF\xD8\xFF\xD9", &specimen::photo(8, 8)[..40]] {
            assert!(matches!(with_metadata(bytes.to_vec(), &pano()), Err(UnusablePhoto::Broken { .. })));
        }
    }

    proptest! {
        #[test]
        fn garbled_photos_are_errors_or_photos(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
            twice in any::<bool>(),
        ) {
            let mut photo = specimen::photo(64, 32);
            if twice {
                photo = with_metadata(photo, &pano()).unwrap();
            }
            for (at, byte) in changes {
                let at = at.index(photo.len());
                photo[at] = byte;
            }
            let pixels = size(&photo);
            if let Ok(written) = with_metadata(photo, &pano()) {
                prop_assert_eq!(size(&written), pixels);
            }
        }
    }
}
