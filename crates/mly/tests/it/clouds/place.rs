//! Where things are.

use mly::cloud::{Cloud, Frame};
use serde_json::json;

use super::{EXAMPLE, cloud, reconstruction};

fn farthest_apart(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|i| (a[i] - b[i]).abs()).fold(0.0, f64::max)
}

#[test]
fn cameras_stand_where_linear_algebra_puts_them() {
    // numpy: the exponential series of the rotation, and `solve(R, -t)`.
    let known = [
        ("03.jpg", [2.850_636_675_638_881, 4.312_460_909_696_091, 31.768_522_201_643_492]),
        ("01.jpg", [-2.939_847_184_583_331_6, -4.577_623_135_713_31, 31.040_237_715_292_633]),
        ("02.jpg", [-0.696_125_989_250_554, -0.901_766_347_275_965_5, 31.166_532_355_370_602]),
    ];
    let cloud = Cloud::decode(EXAMPLE).unwrap();
    for (camera, (image_id, enu_m)) in cloud.cameras().iter().zip(known) {
        assert_eq!(camera.image_id, image_id);
        assert!(farthest_apart(camera.enu_m, enu_m) < 1e-12, "{camera:?}");
    }
}

#[test]
fn places_on_the_earth_are_those_of_other_software() {
    // PROJ 9, inverse `topocentric` and inverse `cart`; the third of each is of pymap3d 3, `enu2geodetic`, since PROJ
    // is a micrometre off at such a height.
    let enu_m = [[100.0, 200.0, 30.0], [-5000.25, 1234.5, -99.75], [100_000.0, -300_000.0, 2500.0]];
    for (origin, places) in [
        (
            [13.4, 52.5, 34.0],
            [
                [13.401_472_577_425_26, 52.501_797_291_825_646, 64.003_919_147_886_34],
                [13.326_350_457_288_612, 52.511_071_141_198_05, -63.674_582_343_548_536],
                [14.786_861_992_009_088, 49.798_157_861_992_9, 10_367.611_548_223_967],
            ],
        ),
        (
            [0.0, 0.0, 0.0],
            [
                [0.000_898_311_058_778_918_9, 0.001_808_730_388_447_846_5, 30.003_940_753_638_744],
                [-0.044_918_703_291_538_89, 0.011_164_613_381_583_942, -97.669_676_855_049_88],
                [0.897_889_805_035_340_9, -2.709_660_771_840_607, 10_378.796_993_779_728],
            ],
        ),
        (
            [-179.9999, -16.5, 120.5],
            [
                [-179.998_963_386_839_53, -16.498_192_766_571_055, 150.503_937_908_448_28],
                [179.953_268_307_776_03, -16.488_839_390_324_53, 22.829_657_887_108_624],
                [-179.050_507_798_918_57, -19.204_948_975_085_97, 10_492.527_171_319_733],
            ],
        ),
        (
            [10.0, 89.9995, 5.0],
            [
                [155.250_614_376_775_87, 89.998_429_267_666_45, 35.003_906_474_448_74],
                [-93.263_583_627_600_3, 89.954_005_017_253_24, -92.677_455_999_888_48],
                [28.431_748_310_693_642, 87.171_710_577_295_58, 10_310.213_156_148_837],
            ],
        ),
    ] {
        let cloud = cloud(&json!([reconstruction(origin, &enu_m)]));
        for (found, known) in cloud.positions(Frame::Wgs84).zip(places) {
            assert!(
                farthest_apart([found[0], found[1], 0.0], [known[0], known[1], 0.0]) < 1e-12,
                "{found:?}"
            );
            assert!((found[2] - known[2]).abs() < 1e-8, "{found:?} {known:?}");
        }
        assert!(cloud.positions(Frame::Enu).eq(enu_m));
    }
}

#[test]
fn clouds_with_different_origins_meet_in_the_same_places() {
    // Two places seen from two origins, by PROJ 9 `topocentric`.
    let here = [13.4, 52.5, 34.0];
    let there = [13.4213, 52.4907, 51.5];
    let from_here = [
        [679.183_619_047_646, -556.340_396_232_241_7, 5.939_641_761_217_672],
        [-88.282_650_466_797_32, 122.407_477_301_721_3, 78.248_215_283_674_11],
    ];
    let from_there = [
        [-767.477_488_444_807_1, 478.552_836_511_762_05, -11.564_037_150_378_994],
        [-1_534.759_883_832_310_6, 1_157.538_733_874_569, 60.460_662_675_331_04],
    ];
    let (first, second) = (reconstruction(here, &from_here), reconstruction(there, &from_there));
    let one_file = cloud(&json!([first, second]));
    let mut merged = cloud(&json!([first]));
    merged.merge(cloud(&json!([second])));
    assert_eq!(one_file, merged);
    assert_eq!((merged.points().len(), merged.cameras().len()), (4, 2));
    for i in 0..2 {
        let (a, b) = (merged.points()[i].enu_m, merged.points()[i + 2].enu_m);
        assert!(farthest_apart(a, b) < 1e-6, "{a:?} {b:?}");
    }

    let mut empty = Cloud::default();
    empty.merge(merged.clone());
    empty.merge(Cloud::default());
    assert_eq!(empty, merged);
}
