//! Clients, and the results of queries.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mly::sink::{self, Destination, Format};
use mly::{Area, Client, Error, Options, Plan, Query, Summary, Token};
use mly_emulator::{Emulator, World};
use serde_json::Value;

/// The box around the demo town.
pub(crate) const TOWN: [f64; 4] = [8.98, 51.98, 9.03, 52.01];

pub(crate) fn town() -> Area {
    let [west, south, east, north] = TOWN;
    Area::bbox(west, south, east, north).unwrap()
}

/// A token that no service has given out.
pub(crate) const TOKEN: &str = "MLY|123456789|00112233445566778899aabbccddeeff";

/// The part of [`TOKEN`] that must not be shown.
pub(crate) const SECRET: &str = "00112233445566778899aabbccddeeff";

/// An emulator of the demo town.
pub(crate) fn demo() -> Emulator {
    Emulator::start(World::demo()).unwrap()
}

/// Settings for a service, without waiting between attempts.
pub(crate) fn options_at(url: &str, token: &str) -> Options {
    let options = Options::default().with_token(Token::new(token).unwrap());
    options.with_base_url(url).unwrap().with_init_backoff(Duration::ZERO)
}

/// Settings for an emulator, without waiting between attempts.
pub(crate) fn options(emulator: &Emulator) -> Options {
    options_at(emulator.url(), emulator.token())
}

/// A client of an emulator.
pub(crate) fn client(emulator: &Emulator) -> Client {
    Client::new(options(emulator)).unwrap()
}

/// A stream that keeps its bytes in memory for the test.
#[derive(Clone, Default)]
pub(crate) struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Bytes {
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs a query and returns the bytes that the sink of a format wrote.
pub(crate) async fn write(
    options: Options,
    query: &Query,
    format: Format,
) -> Result<(Vec<u8>, Summary), Error> {
    written(&Client::new(options)?, &query.plan()?, format).await
}

async fn written(client: &Client, plan: &Plan, format: Format) -> Result<(Vec<u8>, Summary), Error> {
    let batches = client.run(plan);
    let bytes = Bytes::default();
    let sink = sink::open(format, Destination::stream(bytes.clone()), &batches.schema())?;
    let summary = batches.write_to(sink).await?;
    Ok((bytes.take(), summary))
}

/// Runs a query and returns its features as parsed GeoJSON.
pub(crate) async fn features(options: Options, query: &Query) -> Result<Vec<Value>, Error> {
    Ok(features_of(&Client::new(options)?, &query.plan()?).await?.0)
}

/// Runs a plan and returns its features as parsed GeoJSON, without properties that are null: features have those only
/// of columns that the question names.
pub(crate) async fn features_of(client: &Client, plan: &Plan) -> Result<(Vec<Value>, Summary), Error> {
    let (bytes, summary) = written(client, plan, Format::GeoJsonSeq).await?;
    let text = String::from_utf8(bytes).unwrap();
    let feature = |line: &str| {
        let mut feature: Value = serde_json::from_str(line).unwrap();
        feature["properties"].as_object_mut().unwrap().retain(|_, value| !value.is_null());
        feature
    };
    Ok((text.lines().map(feature).collect(), summary))
}

/// One property of every feature.
pub(crate) fn property<'a>(features: &'a [Value], name: &str) -> Vec<&'a Value> {
    features.iter().map(|f| &f["properties"][name]).collect()
}
