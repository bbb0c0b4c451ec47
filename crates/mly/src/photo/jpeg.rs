//! Checks whether bytes are a complete JPEG, and reads its size.
//!
//! Markers and segments are those of ITU-T T.81, annex B.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::UnusablePhoto;

const BEGIN: [u8; 3] = [0xFF, 0xD8, 0xFF];
const END: [u8; 2] = [0xFF, 0xD9];
/// Bytes that may follow the end: servers and disks pad files with zeros, and some programs add a line feed.
const PADDING: [u8; 3] = [0, b'\r', b'\n'];
/// Most bytes of padding. A file with more was allocated but not written completely.
const PADDING_MAX: usize = 64 << 10;

/// Size of a picture in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u16,
    pub(crate) height: u16,
}

/// The size of a complete JPEG.
///
/// A JPEG counts as complete if it has the marker of its start and its end, and if every segment before the picture is
/// intact. The picture itself is not decoded.
///
/// # Errors
/// [`UnusablePhoto::Broken`] when the bytes are not a complete JPEG.
pub(crate) fn size(bytes: &[u8]) -> Result<Size, UnusablePhoto> {
    let broken = |what, offset| UnusablePhoto::Broken { what, offset };
    if !bytes.starts_with(&BEGIN) {
        return Err(broken("it does not begin as one", 0));
    }
    if !ends(bytes) {
        return Err(broken("it does not end as one", bytes.len()));
    }
    size_before_scan(bytes)
}

/// The size in the segments before the picture. What follows them may be missing.
fn size_before_scan(bytes: &[u8]) -> Result<Size, UnusablePhoto> {
    let broken = |what, offset| UnusablePhoto::Broken { what, offset };
    let mut size = None;
    let mut at = 2;
    loop {
        let marker = match bytes.get(at..at + 2) {
            // A marker may be preceded by any number of fill bytes.
            Some([0xFF, 0xFF]) => {
                at += 1;
                continue;
            }
            Some([0xFF, marker]) => *marker,
            _ => return Err(broken("no segment where one should be", at)),
        };
        if matches!(marker, 0x00..=0xBF | 0xD0..=0xD9) {
            return Err(broken("no picture in it", at));
        }
        let body = bytes.get(at + 2..).unwrap_or_default();
        let body = match body {
            [high, low, ..] => body.get(2..usize::from(u16::from_be_bytes([*high, *low]))),
            _ => None,
        };
        let body = body.ok_or(broken("a cut segment", at))?;
        match marker {
            // Start of a frame; the three exceptions in this range are other segments.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) && size.is_none() => {
                size = Some(frame(body).ok_or(broken("a frame without size", at))?);
            }
            // Start of a scan.
            0xDA => return size.ok_or(broken("a scan without frame", at)),
            _ => {}
        }
        at += 4 + body.len();
    }
}

/// Whether bytes are a complete JPEG, as [`size`] checks it.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    size(bytes).is_ok()
}

/// Width and height of a JPEG in pixels; `None` if it is none.
///
/// No more is read than what comes before the picture, and a little of it.
///
/// # Errors
/// When it cannot be read.
pub fn jpeg_pixels(mut file: impl Read) -> io::Result<Option<[u32; 2]>> {
    /// Holds the segments before the picture in most files.
    const HEAD: u64 = 64 << 10;
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut bytes)?;
    if !bytes.starts_with(&BEGIN) {
        return Ok(None);
    }
    let mut size = size_before_scan(&bytes);
    if size.is_err() {
        file.read_to_end(&mut bytes)?;
        size = size_before_scan(&bytes);
    }
    Ok(size.ok().map(|size| [size.width, size.height].map(u32::from)))
}

/// Whether a file begins and ends as a JPEG does; `false` if it does not exist.
///
/// Only the first and last bytes are read, so that checking a folder of millions of photos is quick.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn is_whole_file(path: &Path) -> io::Result<bool> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(e),
    };
    let mut begin = Vec::with_capacity(BEGIN.len());
    file.by_ref().take(BEGIN.len() as u64).read_to_end(&mut begin)?;
    if begin != BEGIN {
        return Ok(false);
    }
    // Almost no file has padding, so only a few bytes are read first.
    for reach in [64, PADDING_MAX + END.len()] {
        let length = file.seek(SeekFrom::End(0))?;
        let from = length.saturating_sub(reach as u64);
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::with_capacity(reach);
        file.by_ref().take(reach as u64).read_to_end(&mut tail)?;
        if ends(&tail) {
            return Ok(true);
        }
        if tail.iter().any(|byte| !PADDING.contains(byte)) && !cut_between(&tail) {
            return Ok(false);
        }
    }
    Ok(false)
}

