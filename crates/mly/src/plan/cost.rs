//! What a plan costs, in the currency of each of the service's limits.

use crate::api::limits;

/// Tiles that the service allows in a day, as [`Cost`] counts them.
const TILES_A_DAY: u64 = limits::TILES_PER_DAY as u64;

/// Number of requests of a plan by the limit they count against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// Vector tiles; the service allows 50,000 a day.
    pub tiles: u64,
    /// Tiles of a lower zoom that are read first; then fewer of the others may be asked for.
    pub scouts: u64,
    /// Look-ups by id; the service allows 60,000 a minute.
    pub entities: u64,
    /// Searches; the service allows 10,000 a minute.
    pub searches: u64,
}

impl Cost {
    /// Days of quota the plan needs: 1 for anything that fits into one day, 0 for nothing.
    pub fn days(self) -> u64 {
        (self.tiles + self.scouts).div_ceil(TILES_A_DAY)
    }

    /// Requests of all kinds.
    pub fn requests(self) -> u64 {
        self.tiles + self.scouts + self.entities + self.searches
    }

    /// The lines `mly plan` prints.
    pub(super) fn describe(self, tile_set: &str) -> String {
        let counted = |count: u64, one: &str, many: &str| {
            format!("requests  {} {}", grouped(count), if count == 1 { one } else { many })
        };
        match self {
            Self { tiles: 0, searches: 1.., .. } => {
                return counted(
                    self.searches,
                    "search, or more if it finds many images",
                    "searches, or more where they find much",
                ) + "\nquota     no tiles";
            }
            Self { tiles: 0, entities: 1.., .. } => {
                return counted(self.entities, "look-up", "look-ups") + "\nquota     no tiles";
            }
            _ => {}
        }
        let share = match (self.tiles * 1000 / TILES_A_DAY, self.days()) {
            (_, days @ 2..) => format!("{days} days of"),
            (0, _) => "under 0.1 % of".to_owned(),
            (permille, _) => format!("{}.{} % of", permille / 10, permille % 10),
        };
        format!(
            "requests  {} tile{} of {tile_set} at zoom {}\nquota     {share} the {} tiles per day",
            grouped(self.tiles),
            if self.tiles == 1 { "" } else { "s" },
            crate::tile::DATA_ZOOM,
            grouped(TILES_A_DAY),
        )
    }
}

/// A number with a comma between thousands.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let lead = digits.len() % 3;
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && i % 3 == lead {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (n, text) in [(0, "0"), (12, "12"), (123, "123"), (1234, "1,234"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(n), text);
        }
    }

    #[test]
    fn a_price_is_told_in_shares_of_a_day_or_in_days() {
        for (tiles, says) in [(1, "under 0.1 %"), (50, "0.1 %"), (50_000, "100.0 %"), (50_001, "2 days of")] {
            assert!(Cost { tiles, ..Cost::default() }.describe("mly1_public").contains(says), "{tiles}");
        }
    }
}
