//! Merges our EXIF fields with those that a photo has already.

use std::collections::HashSet;
use std::io::Cursor;

use exif::experimental::Writer;
use exif::{Error, Exif, Field, In, Reader, Tag, Value};

use super::tiff::is_modest;

/// Which of the old fields are kept. Variants are tried in this order until the block is small enough.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum OldFields {
    All,
    WithoutThumbnail,
    /// Without the thumbnail and the maker note, which can be large and only the maker of the camera can read.
    WithoutNotes,
    Nothing,
}

/// A TIFF block of at most `max` bytes with our fields and the old ones. The error is the size of a block with our
/// fields alone, if even that is too large.
///
/// Our fields replace old fields with the same tag. An old block that cannot be read is left out. Old values keep their
/// bytes but may move within the block, which breaks maker notes that hold offsets from its beginning.
pub(super) fn merge(old: Option<&[u8]>, ours: &[Field], max: usize) -> Result<Vec<u8>, usize> {
    let old = old.and_then(read);
    let steps = [OldFields::All, OldFields::WithoutThumbnail, OldFields::WithoutNotes, OldFields::Nothing];
    let mut needed = usize::MAX;
    for kept in steps.into_iter().filter(|kept| old.is_some() || *kept == OldFields::Nothing) {
        if let Ok(block) = write(old.as_ref(), ours, kept) {
            if block.len() <= max {
                return Ok(block);
            }
            needed = block.len();
        }
    }
    Err(needed)
}

/// Reads a block as far as it can be read.
fn read(block: &[u8]) -> Option<Exif> {
    if !is_modest(block) {
        return None;
    }
    match Reader::new().continue_on_error(true).read_raw(block.to_vec()) {
        Ok(exif) => Some(exif),
        Err(Error::PartialResult(partial)) => Some(partial.into_inner().0),
        Err(_) => None,
    }
}

fn write(old: Option<&Exif>, ours: &[Field], kept: OldFields) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::new();
    let mut written = HashSet::new();
    for field in ours {
        written.insert((field.ifd_num, field.tag));
        writer.push_field(field);
    }
    if let Some(exif) = old.filter(|_| kept < OldFields::Nothing) {
        let thumbnail = thumbnail(exif).filter(|_| kept == OldFields::All);
        if let Some(jpeg) = thumbnail {
            writer.set_jpeg(jpeg, In::THUMBNAIL);
        }
        let has_place = |field: &&Field| match field.ifd_num {
            In::PRIMARY => kept < OldFields::WithoutNotes || field.tag != Tag::MakerNote,
            In::THUMBNAIL => thumbnail.is_some(),
            _ => false,
        };
        let is_writable = |field: &&Field| !matches!(field.value, Value::Unknown(..));
        for field in exif.fields().filter(has_place).filter(is_writable) {
            if written.insert((field.ifd_num, field.tag)) {
                writer.push_field(field);
            }
        }
    }
    let mut block = Cursor::new(Vec::with_capacity(1024));
    writer.write(&mut block, old.is_some_and(Exif::little_endian))?;
    Ok(block.into_inner())
}

