//! Questions about HTTP: headers, compression and versions.

use super::exchange::Exchange;
use super::seen::Seen;
use super::sighting::Sighting;
use super::step::Step;
use super::unanswered::Unanswered;

type Judged = Result<Sighting, Unanswered>;

/// Below this size it is not worth to compress a body.
const WORTH_PACKING: usize = 1000;

fn nothing(of: &str) -> Unanswered {
    Unanswered::new(format!("there is no answer of {of}"))
}

fn of_graph(seen: &Seen) -> impl Iterator<Item = &Exchange> {
    seen.all().map(|(_, exchange)| exchange).filter(|exchange| exchange.ask.is_graph())
}

pub(super) fn tile_compression(seen: &Seen) -> Judged {
    let tiles = seen.all().map(|(_, exchange)| exchange).filter(|exchange| exchange.ask.is_tile());
    compression(tiles.collect(), 1)
}

pub(super) fn graph_compression(seen: &Seen) -> Judged {
    compression(of_graph(seen).collect(), WORTH_PACKING)
}

/// When bodies of at least so many bytes are compressed.
fn compression(all: Vec<&Exchange>, least: usize) -> Judged {
    let with_body =
        all.into_iter().filter(|exchange| exchange.is_success() && !exchange.observed.body.is_empty());
    let (asked, not_asked): (Vec<_>, Vec<_>) = with_body.partition(|exchange| exchange.ask.accepts_gzip);
    let packed = |list: &[&Exchange]| list.iter().filter(|exchange| exchange.observed.is_packed).count();
    let unnamed = |exchange: &&&Exchange| exchange.observed.is_packed && !exchange.names_gzip();
    let detail = format!(
        "{} of {} answers were compressed that might be, {} of {} that might not",
        packed(&asked),
        asked.len(),
        packed(&not_asked),
        not_asked.len()
    );
    if asked.iter().chain(&not_asked).any(|exchange| unnamed(&exchange)) {
        return Ok(Sighting::new("unnamed", detail));
    }
    if packed(&not_asked) > 0 {
        return Ok(Sighting::new("always", detail));
    }
    if packed(&asked) > 0 {
        return Ok(Sighting::new("when-asked", detail));
    }
    if asked.iter().any(|exchange| exchange.observed.body.len() >= least) {
        return Ok(Sighting::new("never", detail));
    }
    Err(Unanswered::new("all answers were too small to be compressed"))
}

pub(super) fn tile_caching(seen: &Seen) -> Judged {
    let tile = seen.answer(Step::Tile)?;
    let named = |name: &str| tile.header(name).map(|value| format!("{name}: {value}"));
    let validators: Vec<_> = ["etag", "last-modified"].into_iter().filter_map(named).collect();
    let control = named("cache-control").into_iter().chain(named("expires"));
    let control: Vec<_> = control.collect();
    let has_age = tile.header("cache-control").is_some_and(|value| {
        let age = value.split(',').find_map(|part| part.trim().strip_prefix("max-age="));
        age.and_then(|age| age.parse::<u64>().ok()).is_some_and(|age| age > 0)
    });
    let word = match (validators.is_empty(), has_age) {
        (true, false) => "none",
        (false, false) => "validator",
        (true, true) => "max-age",
        (false, true) => "both",
    };
    let all = [validators, control].concat();
    Ok(Sighting::new(word, if all.is_empty() { "no such header".to_owned() } else { all.join(", ") }))
}

pub(super) fn http_version(seen: &Seen) -> Judged {
    let version = seen.answer(Step::Tile)?.observed.http_version.clone();
    let number = version.trim_start_matches("HTTP/");
    let number = number.strip_suffix(".0").filter(|number| *number != "1").unwrap_or(number).to_owned();
    Ok(Sighting::new(number, version))
}

pub(super) fn cors(seen: &Seen) -> Judged {
    const NAME: &str = "access-control-allow-origin";
    let tile = seen.answer(Step::Tile)?.header(NAME);
    let graph =
        of_graph(seen).next().map(|exchange| exchange.header(NAME)).ok_or_else(|| nothing("the graph"))?;
    let word = match (tile, graph) {
        (Some("*"), Some("*")) => "any",
        (None, None) => "none",
        _ => "partly",
    };
    let shown = |value: Option<&str>| value.unwrap_or("no header").to_owned();
    Ok(Sighting::new(word, format!("tiles: {}, graph: {}", shown(tile), shown(graph))))
}

pub(super) fn app_usage(seen: &Seen) -> Judged {
    let mut answers = of_graph(seen).peekable();
    answers.peek().ok_or_else(|| nothing("the graph"))?;
    Ok(match answers.find_map(|exchange| exchange.header("x-app-usage")) {
        Some(usage) => Sighting::new("sent", usage),
        None => Sighting::new("absent", "no answer has the header x-app-usage"),
    })
}

pub(super) fn retry_after(seen: &Seen) -> Judged {
    let errors = seen.all().map(|(_, exchange)| exchange).filter(|exchange| exchange.observed.status >= 400);
    let errors: Vec<_> = errors.collect();
    if errors.is_empty() {
        return Err(Unanswered::new("no request was answered with an error"));
    }
    let count = errors.len();
    Ok(match errors.into_iter().find_map(|exchange| exchange.header("retry-after")) {
        Some(time) => Sighting::new("sent", format!("retry-after: {time}")),
        None => Sighting::new("absent", format!("none of {count} errors has the header Retry-After")),
    })
}
