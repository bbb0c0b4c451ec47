//! Makes views of panoramas: decodes the photo of a panorama, and encodes each view as a photo of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use jpeg_encoder::{ColorType, Encoder};
use mly::Result;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::folder::{failed, write_small};
use crate::views::PanoView;

/// Quality of views as JPEG, from 1 to 100: high, since they are encoded a second time.
const QUALITY: u8 = 92;

/// The largest side of a panorama that is decoded, in pixels.
const LARGEST: usize = 20_000;

/// Panoramas that are in memory at once. One of 10,000 pixels takes 150 MB.
const AT_ONCE: usize = 4;

/// A panorama, and the views that are wanted of it.
#[derive(Debug)]
pub(crate) struct PanoJob {
    pub(crate) id: i64,
    pub(crate) pano: PathBuf,
    /// With the path that the photo of the view gets.
    pub(crate) views: Vec<(PanoView, PathBuf)>,
}

/// Makes all views, and removes the panoramas. Gives the panoramas that cannot be decoded, and why; sorted.
///
/// # Errors
/// [`mly::Error::Output`] when a panorama cannot be read or a view cannot be written.
pub(crate) fn make(jobs: &[PanoJob]) -> Result<Vec<(String, String)>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(AT_ONCE);
    let next = AtomicUsize::new(0);
    let unread = Mutex::new(Vec::new());
    let work = || -> Result<()> {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(why) = make_one(job)? {
                let mut unread = unread.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                unread.push((job.id.to_string(), why));
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err(mly::Error::internal("a thread that makes views has stopped")))
        })
    })?;
    let mut unread = unread.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    unread.sort();
    Ok(unread)
}

/// Makes the views of one panorama; gives why it cannot be decoded.
fn make_one(job: &PanoJob) -> Result<Option<String>> {
    let bytes = fs::read(&job.pano).map_err(|e| failed(&job.pano, e))?;
    let pano = match Picture::decode(&bytes) {
        Ok(pano) => pano,
        Err(why) => return Ok(Some(format!("its photo cannot be decoded: {why}"))),
    };
    for (view, path) in &job.views {
        let jpeg = pano.view(*view).encode(path)?;
        write_small(path, &jpeg)?;
    }
    fs::remove_file(&job.pano).map_err(|e| failed(&job.pano, e))?;
    Ok(None)
}

/// Pixels of three bytes: red, green and blue.
struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Picture {
    fn decode(jpeg: &[u8]) -> Result<Self, String> {
        let options = DecoderOptions::default()
            .set_max_width(LARGEST)
            .set_max_height(LARGEST)
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
        let pixels = decoder.decode().map_err(|e| e.to_string())?;
        let (width, height) = decoder.dimensions().ok_or("it has no size")?;
        let side = |side: usize| u32::try_from(side).map_err(|e| e.to_string());
        if pixels.len() != width * height * 3 || pixels.is_empty() {
            return Err("it has no colours".to_owned());
        }
        Ok(Self { width: side(width)?, height: side(height)?, pixels })
    }

    /// What a camera sees that looks into the panorama.
    fn view(&self, view: PanoView) -> Self {
        let side = view.side(self.width);
        let mut pixels = Vec::with_capacity(side as usize * side as usize * 3);
        let share = |pixel: u32| (f64::from(pixel) + 0.5) / f64::from(side);
        for y in 0..side {
            for x in 0..side {
                pixels.extend(self.colour(view.in_pano([share(x), share(y)])));
            }
        }
        Self { width: side, height: side, pixels }
    }

    /// The colour at a place in shares of width and height, from the four pixels around it. The panorama goes on at its
    /// other edge.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "colours are bytes, places are pixels"
    )]
    fn colour(&self, [x, y]: [f64; 2]) -> [u8; 3] {
        let (x, y) = (x * f64::from(self.width) - 0.5, y * f64::from(self.height) - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (to_right, to_bottom) = (x - left, y - top);
        let column = |step: f64| (left + step).rem_euclid(f64::from(self.width)) as usize;
        let row = |step: f64| (top + step).clamp(0.0, f64::from(self.height) - 1.0) as usize;
        let at = |column: usize, row: usize| (row * self.width as usize + column) * 3;
        let corners = [
            at(column(0.0), row(0.0)),
            at(column(1.0), row(0.0)),
            at(column(0.0), row(1.0)),
            at(column(1.0), row(1.0)),
        ];
        let weights = [
            (1.0 - to_right) * (1.0 - to_bottom),
            to_right * (1.0 - to_bottom),
            (1.0 - to_right) * to_bottom,
            to_right * to_bottom,
        ];
        std::array::from_fn(|channel| {
            let byte =
                |place: usize| f64::from(self.pixels.get(place + channel).copied().unwrap_or_default());
            corners.iter().zip(weights).map(|(place, weight)| byte(*place) * weight).sum::<f64>().round()
                as u8
        })
    }

    fn encode(&self, path: &Path) -> Result<Vec<u8>> {
        let mut jpeg = Vec::new();
        let side = |side: u32| u16::try_from(side).map_err(|e| failed(path, e));
        let encoder = Encoder::new(&mut jpeg, QUALITY);
        encoder
            .encode(&self.pixels, side(self.width)?, side(self.height)?, ColorType::Rgb)
            .map_err(|e| failed(path, e))?;
        Ok(jpeg)
    }
}