/// Whether the end marker may be cut in half: the tail begins with its second byte, and the rest is padding.
fn cut_between(tail: &[u8]) -> bool {
    tail.first() == Some(&END[1]) && tail.iter().skip(1).all(|byte| PADDING.contains(byte))
}

/// Whether bytes end as a JPEG does, padding aside.
fn ends(bytes: &[u8]) -> bool {
    let padding = bytes.iter().rev().take(PADDING_MAX + 1).take_while(|b| PADDING.contains(b)).count();
    padding <= PADDING_MAX && bytes.get(..bytes.len() - padding).is_some_and(|rest| rest.ends_with(&END))
}

/// The size in the body of a frame segment: height and width follow the precision, which has one byte.
fn frame(body: &[u8]) -> Option<Size> {
    let [_, h0, h1, w0, w1, ..] = *body else { return None };
    let size = Size { width: u16::from_be_bytes([w0, w1]), height: u16::from_be_bytes([h0, h1]) };
    (size.width > 0 && size.height > 0).then_some(size)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::specimen;
    use super::*;

    fn whole_on_disk(bytes: &[u8]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("photo.jpg");
        std::fs::write(&path, bytes).unwrap();
        is_whole_file(&path).unwrap()
    }

    #[test]
    fn a_photo_is_whole_and_has_its_pixels() {
        let photo = specimen::photo(320, 160);
        assert_eq!(size(&photo), Ok(Size { width: 320, height: 160 }));
        assert!(whole_on_disk(&photo));
    }

    #[test]
    fn the_size_is_found_behind_segments_of_any_length() {
        for segments in [0, 1, 3] {
            let mut photo = specimen::photo(320, 160);
            (0..segments).for_each(|_| specimen::insert_segment(&mut photo, 0xE5, &vec![7; 60_000]));
            assert_eq!(jpeg_pixels(&photo[..]).unwrap(), Some([320, 160]));
        }
        assert_eq!(jpeg_pixels(&b"\x89PNG"[..]).unwrap(), None);
    }

    #[test]
    fn no_beginning_of_a_photo_is_whole() {
        let photo = specimen::photo(64, 32);
        for end in 0..photo.len() {
            assert!(!is_whole(&photo[..end]), "{end} bytes");
        }
        for end in [0, 1, 3, photo.len() / 2, photo.len() - 1] {
            assert!(!whole_on_disk(&photo[..end]), "{end} bytes");
        }
    }

    #[test]
    fn a_photo_cut_behind_its_thumbnail_is_not_whole() {
        let mut photo = specimen::photo(64, 32);
        specimen::insert_segment(&mut photo, 0xE1, &[b"Exif\0\0", &specimen::photo(8, 8)[..]].concat());
        let end = 2 + 4 + 6 + specimen::photo(8, 8).len();
        assert_eq!(photo[end - 2..end], END);
        assert!(is_whole(&photo) && !is_whole(&photo[..end]));
    }

    #[test]
    fn padding_of_any_length_may_follow_up_to_a_limit() {
        for fill in PADDING {
            for padding in [1, 62, 63, 64, 65, 4096, PADDING_MAX, PADDING_MAX + 1, 3 * PADDING_MAX] {
                let mut photo = specimen::photo(16, 8);
                photo.resize(photo.len() + padding, fill);
                assert_eq!(is_whole(&photo), padding <= PADDING_MAX, "{padding}");
                assert_eq!(whole_on_disk(&photo), padding <= PADDING_MAX, "{padding}");
            }
        }
    }

    #[test]
    fn other_things_behind_the_end_are_not_padding() {
        let photo = [specimen::photo(16, 8), b"<html>".to_vec()].concat();
        assert!(!is_whole(&photo) && !whole_on_disk(&photo));
    }

    #[test]
    fn what_a_server_says_instead_is_no_photo() {
        for answer in [&b""[..], b"URL signature expired", b"\x89PNG\r\n\x1a\n", b"{}", b"\xFF\xD8\xFF\xD9"] {
            assert!(!is_whole(answer));
        }
    }

    #[test]
    fn a_missing_file_is_not_whole_and_a_folder_is_an_error_or_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_whole_file(&folder.path().join("none.jpg")).unwrap());
        assert!(!is_whole_file(folder.path()).unwrap_or(false));
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = size(&bytes);
            let _ = size(&[&BEGIN[..], &bytes, &END].concat());
        }

        #[test]
        fn the_file_is_judged_as_its_ends_are(middle in proptest::collection::vec(any::<u8>(), 0..200), padding in 0..200_usize) {
            let mut bytes = [&BEGIN[..], &middle].concat();
            bytes.resize(bytes.len() + padding, 0);
            prop_assert_eq!(whole_on_disk(&bytes), ends(&bytes));
        }
    }
}
