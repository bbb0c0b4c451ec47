//! Pictures of signs, cut out of photos.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use jpeg_encoder::{ColorType, Encoder};
use mly::{Error, Result};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::columns::{Columns, Id};
use crate::table::Table;

/// The quality of the pictures, from 1 to 100. They are small.
const QUALITY: u8 = 92;

/// The part of a photo that shows an asset.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct AssetPicture {
    /// Which asset.
    pub asset_id: i64,
    /// The photo that shows it best.
    pub image_id: i64,
    /// Left, top, right and bottom as shares of the photo. In a panorama the right may be beyond 1.
    pub crop: [f64; 4],
}

impl AssetPicture {
    /// The pictures that an inventory has, in its order.
    pub fn of(inventory: &Table) -> Vec<Self> {
        let mut pictures = Vec::new();
        for rows in inventory.batches() {
            let columns = Columns(rows);
            let (assets, images) = (columns.ids("asset_id"), columns.ids("best_image_id"));
            let Some(crops) = rows.column_by_name("crop").and_then(|crops| crops.as_list_opt::<i32>()) else {
                continue;
            };
            for row in 0..rows.num_rows() {
                let (Some(Id::Number(asset_id)), Some(Id::Number(image_id))) =
                    (assets.get(row), images.get(row))
                else {
                    continue;
                };
                let list = crops.is_valid(row).then(|| crops.value(row));
                let numbers = list.as_ref().and_then(|list| list.as_primitive_opt::<Float64Type>());
                if let Some(crop) =
                    numbers.and_then(|numbers| <[f64; 4]>::try_from(&numbers.values()[..]).ok())
                {
                    pictures.push(Self { asset_id, image_id, crop });
                }
            }
        }
        pictures
    }

    /// Cuts the picture out of a photo, and gives it as a JPEG.
    ///
    /// # Errors
    /// [`Error::Input`] when the photo is no JPEG that can be read.
    pub fn cut_out(&self, photo: &[u8]) -> Result<Vec<u8>> {
        let unreadable =
            |e: &dyn std::fmt::Display| Error::input(format!("photo {} cannot be read: {e}", self.image_id));
        let most = usize::from(u16::MAX);
        let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
        let options = options.set_max_width(most).set_max_height(most);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(photo), options);
        let pixels = decoder.decode().map_err(|e| unreadable(&e))?;
        let Some((width, height)) = decoder.dimensions() else { return Err(unreadable(&"it has no size")) };
        let [left, top, right, bottom] = self.crop;
        let (x, columns) = pixels_of(left, right, width);
        let (y, rows) = pixels_of(top, bottom, height);
        let rows = rows.min(height - y);
        let mut picture = Vec::with_capacity(rows * columns * 3);
        for row in y..y + rows {
            for column in x..x + columns {
                // Beyond the right edge of a panorama its left edge follows.
                let at = (row * width + column % width) * 3;
                picture.extend_from_slice(pixels.get(at..at + 3).unwrap_or(&[0, 0, 0]));
            }
        }
        let size = |pixels: usize| u16::try_from(pixels).unwrap_or(u16::MAX);
        let mut jpeg = Vec::new();
        let encoder = Encoder::new(&mut jpeg, QUALITY);
        let done = encoder.encode(&picture, size(columns), size(rows), ColorType::Rgb);
        done.map_err(|e| Error::internal("a picture cannot be encoded").with_source(e))?;
        Ok(jpeg)
    }
}

/// The first pixel of a share of a side, and how many there are; at least one.
fn pixels_of(from: f64, to: f64, side: usize) -> (usize, usize) {
    #[expect(clippy::cast_precision_loss, reason = "photos have fewer than 2^53 pixels on a side")]
    let pixels = side as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "shares of a side, not negative"
    )]
    let pixel = |share: f64| (share.max(0.0) * pixels).round() as usize;
    let first = pixel(from).min(side.saturating_sub(1));
    (first, pixel(to).saturating_sub(first).clamp(1, side))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A photo whose left half is red and whose right half is blue.
    fn halves() -> Vec<u8> {
        let (width, height) = (128_u16, 64_u16);
        let pixels: Vec<u8> = (0..height)
            .flat_map(|_| (0..width).flat_map(|x| if x < 64 { [250, 0, 0] } else { [0, 0, 250] }))
            .collect();
        let mut jpeg = Vec::new();
        Encoder::new(&mut jpeg, 95).encode(&pixels, width, height, ColorType::Rgb).unwrap();
        jpeg
    }

    fn decoded(jpeg: &[u8]) -> (usize, usize, Vec<u8>) {
        let mut decoder = JpegDecoder::new(ZCursor::new(jpeg));
        let pixels = decoder.decode().unwrap();
        let (width, height) = decoder.dimensions().unwrap();
        (width, height, pixels)
    }

    fn cut(crop: [f64; 4]) -> (usize, usize, Vec<u8>) {
        decoded(&AssetPicture { asset_id: 1, image_id: 2, crop }.cut_out(&halves()).unwrap())
    }

    #[test]
    fn a_picture_has_the_pixels_of_its_part_of_the_photo() {
        let (width, height, pixels) = cut([0.0, 0.25, 0.25, 0.75]);
        assert_eq!((width, height), (32, 32));
        assert!(pixels.chunks(3).all(|p| p[0] > 200 && p[2] < 60));
        let (width, height, _) = cut([0.5, 0.5, 0.5, 0.5]);
        assert_eq!((width, height), (1, 1));
    }

    #[test]
    fn a_picture_goes_over_the_seam_of_a_panorama() {
        let (width, _, pixels) = cut([0.875, 0.0, 1.125, 1.0]);
        assert_eq!(width, 32);
        let first = &pixels[..3];
        let last = &pixels[31 * 3..32 * 3];
        assert!(first[2] > 200 && last[0] > 200, "{first:?} {last:?}");
    }

    #[test]
    fn what_is_no_photo_is_an_error() {
        let picture = AssetPicture { asset_id: 1, image_id: 2, crop: [0.0, 0.0, 1.0, 1.0] };
        assert!(matches!(picture.cut_out(b"no photo"), Err(Error::Input { .. })));
    }
}
