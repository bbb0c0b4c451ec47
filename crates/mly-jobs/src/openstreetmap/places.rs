//! Where nodes are.

/// Units in a degree: OpenStreetMap stores positions in whole multiples of 1e-7 degrees, about a centimetre.
const UNITS: f64 = 1e7;

/// The places of nodes by id, in 16 bytes each.
#[derive(Debug, Default)]
pub(crate) struct NodePlaces {
    /// Sorted by id, each id once.
    all: Vec<(i64, [i32; 2])>,
    /// The lowest id.
    first: i64,
    /// From there on the ids are divided into parts of `2^shift`.
    shift: u32,
    /// Where the nodes of each part begin, and at last how many there are. In a part there are few, so that one is found
    /// without going through memory far apart.
    starts: Vec<u32>,
}

impl NodePlaces {
    /// The places of these nodes. Of a node that comes more than once, the first place counts.
    pub(crate) fn new(mut all: Vec<(i64, [i32; 2])>) -> Self {
        all.sort_by_key(|(id, _)| *id);
        all.dedup_by_key(|(id, _)| *id);
        all.shrink_to_fit();
        let first = all.first().map_or(0, |(id, _)| *id);
        let range = all.last().map_or(0, |(id, _)| id.abs_diff(first));
        // As many parts as nodes, or up to twice as many.
        let shift = range.checked_div(all.len() as u64).map_or(0, |mean| mean.max(1).ilog2());
        let mut starts = Vec::with_capacity(usize::try_from(range >> shift).unwrap_or_default() + 2);
        for (at, (id, _)) in (0_u32..).zip(&all) {
            let part = usize::try_from(id.abs_diff(first) >> shift).unwrap_or(usize::MAX);
            starts.resize(starts.len().max(part + 1), at);
        }
        starts.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
        Self { all, first, shift, starts }
    }

    /// Longitude and latitude of a node.
    pub(crate) fn get(&self, id: i64) -> Option<[f64; 2]> {
        if id < self.first {
            return None;
        }
        let part = usize::try_from(id.abs_diff(self.first) >> self.shift).ok()?;
        let [from, to] = [*self.starts.get(part)?, *self.starts.get(part.checked_add(1)?)?];
        let some = self.all.get(from as usize..to as usize)?;
        let at = some.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        let (_, units) = some.get(at)?;
        // Division gives the number that the decimal text of the position means; multiplication by 1e-7 would not.
        Some(units.map(|unit| f64::from(unit) / UNITS))
    }
}

/// A position in whole units; `None` when it is not on this earth.
pub(super) fn units(lon: f64, lat: f64) -> Option<[i32; 2]> {
    let is_placed = lon.abs() <= 180.0 && lat.abs() <= 90.0;
    #[expect(clippy::cast_possible_truncation, reason = "180 degrees are 1.8e9 units")]
    is_placed.then(|| [lon, lat].map(|degrees| (degrees * UNITS).round() as i32))
}
