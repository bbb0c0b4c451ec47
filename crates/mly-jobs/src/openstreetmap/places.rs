//! Where nodes are.

/// Units in a degree: OpenStreetMap stores positions in whole multiples of 1e-7 degrees, about a centimetre.
const UNITS: f64 = 1e7;

/// The places of nodes by id, in 16 bytes each.
#[derive(Debug, Default)]
pub(crate) struct NodePlaces {
    /// Sorted by id, each id once.
    all: Vec<(i64, [i32; 2])>,
}

impl NodePlaces {
    /// The places of these nodes. Of a node that comes more than once, the first place counts.
    pub(crate) fn new(mut all: Vec<(i64, [i32; 2])>) -> Self {
        all.sort_by_key(|(id, _)| *id);
        all.dedup_by_key(|(id, _)| *id);
        all.shrink_to_fit();
        Self { all }
    }

    /// Longitude and latitude of a node.
    pub(crate) fn get(&self, id: i64) -> Option<[f64; 2]> {
        let at = self.all.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        let (_, units) = self.all.get(at)?;
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
