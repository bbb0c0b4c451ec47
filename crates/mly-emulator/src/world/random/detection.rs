//! The detections of a random world.

use crate::{
    date::DAY_MS,
    dice::{Dice, mix},
    world::{
        outline::{blob, corner, of_box, of_parts},
        record::{Detection, Image},
        values::{OBJECTS, SEGMENTS, SIGNS},
    },
};

/// The most detections in one image.
pub(super) const MOST: u64 = 4;

/// The number of detections in an image: 0 to [`MOST`].
pub(super) const fn count(image: u64) -> u64 {
    mix(image ^ MOST) % (MOST + 1)
}

/// Signs have boxes as outlines; objects and surfaces have shapes. No detection belongs to a map feature.
pub(super) fn of_image(image: &Image, id: u64) -> Detection {
    let mut dice = Dice::new(id);
    let [x, y] = [dice.between(300.0, 3800.0), dice.between(1200.0, 2600.0)];
    let half = dice.between(20.0, 160.0);
    let (value, outline) = match dice.below(5) {
        0 | 1 => {
            let (left_top, right_bottom) = (corner([x - half, y - half]), corner([x + half, y + half]));
            (*dice.weighted(SIGNS), of_box(left_top, right_bottom))
        }
        2 | 3 => (*dice.weighted(OBJECTS), of_parts(&[blob(&mut dice, [x, y], [half, half])])),
        // Surfaces are mostly in the lower half of an image.
        _ => (*dice.pick(&SEGMENTS), of_parts(&[blob(&mut dice, [x, 3200.0], [900.0, 600.0])])),
    };
    Detection {
        id,
        created_at_ms: image.captured_at_ms + 3 * DAY_MS,
        image: image.id,
        feature: None,
        value: value.into(),
        outline,
    }
}
