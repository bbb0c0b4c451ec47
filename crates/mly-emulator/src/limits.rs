//! The rate limits and other restrictions of the service, each of which can be switched on.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use crate::{dice::mix, lock::lock, log::Endpoint};

const MINUTE_MS: i64 = 60_000;
/// Names that lead out of a folder, and names that some operating system refuses.
const HOSTILE_NAMES: [&str; 8] =
    ["../../etc", "/etc/passwd", "..", "..\\..\\windows", "C:\\x", "nul", "line\nfeed\0", "-rf *?\"<>|:"];

/// How much an emulator allows. By default there are no rate limits, so that tests are fast.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Tiles within one minute. The first one beyond it blocks all tiles, as the service blocks the IP address of a client.
    /// Default: no limit.
    pub tiles_per_minute: Option<u32>,
    /// How long such a block lasts. Default: 26 hours, the longest that was observed.
    pub block_duration: Duration,
    /// Look-ups within one minute; more are answered with code 4. Default: no limit.
    pub entities_per_minute: Option<u32>,
    /// Searches within one minute; more are answered with code 4. Default: no limit.
    pub searches_per_minute: Option<u32>,
    /// Images in the box of a search, whatever its `limit` and filters; more are answered with code 1.
    /// Default: 10,000.
    pub images_per_box: usize,
    /// Whether searches in boxes of more than 0.001 square degrees omit most images, as was observed. Default: no.
    pub thin_large_boxes: bool,
    /// One in so many images was deleted but is still in the tiles: its look-up fails. Default: none.
    pub stale_one_in: Option<u64>,
    /// Ids in one request to `/?ids=`; more are answered with code 1. Default: no limit besides the 50 of the service, which
    /// always holds.
    pub entity_rows: Option<usize>,
    /// Whether look-ups give one in five images a sequence id that must not be used as a file name. Default: no.
    pub hostile_names: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tiles_per_minute: None,
            block_duration: Duration::from_secs(26 * 3600),
            entities_per_minute: None,
            searches_per_minute: None,
            images_per_box: 10_000,
            thin_large_boxes: false,
            stale_one_in: None,
            entity_rows: None,
            hostile_names: false,
        }
    }
}

impl Limits {
    /// Sets [`tiles_per_minute`](Self::tiles_per_minute).
    #[must_use = "it returns the changed limits"]
    pub const fn with_tiles_per_minute(mut self, count: u32) -> Self {
        self.tiles_per_minute = Some(count);
        self
    }

    /// Sets [`block_duration`](Self::block_duration).
    #[must_use = "it returns the changed limits"]
    pub const fn with_block_duration(mut self, lasts: Duration) -> Self {
        self.block_duration = lasts;
        self
    }

    /// Sets [`entities_per_minute`](Self::entities_per_minute).
    #[must_use = "it returns the changed limits"]
    pub const fn with_entities_per_minute(mut self, count: u32) -> Self {
        self.entities_per_minute = Some(count);
        self
    }

    /// Sets [`searches_per_minute`](Self::searches_per_minute).
    #[must_use = "it returns the changed limits"]
    pub const fn with_searches_per_minute(mut self, count: u32) -> Self {
        self.searches_per_minute = Some(count);
        self
    }

    /// Sets [`images_per_box`](Self::images_per_box).
    #[must_use = "it returns the changed limits"]
    pub const fn with_images_per_box(mut self, count: usize) -> Self {
        self.images_per_box = count;
        self
    }

    /// Sets [`thin_large_boxes`](Self::thin_large_boxes).
    #[must_use = "it returns the changed limits"]
    pub const fn with_thin_large_boxes(mut self, thin: bool) -> Self {
        self.thin_large_boxes = thin;
        self
    }

    /// Sets [`stale_one_in`](Self::stale_one_in).
    #[must_use = "it returns the changed limits"]
    pub const fn with_stale_one_in(mut self, count: u64) -> Self {
        self.stale_one_in = Some(count);
        self
    }

    /// Sets [`entity_rows`](Self::entity_rows).
    #[must_use = "it returns the changed limits"]
    pub const fn with_entity_rows(mut self, count: usize) -> Self {
        self.entity_rows = Some(count);
        self
    }

    /// Sets [`hostile_names`](Self::hostile_names).
    #[must_use = "it returns the changed limits"]
    pub const fn with_hostile_names(mut self, hostile: bool) -> Self {
        self.hostile_names = hostile;
        self
    }

    /// The bad sequence id of this image, if it has one.
    pub(crate) fn hostile_name(&self, image: u64) -> Option<&'static str> {
        const ONE_IN: u64 = 5;
        let hash = mix(image ^ ONE_IN);
        let place = usize::try_from(hash / ONE_IN % HOSTILE_NAMES.len() as u64).unwrap_or(0);
        (self.hostile_names && hash.is_multiple_of(ONE_IN)).then_some(HOSTILE_NAMES[place])
    }

    /// Whether this image is in the tiles only.
    pub(crate) fn is_stale(&self, image: u64) -> bool {
        self.stale_one_in.is_some_and(|count| count > 0 && mix(image).is_multiple_of(count))
    }
}

/// How a request over a limit is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 302 to the login page.
    Block,
    /// An error with code 4.
    Throttle,
}

/// Counts requests against the limits.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) limits: Limits,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    tiles: VecDeque<i64>,
    entities: VecDeque<i64>,
    searches: VecDeque<i64>,
    blocked_until_ms: i64,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, counts: Mutex::default() }
    }

    /// Counts a request, also when it is refused: a client that does not slow down stays over the limit.
    pub(crate) fn admit(&self, endpoint: Endpoint, now_ms: i64) -> Result<(), Refusal> {
        let mut counts = lock(&self.counts);
        match endpoint {
            Endpoint::Tile => {
                if now_ms < counts.blocked_until_ms {
                    return Err(Refusal::Block);
                }
                if is_over(&mut counts.tiles, self.limits.tiles_per_minute, now_ms) {
                    let lasts_ms = i64::try_from(self.limits.block_duration.as_millis()).unwrap_or(i64::MAX);
                    counts.blocked_until_ms = now_ms.saturating_add(lasts_ms);
                    return Err(Refusal::Block);
                }
                Ok(())
            }
            Endpoint::Entity if is_over(&mut counts.entities, self.limits.entities_per_minute, now_ms) => {
                Err(Refusal::Throttle)
            }
            Endpoint::Search if is_over(&mut counts.searches, self.limits.searches_per_minute, now_ms) => {
                Err(Refusal::Throttle)
            }
            _ => Ok(()),
        }
    }
}

/// Adds a request to those of the last minute and says whether they are more than `limit`. A sliding window, and not a
/// count that starts again with each minute: a burst across two minutes is over the limit too.
fn is_over(moments: &mut VecDeque<i64>, limit: Option<u32>, now_ms: i64) -> bool {
    let Some(limit) = limit else { return false };
    while moments.front().is_some_and(|&moment| moment <= now_ms - MINUTE_MS) {
        moments.pop_front();
    }
    moments.push_back(now_ms);
    moments.len() > limit as usize
}
