//! Photos of a made-up street, small and different for each image.

use jpeg_encoder::{Encoder, EncodingError, ImageBuffer, JpegColorType};

use crate::dice::{Dice, mix};

const QUALITY: u8 = 60;
/// Houses across the picture.
const HOUSES: usize = 12;

/// A JPEG of so many pixels.
pub(crate) fn jpeg(image: u64, width: u16, height: u16) -> Result<Vec<u8>, EncodingError> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, QUALITY);
    // A segment of our own makes the files of two images differ even where the pictures agree.
    encoder.add_app_segment(15, format!("mly emulator, image {image}").into_bytes())?;
    encoder.encode_image(Street::new(image, width, height))?;
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
    fn new(image: u64, width: u16, height: u16) -> Self {
        let mut dice = Dice::new(mix(image));
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