/// The thumbnail that some cameras put into the block.
fn thumbnail(exif: &Exif) -> Option<&[u8]> {
    let number = |tag| exif.get_field(tag, In::THUMBNAIL)?.value.get_uint(0)?.try_into().ok();
    let from: usize = number(Tag::JPEGInterchangeFormat)?;
    let length: usize = number(Tag::JPEGInterchangeFormatLength)?;
    let jpeg = exif.buf().get(from..from.checked_add(length)?)?;
    jpeg.starts_with(&[0xFF, 0xD8]).then_some(jpeg)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MAX: usize = 65_527;

    fn field(tag: Tag, value: Value) -> Field {
        Field { tag, ifd_num: In::PRIMARY, value }
    }

    fn text(tag: Tag, text: &str) -> Field {
        field(tag, Value::Ascii(vec![text.into()]))
    }

    fn shown(exif: &Exif, tag: Tag) -> Option<String> {
        exif.get_field(tag, In::PRIMARY).map(|f| f.display_value().to_string())
    }

    /// A block as a camera writes it, with a thumbnail and notes of so many bytes.
    fn camera(thumbnail: usize, notes: usize, little: bool) -> Vec<u8> {
        let fields = [
            text(Tag::Make, "Theirs"),
            text(Tag::Software, "Firmware 1"),
            field(Tag::Orientation, Value::Short(vec![6])),
            field(Tag::FNumber, Value::Rational(vec![(28, 10).into()])),
            field(Tag::MakerNote, Value::Undefined(vec![5; notes], 0)),
            field(Tag::GPSSpeed, Value::Rational(vec![(36, 1).into()])),
        ];
        let compression = Field { ifd_num: In::THUMBNAIL, ..field(Tag::Compression, Value::Short(vec![6])) };
        let mut jpeg = vec![0; thumbnail];
        jpeg[..2].copy_from_slice(&[0xFF, 0xD8]);
        let mut writer = Writer::new();
        for field in &fields {
            writer.push_field(field);
        }
        writer.push_field(&compression);
        writer.set_jpeg(&jpeg, In::THUMBNAIL);
        let mut block = Cursor::new(Vec::new());
        writer.write(&mut block, little).unwrap();
        block.into_inner()
    }

    #[test]
    fn old_fields_stay_and_ours_win() {
        for little in [false, true] {
            let ours = [text(Tag::Make, "Ours"), text(Tag::Artist, "somebody")];
            let block = merge(Some(&camera(3000, 500, little)), &ours, MAX).unwrap();
            let exif = Reader::new().read_raw(block).unwrap();
            assert_eq!(exif.little_endian(), little);
            assert_eq!(shown(&exif, Tag::Make).unwrap(), "\"Ours\"");
            assert_eq!(shown(&exif, Tag::Artist).unwrap(), "\"somebody\"");
            assert_eq!(shown(&exif, Tag::Software).unwrap(), "\"Firmware 1\"");
            assert_eq!(shown(&exif, Tag::FNumber).unwrap(), "2.8");
            assert_eq!(shown(&exif, Tag::GPSSpeed).unwrap(), "36");
            assert!(exif.get_field(Tag::MakerNote, In::PRIMARY).is_some());
            assert_eq!(thumbnail(&exif).unwrap().len(), 3000);
        }
    }

    #[test]
    fn what_does_not_fit_goes_step_by_step() {
        let long = [text(Tag::Artist, &"x".repeat(20_000))];
        let left = |thumbnail_bytes, notes| {
            let block = merge(Some(&camera(thumbnail_bytes, notes, false)), &long, MAX).unwrap();
            assert!(block.len() <= MAX);
            let exif = Reader::new().read_raw(block).unwrap();
            let notes = exif.get_field(Tag::MakerNote, In::PRIMARY).is_some();
            (thumbnail(&exif).is_some(), notes, shown(&exif, Tag::Software).is_some())
        };
        assert_eq!(left(20_000, 20_000), (true, true, true));
        assert_eq!(left(40_000, 20_000), (false, true, true));
        assert_eq!(left(10_000, 50_000), (false, false, true));
        let mut huge = camera(10, 10, false);
        let software = [text(Tag::Software, &"y".repeat(50_000))];
        huge = merge(Some(&huge), &software, MAX).unwrap();
        let block = merge(Some(&huge), &long, MAX).unwrap();
        assert_eq!(Reader::new().read_raw(block).unwrap().fields().len(), 1);
        let needed = merge(Some(&huge), &[text(Tag::Artist, &"x".repeat(70_000))], MAX).unwrap_err();
        assert!((70_000..70_100).contains(&needed));
    }

    #[test]
    fn nonsense_is_left_out() {
        let ours = [text(Tag::Artist, "somebody")];
        let alone = merge(None, &ours, MAX).unwrap();
        for old in [&b""[..], b"Exif", b"MM\0*\xFF\xFF\xFF\xFF", b"II*\0\x08\0\0\0\xFF\xFF"] {
            let block = merge(Some(old), &ours, MAX).unwrap();
            assert_eq!(block.len(), alone.len());
        }
    }

    proptest! {
        #[test]
        fn a_garbled_block_is_no_panic(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
            cut in any::<prop::sample::Index>(),
            little in any::<bool>(),
        ) {
            let mut old = camera(40, 20, little);
            for (at, byte) in changes {
                let at = at.index(old.len());
                old[at] = byte;
            }
            let ours = [text(Tag::Artist, "somebody"), field(Tag::GPSAltitudeRef, Value::Byte(vec![0]))];
            for old in [&old[..], &old[..cut.index(old.len())]] {
                let exif = Reader::new().read_raw(merge(Some(old), &ours, MAX).unwrap()).unwrap();
                prop_assert_eq!(shown(&exif, Tag::Artist).unwrap(), "\"somebody\"");
            }
        }
    }
}
