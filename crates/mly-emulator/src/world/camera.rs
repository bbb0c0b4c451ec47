//! The cameras of made-up worlds. The parameters of the first two are those of real images.

use super::record::Camera;

/// Cameras with one viewing direction.
pub(crate) static FLAT: [Camera; 6] = [
    camera(
        "Imajing",
        "Imajbox",
        "perspective",
        &[0.572_382_702_754_96, 0.002_356_119_697_163, -0.012_914_541_101_721],
        1600,
        1200,
    ),
    camera("BlackVue", "DR900S", "fisheye", &[0.4686, -0.0562, 0.0045], 3840, 2160),
    camera("Apple", "iPhone 12", "perspective", &[0.764_182_113_3, 0.041_277_6, -0.062_481_9], 4032, 3024),
    camera("samsung", "SM-G998B", "perspective", &[0.721_906_433, 0.019_338_5, -0.027_550_1], 4000, 3000),
    camera("GoPro", "HERO9 Black", "perspective", &[0.583_117_29, -0.021_774, 0.006_125], 4000, 3000),
    Camera {
        make: None,
        model: None,
        projection: "perspective",
        parameters: &[0.85, 0.0, 0.0],
        width: 2592,
        height: 1944,
    },
];

/// Panoramic cameras.
pub(crate) static PANO: [Camera; 3] = [
    camera("GoPro", "GoPro Max", "spherical", &[], 5760, 2880),
    camera("RICOH", "THETA V", "equirectangular", &[], 5376, 2688),
    camera("LG Electronics", "LG-R105", "spherical", &[], 3840, 1920),
];

const fn camera(
    make: &'static str,
    model: &'static str,
    projection: &'static str,
    parameters: &'static [f64],
    width: u16,
    height: u16,
) -> Camera {
    Camera { make: Some(make), model: Some(model), projection, parameters, width, height }
}
