//! How often noisy drives are put onto the right streets, beside what the nearest street would give.

use std::collections::BTreeMap;

use super::scene::{Image, Metres, Street, drive, run, street};

/// A small generator of numbers, the same on every machine (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    #[allow(clippy::cast_precision_loss, reason = "53 bits")]
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Normally distributed.
    fn normal(&mut self) -> f64 {
        let (one, other) = (1.0 - self.share(), self.share());
        (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
    }

    #[allow(clippy::cast_possible_truncation, reason = "small numbers")]
    fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }
}

/// Corners of the town, and which of them a street joins; a street is one edge.
struct Town {
    corners: Vec<Metres>,
    joins: Vec<(usize, usize, bool)>,
}

/// A grid with a road of two carriageways 12 m apart through its middle, and a service road 15 m beside its first row.
fn town() -> Town {
    let (mut corners, mut joins) = (Vec::new(), Vec::new());
    let side = 8;
    for y in 0..side {
        for x in 0..side {
            corners.push((f64::from(x) * 90.0, f64::from(y) * 90.0));
        }
    }
    let number = |x: i32, y: i32| usize::try_from(y * side + x).unwrap();
    for y in 0..side {
        for x in 0..side {
            if x + 1 < side {
                joins.push((number(x, y), number(x + 1, y), y == 4));
            }
            if y + 1 < side {
                joins.push((number(x, y), number(x, y + 1), false));
            }
        }
    }
    // The other carriageway runs west, 12 m to the north, and is joined to the first at both ends and in the middle.
    let first = corners.len();
    for x in 0..side {
        corners.push((f64::from(x) * 90.0, 4.0 * 90.0 + 12.0));
    }
    for x in 1..8 {
        joins.push((first + x, first + x - 1, true));
    }
    for x in [0, 4, 7] {
        joins.push((number(i32::try_from(x).unwrap(), 4), first + x, false));
    }
    let service = corners.len();
    corners.extend([(45.0, -15.0), (90.0 * 6.5, -15.0), (0.0, -15.0), (90.0 * 7.0, -15.0)]);
    joins.extend([
        (number(0, 0), service + 2, false),
        (service + 2, service, false),
        (service, service + 1, false),
        (service + 1, service + 3, false),
        (service + 3, number(7, 0), false),
    ]);
    Town { corners, joins }
}

impl Town {
    fn streets(&self) -> Vec<Street> {
        let one = |(number, (from, to, oneway)): (usize, &(usize, usize, bool))| {
            let line = [self.corners[*from], self.corners[*to]];
            let street = street(i64::try_from(number).unwrap(), &line);
            if *oneway { street.tag("oneway", "yes") } else { street }
        };
        self.joins.iter().enumerate().map(one).collect()
    }

    /// A drive at random, as corners and the streets between them.
    fn walk(&self, dice: &mut Dice, legs: usize) -> (Vec<Metres>, Vec<usize>) {
        let mut at = dice.below(64);
        let (mut line, mut streets) = (vec![self.corners[at]], Vec::new());
        for _ in 0..legs {
            let last = streets.last().copied();
            let onward: Vec<(usize, usize)> = self
                .joins
                .iter()
                .enumerate()
                .filter_map(|(number, (from, to, oneway))| match () {
                    () if Some(number) == last => None,
                    () if *from == at => Some((number, *to)),
                    () if *to == at && !oneway => Some((number, *from)),
                    () => None,
                })
                .collect();
            let Some((street, next)) = onward.get(dice.below(onward.len().max(1))) else { break };
            streets.push(*street);
            at = *next;
            line.push(self.corners[at]);
        }
        (line, streets)
    }
}

/// Errors of one way to put images onto streets.
#[derive(Debug, Default)]
struct Errors {
    /// Mean difference of the covered share of a street.
    covered: f64,
    /// Share of images that are counted on the street they were taken on, as far as counts tell.
    right: f64,
}

/// Drives through the town with noise of this many metres that changes slowly, and what became of them.
fn measure(sigma_m: f64, as_sequences: bool) -> Errors {
    let town = town();
    let mut dice = Dice(7);
    let (mut shots, mut truth) = (Vec::<Image>::new(), BTreeMap::<usize, (f64, i64)>::new());
    for sequence in 0..6 {
        let (line, streets) = town.walk(&mut dice, 14);
        let exact = drive(sequence, &line, 5.0);
        let mut ends = Vec::new();
        let mut sum = 0.0;
        for pair in line.windows(2) {
            sum += (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
            ends.push(sum);
        }
        for street in &streets {
            truth.entry(*street).or_default().0 = 1.0;
        }
        let (mut east, mut north) = (dice.normal() * sigma_m, dice.normal() * sigma_m);
        for (image, number) in exact.into_iter().zip(0_u32..) {
            let on = ends.iter().position(|end| f64::from(number) * 5.0 <= *end + 1e-6).unwrap();
            truth.entry(streets[on]).or_default().1 += 1;
            let [lon, lat] = image.at;
            let at = [lon + east / 68_677.55, lat + north / 111_267.33];
            let sequence = image.sequence.clone().filter(|_| as_sequences);
            shots.push(Image { sequence, at, ..image });
            // Half of the noise is new after about 35 m.
            let keep: f64 = 0.9;
            let fresh = (1.0 - keep * keep).sqrt() * sigma_m;
            (east, north) = (keep * east + fresh * dice.normal(), keep * north + fresh * dice.normal());
        }
    }
    let found = run(&town.streets(), &shots);
    let mut errors = Errors::default();
    let (mut agreed, mut all) = (0, 0);
    for row in found.values() {
        let street = usize::try_from(row.int("way_id").unwrap()).unwrap();
        let (covered, images) = truth.get(&street).copied().unwrap_or_default();
        errors.covered += (row.float("covered").unwrap() - covered).abs();
        agreed += row.int("images").unwrap().min(images);
        all += images;
    }
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    {
        errors.covered /= found.len() as f64;
        errors.right = agreed as f64 / all as f64;
    }
    errors
}

#[test]
fn sequences_as_a_whole_are_put_on_the_right_street_more_often_than_images() {
    for (sigma_m, most) in [(3.0, 0.01), (5.0, 0.02), (10.0, 0.06), (15.0, 0.12)] {
        let (whole, alone) = (measure(sigma_m, true), measure(sigma_m, false));
        assert!(whole.covered <= most && whole.covered < alone.covered, "{sigma_m}: {whole:?} {alone:?}");
        assert!(sigma_m > 10.0 || whole.right > alone.right, "{sigma_m}: {whole:?} {alone:?}");
    }
}
