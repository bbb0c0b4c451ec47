//! A tree of boxes in space, by which the few stretches near to a place are found.

use std::ops::ControlFlow;

use super::ellipsoid::Space;

/// Boxes that make one box of the next level.
const WIDTH: usize = 8;

/// A box in space.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) struct SpaceBox {
    low: Space,
    high: Space,
}

impl SpaceBox {
    const NOTHING: Self = Self { low: [f64::INFINITY; 3], high: [f64::NEG_INFINITY; 3] };

    /// The box around two places, and `margin` more on every side.
    pub(in crate::query) fn around(a: Space, b: Space, margin: f64) -> Self {
        let each = |pick: fn(f64, f64) -> f64, by: f64| {
            [pick(a[0], b[0]) + by, pick(a[1], b[1]) + by, pick(a[2], b[2]) + by]
        };
        Self { low: each(f64::min, -margin), high: each(f64::max, margin) }
    }

    fn join(&mut self, other: &Self) {
        for i in 0..3 {
            self.low[i] = self.low[i].min(other.low[i]);
            self.high[i] = self.high[i].max(other.high[i]);
        }
    }

    /// The square of the distance of two boxes.
    fn gap_squared(&self, other: &Self) -> f64 {
        let gap = |i: usize| (self.low[i] - other.high[i]).max(other.low[i] - self.high[i]).max(0.0);
        let (x, y, z) = (gap(0), gap(1), gap(2));
        x * x + y * y + z * z
    }

    fn middle(&self) -> Space {
        [0, 1, 2].map(|i| self.low[i].midpoint(self.high[i]))
    }
}

/// The boxes of some items, in levels: each box of a level is around eight of the level below.
#[derive(Debug, Default)]
pub(in crate::query) struct BoxTree {
    levels: Vec<Vec<SpaceBox>>,
    /// The items in the order of the lowest level.
    items: Vec<u32>,
}

impl BoxTree {
    pub(in crate::query) fn new(boxes: &[SpaceBox]) -> Self {
        let mut whole = SpaceBox::NOTHING;
        for one in boxes {
            whole.join(one);
        }
        let mut order: Vec<(u64, u32)> =
            (0_u32..).zip(boxes).map(|(item, one)| (curve(one.middle(), &whole), item)).collect();
        order.sort_unstable();
        let items: Vec<u32> = order.into_iter().map(|(_, item)| item).collect();
        let mut levels = vec![items.iter().map(|item| boxes[*item as usize]).collect::<Vec<_>>()];
        while let Some(last) = levels.last().filter(|last| last.len() > WIDTH) {
            let join = |some: &[SpaceBox]| {
                let mut all = SpaceBox::NOTHING;
                for one in some {
                    all.join(one);
                }
                all
            };
            let next = last.chunks(WIDTH).map(join).collect();
            levels.push(next);
        }
        Self { levels, items }
    }

    /// Calls `visit` with the items whose boxes are no farther than `reach` from a box, until it breaks.
    pub(in crate::query) fn each_near(
        &self,
        probe: &SpaceBox,
        reach: f64,
        visit: &mut dyn FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if reach < 0.0 {
            return ControlFlow::Continue(());
        }
        let squared = reach * reach;
        let Some(top) = self.levels.len().checked_sub(1) else { return ControlFlow::Continue(()) };
        // At most eight entries of each level, and a tree of all positions there are has eleven levels.
        let mut stack = vec![(top, 0_usize, self.levels[top].len())];
        while let Some((level, from, to)) = stack.pop() {
            for (number, one) in (from..).zip(&self.levels[level][from..to]) {
                if one.gap_squared(probe) > squared {
                    continue;
                }
                if level == 0 {
                    visit(self.items[number])?;
                } else {
                    let begin = number * WIDTH;
                    let end = (begin + WIDTH).min(self.levels[level - 1].len());
                    stack.push((level - 1, begin, end));
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Memory of the boxes.
    #[cfg(feature = "__private")]
    pub(super) fn bytes(&self) -> usize {
        self.levels.iter().map(|level| size_of_val(&level[..])).sum::<usize>() + size_of_val(&self.items[..])
    }
}

/// The place of a position on a curve along which neighbours are near to each other (Morton order), 21 bits each way.
fn curve(at: Space, whole: &SpaceBox) -> u64 {
    let spread = |n: u64| {
        let mut n = n & 0x1F_FFFF;
        n = (n | n << 32) & 0x001F_0000_0000_FFFF;
        n = (n | n << 16) & 0x001F_0000_FF00_00FF;
        n = (n | n << 8) & 0x100F_00F0_0F00_F00F;
        n = (n | n << 4) & 0x10C3_0C30_C30C_30C3;
        (n | n << 2) & 0x1249_2492_4924_9249
    };
    let size = (0..3).map(|i| whole.high[i] - whole.low[i]).fold(f64::MIN_POSITIVE, f64::max);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0..2^21")]
    let part = |i: usize| ((at[i] - whole.low[i]) / size * f64::from((1 << 21) - 1)) as u64;
    spread(part(0)) | spread(part(1)) << 1 | spread(part(2)) << 2
}
