//! The report: lines to read, JSON to send, and the payloads beside it.

use mly::Client;
use serde_json::{Map, Value, json};

use super::bytes::beginning;
use super::exchange::Exchange;
use super::payload::Payload;
use super::questions::{QUESTIONS, QuestionRow};
use super::script::SCRIPT;
use super::scrub::Scrubber;
use super::seen::Seen;
use super::step::Step;

/// The version of the form of the report.
const FORM: u32 = 1;

/// Headers whose values are written; of others only the name is, since they may identify somebody.
const HEADERS: [&str; 21] = [
    "accept-ranges",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "age",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "location",
    "pragma",
    "retry-after",
    "server",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
    "x-app-usage",
];

/// How a question was answered, compared with what this program counts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Same,
    Different,
    Unanswered,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Unanswered => "unanswered",
        }
    }
}

/// The service and the moment of a recording.
pub(crate) struct Circumstances {
    /// The base URLs, without users and secrets.
    pub(crate) graph: String,
    pub(crate) tiles: String,
    /// Milliseconds since 1970.
    pub(crate) at_ms: i64,
    /// Why the recording ended early, if it did.
    pub(crate) stopped: Option<String>,
}

/// The report of a recording.
pub(crate) struct Report {
    /// One line a question.
    pub(crate) lines: Vec<String>,
    /// How many questions have which answer, in words.
    pub(crate) counts: String,
    pub(crate) json: Value,
    /// The names and bytes of the payloads.
    pub(crate) payloads: Vec<(String, Vec<u8>)>,
}

impl Report {
    pub(super) fn new(seen: &Seen, client: &Client, circumstances: &Circumstances) -> Self {
        let mut scrubber = Scrubber::new(client);
        seen.all().for_each(|(_, exchange)| scrubber.learn(&exchange.observed.body));
        let answers: Vec<Answered> =
            QUESTIONS.iter().map(|row| Answered::new(row, seen, &scrubber)).collect();
        let (requests, payloads) = requests(seen, &scrubber);
        let count = |verdict| answers.iter().filter(|answer| answer.verdict == verdict).count();
        let named = [
            (Verdict::Same, "as expected"),
            (Verdict::Different, "different"),
            (Verdict::Unanswered, "unanswered"),
        ];
        let some =
            named.into_iter().map(|(verdict, name)| (count(verdict), name)).filter(|(count, _)| *count > 0);
        let some: Vec<_> = some.map(|(count, name)| format!("{count} {name}")).collect();
        let counts = format!("{} questions: {}", answers.len(), some.join(", "));
        let json = json!({
            "form": FORM,
            "mly": env!("CARGO_PKG_VERSION"),
            "recorded_at_ms": circumstances.at_ms,
            "graph": circumstances.graph,
            "tiles": circumstances.tiles,
            "stopped": circumstances.stopped.as_deref().map(|why| scrubber.text(why)),
            "questions": answers.iter().map(Answered::json).collect::<Vec<_>>(),
            "requests": requests,
        });
        let lines = answers.iter().map(Answered::line).collect();
        Self { lines, counts, json, payloads }
    }
}

/// A question with its answer.
struct Answered {
    row: &'static QuestionRow,
    verdict: Verdict,
    observed: Option<String>,
    /// What was seen, or why there is no answer.
    detail: String,
}

impl Answered {
    fn new(row: &'static QuestionRow, seen: &Seen, scrubber: &Scrubber<'_>) -> Self {
        match (row.judge)(seen) {
            Ok(sighting) => {
                let is_expected = row.expected.contains(&&*sighting.word);
                let verdict = if is_expected { Verdict::Same } else { Verdict::Different };
                let (observed, detail) = (scrubber.text(&sighting.word), scrubber.text(&sighting.detail));
                Self { row, verdict, observed: Some(observed), detail }
            }
            Err(why) => {
                let detail = scrubber.text(&why.0);
                Self { row, verdict: Verdict::Unanswered, observed: None, detail }
            }
        }
    }

    fn line(&self) -> String {
        let (name, verdict) = (self.row.name, self.verdict.word());
        let expected = self.row.expected.join(" or ");
        let observed = self.observed.as_deref().unwrap_or("nothing");
        let line =
            format!("{name:<24}{verdict:<12}expected {expected}, observed {observed}: {}", self.detail);
        line.replace(char::is_control, " ")
    }

    fn json(&self) -> Value {
        let names: Vec<_> =
            SCRIPT.iter().filter(|row| self.row.steps.contains(&row.step)).map(|row| row.name).collect();
        json!({
            "question": self.row.name,
            "asks": self.row.asks(),
            "expected": self.row.expected,
            "observed": self.observed,
            "verdict": self.verdict.word(),
            "detail": self.detail,
            "requests": names,
        })
    }
}

/// The requests in the order in which they were sent, and their payloads.
fn requests(seen: &Seen, scrubber: &Scrubber<'_>) -> (Vec<Value>, Vec<(String, Vec<u8>)>) {
    let mut payloads = Vec::new();
    let requests = seen.all().zip(1_usize..).map(|((step, exchange), number)| {
        let name = name_of(step);
        let (file, withheld) = match Payload::of(exchange, scrubber) {
            Payload::Empty => (None, None),
            Payload::Withheld(why) => (None, Some(why)),
            Payload::File { suffix, bytes } => {
                let file = format!("{number:02}-{name}.{suffix}");
                payloads.push((file.clone(), bytes));
                (Some(file), None)
            }
        };
        request(name, exchange, scrubber, file.as_deref(), withheld)
    });
    let requests = requests.collect();
    (requests, payloads)
}

fn name_of(step: Step) -> &'static str {
    SCRIPT.iter().find(|row| row.step == step).map_or("", |row| row.name)
}

fn request(
    name: &str,
    exchange: &Exchange,
    scrubber: &Scrubber<'_>,
    file: Option<&str>,
    withheld: Option<&str>,
) -> Value {
    let (ask, observed) = (&exchange.ask, &exchange.observed);
    let query: Map<String, Value> =
        ask.query.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    let is_shown = |name: &str| HEADERS.contains(&name);
    let shown = observed.headers.iter().filter(|(name, _)| is_shown(name));
    let headers: Map<String, Value> =
        shown.map(|(name, value)| (name.clone(), scrubber.text(value).into())).collect();
    let mut others: Vec<String> =
        observed.headers.iter().map(|(name, _)| name.clone()).filter(|name| !is_shown(name)).collect();
    others.sort_unstable();
    others.dedup();
    let others: Vec<String> = others.iter().map(|name| scrubber.text(name)).collect();
    json!({
        "request": name,
        "path": scrubber.text(&ask.path),
        "query": query,
        "token": ask.token_place(),
        "accepts_gzip": ask.accepts_gzip,
        "status": observed.status,
        "http_version": observed.http_version,
        "headers": headers,
        "other_headers": others,
        "milliseconds": u64::try_from(observed.took.as_millis()).unwrap_or(u64::MAX),
        "sent_bytes": observed.sent_bytes,
        "is_packed": observed.is_packed,
        "bytes": observed.body.len(),
        "begins_with": beginning(&observed.body),
        "payload": file,
        "withheld": withheld,
    })
}
