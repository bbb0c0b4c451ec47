//! Which limit a request ran into.

/// Why no request may be sent for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// The service refuses this address: it answered with its login page, or a web page came instead of a tile. Further
    /// requests make a block longer.
    Blocked,
    /// The service answered that there were too many requests.
    Throttled,
    /// The requests that this machine may send in 24 hours are used up. The request was not sent.
    Budget,
}

impl Limit {
    /// Name as users read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Throttled => "throttled",
            Self::Budget => "budget",
        }
    }
}