#[cfg(test)]
mod tests {
    use crate::views::PanoViews;

    use super::*;

    /// A panorama whose colours tell the place: red from left to right, green from top to bottom.
    fn pano() -> Picture {
        let (width, height) = (512, 256);
        let pixels =
            (0..height).flat_map(|y| (0..width).flat_map(move |x| [(x / 2).min(255), y.min(255), 100]));
        let pixels = pixels.map(|colour| u8::try_from(colour).unwrap()).collect();
        Picture { width, height, pixels }
    }

    #[test]
    fn a_view_has_the_colours_of_the_places_that_it_shows() {
        let pano = pano();
        for view in "4x90".parse::<PanoViews>().unwrap().views() {
            let found = pano.view(view);
            assert_eq!((found.width, found.height), (128, 128));
            for (x, y) in [(64, 64), (5, 100), (120, 20)] {
                let share = |pixel: u32| (f64::from(pixel) + 0.5) / 128.0;
                let [px, py] = view.in_pano([share(x), share(y)]);
                // Where the panorama begins again, red jumps.
                if !(0.01..0.99).contains(&px) {
                    continue;
                }
                let pixel = &found.pixels[((y * 128 + x) * 3) as usize..][..3];
                assert!((f64::from(pixel[0]) - px * 256.0).abs() < 2.0, "{pixel:?} at {px}");
                assert!((f64::from(pixel[1]) - py * 256.0).abs() < 2.0, "{pixel:?} at {py}");
                assert_eq!(pixel[2], 100);
            }
        }
    }

    #[test]
    fn a_panorama_becomes_photos_and_what_is_none_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.jpg");
        fs::write(&path, pano().encode(&path).unwrap()).unwrap();
        let views = "2x90".parse::<PanoViews>().unwrap().views();
        let views: Vec<_> =
            views.map(|view| (view, folder.path().join(format!("1-{}.jpg", view.number)))).collect();
        let broken = folder.path().join("2.jpg");
        fs::write(&broken, b"\xff\xd8\xff").unwrap();
        let jobs = [
            PanoJob { id: 1, pano: path.clone(), views: views.clone() },
            PanoJob { id: 2, pano: broken, views: Vec::new() },
        ];
        let unread = make(&jobs).unwrap();
        assert_eq!(unread.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["2"]);
        assert!(!path.exists());
        for (_, view) in views {
            assert_eq!(mly::jpeg_pixels(fs::File::open(view).unwrap()).unwrap(), Some([128, 128]));
        }
    }
}
