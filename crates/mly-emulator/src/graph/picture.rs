//! Photos of a made-up street. The file of each image is different.

use bytes::Bytes;
use jpeg_encoder::{Encoder, EncodingError, ImageBuffer, JpegColorType};

use crate::{
    cache::Cache,
    dice::{Dice, mix},
};

const QUALITY: u8 = 60;
/// Houses across the picture.
const HOUSES: usize = 12;

/// How many different streets there are. Encoding a picture is slow, so images share them.
const STREETS: u64 = 64;

/// What a picture shows: which street, in how many pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PictureKey {
    street: u64,
    width: u16,
    height: u16,
}

impl PictureKey {
    pub(crate) fn of(image: u64, width: u16, height: u16) -> Self {
        Self { street: mix(image) % STREETS, width, height }
    }
}

/// The file of an image. The encoded picture comes from the cache, and an application segment that names the image is
/// inserted, so that the files of two images differ even where they show the same picture.
pub(crate) fn jpeg(pictures: &Cache<PictureKey>, image: u64, view: PictureKey) -> Option<Vec<u8>> {
    const SEGMENT: u8 = 15;
    let kept = pictures.get_or_make(view, || encoded(view).map(Bytes::from).unwrap_or_default());
    let picture = &kept.plain;
    // After the start of the image (FF D8) and the JFIF segment (FF E0 and a length that counts itself).
    let [0xFF, 0xD8, 0xFF, 0xE0, high, low, ..] = picture[..] else { return None };
    let (head, rest) = picture.split_at_checked(4 + usize::from(u16::from_be_bytes([high, low])))?;
    let text = format!("mly emulator, image {image}");
    let length = u16::try_from(text.len() + 2).ok()?;
    let mut out = Vec::with_capacity(picture.len() + 4 + text.len());
    out.extend_from_slice(head);
    out.extend([0xFF, 0xE0 | SEGMENT]);
    out.extend(length.to_be_bytes());
    out.extend(text.into_bytes());
    out.extend_from_slice(rest);
    Some(out)
}

fn encoded(view: PictureKey) -> Result<Vec<u8>, EncodingError> {
    let mut out = Vec::new();
    Encoder::new(&mut out, QUALITY).encode_image(Street::new(view))?;
    Ok(out)
}

/// Sky, a row of houses and the ground before them.
struct Street {
    width: u16,
    height: u16,
    /// Top of each house in rows, and its brightness.
    houses: [(u16, u8); HOUSES],
    tint: u8,
}

impl Street {
    fn new(PictureKey { street, width, height }: PictureKey) -> Self {
        let mut dice = Dice::new(mix(street));
        let houses = std::array::from_fn(|_| {
            let tenths = u32::try_from(dice.below(4)).unwrap_or(0) + 1;
            let top = u32::from(height) * tenths / 10;
            (u16::try_from(top).unwrap_or(0), byte(dice.between(100.0, 210.0)))
        });
        Self { width, height, houses, tint: byte(dice.between(110.0, 146.0)) }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=255")]
fn byte(value: f64) -> u8 {
    value.clamp(0.0, 255.0) as u8
}

impl ImageBuffer for Street {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let horizon = self.height / 2;
        let columns = usize::from(self.width).div_ceil(HOUSES);
        for (house, &(top, brightness)) in self.houses.iter().enumerate() {
            let from = house * columns;
            let count = usize::from(self.width).min(from + columns).saturating_sub(from);
            let [luma, blue, red] = if y >= horizon {
                [90, 128, 128]
            } else if y >= top {
                [brightness, 118, self.tint]
            } else {
                [215, 140, 118]
            };
            for (buffer, value) in buffers.iter_mut().zip([luma, blue, red]) {
                buffer.extend(std::iter::repeat_n(value, count));
            }
        }
    }
}
