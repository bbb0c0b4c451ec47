//! Parsers for the values of options. Their errors say what to write instead.

use std::str::FromStr;
use std::time::Duration;

use mly::query::latest_ms;
use mly::sink::{IdForm, TimeForm};
use mly::{Area, Error, Result, Sector, TileId};
use mly_emulator::{Choice, Fault};

pub(super) fn bbox(text: &str) -> Result<Area> {
    let [west, south, east, north] =
        numbers(text, "such as --bbox 8.98,51.98,9.03,52.01 (west,south,east,north)")?;
    Area::bbox(west, south, east, north)
}

/// A longitude and a latitude.
pub(super) fn position(text: &str) -> Result<[f64; 2]> {
    let [lon, lat] = numbers(text, "such as 9.0,52.0 (longitude,latitude)")?;
    // Checks the limits of longitude and latitude, which are those of the centre of a circle.
    Area::near(lon, lat, 1.0).map(|_| [lon, lat])
}

pub(super) fn sector(text: &str) -> Result<Sector> {
    let [min, max] = numbers(text, "such as --compass 350,10 (degrees clockwise from north)")?;
    Sector::new(min, max)
}

pub(super) fn tile(text: &str) -> Result<TileId> {
    text.parse().map_err(|what| misfit(what, "give zoom/column/row, such as --tile 14/8601/5411"))
}

pub(super) fn metres(text: &str) -> Result<f64> {
    number(text, "a number", "give metres, such as 200")
}

/// A distance of a job, above 0.
pub(super) fn distance(text: &str) -> Result<f64> {
    const HINT: &str = "give metres above 0, such as 15";
    let metres: f64 = number(text, "a number", HINT)?;
    if metres > 0.0 && metres <= 1000.0 {
        Ok(metres)
    } else {
        Err(misfit(format!("`{text}` is out of range"), HINT))
    }
}

/// The end of a day, or another moment, in milliseconds since 1970.
pub(super) fn day(text: &str) -> Result<i64> {
    latest_ms(text)
}

/// A number from 0 to 1.
pub(super) fn share(text: &str) -> Result<f64> {
    number(text, "a number", "give a number from 0 to 1, such as --min-quality 0.6")
}

pub(super) fn times(text: &str) -> Result<TimeForm> {
    text.trim().parse()
}

pub(super) fn ids_as(text: &str) -> Result<IdForm> {
    text.trim().parse()
}

pub(super) fn yes_or_no(text: &str) -> Result<bool> {
    match text.trim() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err(misfit(format!("`{text}` is neither yes nor no"), "such as --on-foot yes")),
    }
}

/// The distance of a buffer.
pub(super) fn buffer(text: &str) -> Result<f64> {
    number(text, "a number", "give metres, such as --buffer 20")
}

pub(super) fn seconds(text: &str) -> Result<Duration> {
    const HINT: &str = "give seconds above 0, such as --timeout 30";
    let time =
        Duration::try_from_secs_f64(number(text, "a number", HINT)?).ok().filter(|time| !time.is_zero());
    time.ok_or_else(|| misfit(format!("`{text}` is not a time to wait"), HINT))
}

/// A whole number of seconds, minutes, hours or days.
pub(super) fn age(text: &str) -> Result<Duration> {
    const HINT: &str = "give a number with s, m, h or d for its unit, such as --max-age 7d";
    const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 60 * 60), ('d', 24 * 60 * 60)];
    let in_seconds = |(unit, seconds): (char, u64)| {
        let digits = text.trim().strip_suffix(unit)?;
        // `parse` would also accept a plus sign.
        let is_number = digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<u64>().ok().filter(|_| is_number)?.checked_mul(seconds)
    };
    let seconds = UNITS.into_iter().find_map(in_seconds);
    seconds.map(Duration::from_secs).ok_or_else(|| misfit(format!("`{text}` is not a length of time"), HINT))
}

/// The distance within which a feature with a new id is the same.
pub(super) fn within(text: &str) -> Result<f64> {
    const HINT: &str = "give metres from 0 to 1000, such as --within-m 15";
    let metres = number(text, "a number", HINT)?;
    if (0.0..=1000.0).contains(&metres) {
        Ok(metres)
    } else {
        Err(misfit(format!("`{metres}` is not a distance"), HINT))
    }
}

/// How long it takes until an image has been processed: a whole number of hours, days or weeks.
pub(super) fn lag(text: &str) -> Result<Duration> {
    const HINT: &str = "give a number with h, d or w for its unit, such as --lag 60d";
    const UNITS: [(char, u64); 3] = [('h', 60 * 60), ('d', 24 * 60 * 60), ('w', 7 * 24 * 60 * 60)];
    let in_seconds = |(unit, seconds): (char, u64)| {
        let digits = text.trim().strip_suffix(unit)?;
        // `parse` would also accept a plus sign.
        let is_number = digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<u64>().ok().filter(|_| is_number)?.checked_mul(seconds)
    };
    let seconds = UNITS.into_iter().find_map(in_seconds);
    seconds.map(Duration::from_secs).ok_or_else(|| misfit(format!("`{text}` is not a length of time"), HINT))
}

/// A whole number of `LEAST` or more.
pub(super) fn whole<T: FromStr + PartialOrd + From<u8>, const LEAST: u8>(text: &str) -> Result<T> {
    let found = text.trim().parse().ok().filter(|n| *n >= T::from(LEAST));
    found.ok_or_else(|| {
        misfit(format!("`{text}` is not a valid value"), format!("give a whole number, {LEAST} or more"))
    })
}

/// The id of an organization or a creator.
pub(super) fn id(text: &str) -> Result<i64> {
    const HINT: &str = "ids of organizations and creators are whole numbers above 0";
    let id = number(text, "an id", HINT)?;
    if id > 0 { Ok(id) } else { Err(misfit(format!("`{id}` is not an id"), HINT)) }
}

/// One of a list of names or ids.
pub(super) fn word(text: &str) -> Result<String> {
    match text.trim() {
        "" => Err(misfit("an entry of the list is empty", "separate the entries by single commas")),
        word => Ok(word.to_owned()),
    }
}

pub(super) fn fault(text: &str) -> Result<Fault> {
    text.parse().map_err(|e: mly_emulator::Error| {
        misfit(e.to_string(), "such as --fault status=503,every=10 or --fault block,next=1")
    })
}

pub(super) fn answer(text: &str) -> Result<Choice> {
    text.parse().map_err(|e: mly_emulator::Error| misfit(e.to_string(), "such as --answer bbox-rule=side"))
}

pub(super) fn misfit(what: impl Into<String>, hint: impl Into<String>) -> Error {
    Error::InvalidQuery { what: what.into(), hint: Some(hint.into().into()) }
}

fn number<T: FromStr>(text: &str, kind: &str, hint: &str) -> Result<T> {
    text.trim().parse().ok().ok_or_else(|| misfit(format!("`{text}` is not {kind}"), hint))
}

/// Exactly `N` numbers with commas between them.
fn numbers<const N: usize>(text: &str, hint: &str) -> Result<[f64; N]> {
    let values = text.split(',').map(|part| number(part, "a number", hint)).collect::<Result<Vec<f64>>>()?;
    values
        .try_into()
        .map_err(|values: Vec<_>| misfit(format!("expected {N} numbers, found {}", values.len()), hint))
}

/// The last moment of a date, in milliseconds since 1970.
pub(super) fn latest(text: &str) -> Result<i64, mly::Error> {
    mly::query::latest_ms(text)
}
