//! What a plan costs, in the currency of each of the service's limits.

use crate::api::limits::PACED_TILES_PER_DAY;

/// Number of requests of a plan by the limit they count against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// Vector tiles; at most 10,000 a day are requested from the official service.
    pub tiles: u64,
    /// Tiles of a lower zoom that are read first; then fewer of the others may be asked for.
    pub scouts: u64,
    /// Look-ups by id; the service allows 60,000 a minute.
    pub entities: u64,
    /// Searches; the service allows 10,000 a minute.
    pub searches: u64,
}

impl Cost {
    /// Days that the tiles take at the pace of the official service, 10,000 a day: 1 for what one day allows, 0 for
    /// none.
    pub fn days(self) -> u64 {
        (self.tiles + self.scouts).div_ceil(PACED_TILES_PER_DAY.into())
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
        format!(
            "requests  {} tile{} of {tile_set} at zoom {}",
            grouped(self.tiles),
            if self.tiles == 1 { "" } else { "s" },
            crate::tile::DATA_ZOOM,
        )
    }
}

/// A number with a comma between thousands.
pub(crate) fn grouped(n: u64) -> String {
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
}
