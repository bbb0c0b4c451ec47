//! Look-ups, searches, detections and whole sequences against the graph's own JSON.

mod caller;
mod detection;
mod drawn;
mod drive;
mod field;
mod json;
mod lookup;
mod page;
mod plan;
mod refusal;
mod search;
mod sequence;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use mly::sink::{self, Destination, Format};
use mly::{Client, Error, Lookup, Options, Plan, Summary, Token};
use mly_emulator::{Emulator, Endpoint, World};
use serde_json::Value;

use crate::run::{Bytes, TOWN, options};
use crate::truth::{features_around, graph};

/// Runs a lookup and gives its rows as parsed GeoJSON.
async fn answer(client: &Client, lookup: &Lookup) -> Result<(Vec<Value>, Summary), Error> {
    written(client, &lookup.plan()?).await
}

/// Runs a plan and gives its rows as parsed GeoJSON.
async fn written(client: &Client, plan: &Plan) -> Result<(Vec<Value>, Summary), Error> {
    let batches = client.run(plan);
    let bytes = Bytes::default();
    let sink = sink::open(Format::GeoJsonSeq, Destination::stream(bytes.clone()), &batches.schema())?;
    let summary = batches.write_to(sink).await?;
    let text = String::from_utf8(bytes.take()).unwrap();
    Ok((text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), summary))
}

/// A client of an emulator.
fn client(emulator: &Emulator) -> Client {
    Client::new(options(emulator)).unwrap()
}

/// Every field of an image whose value does not depend on who is asked, and when (API v4, "Image").
const LASTING: &str = "altitude,atomic_scale,camera_parameters,camera_type,captured_at,compass_angle,computed_altitude,\
    computed_compass_angle,computed_geometry,computed_rotation,creator,exif_orientation,geometry,height,is_pano,make,\
    merge_cc,model,organization,quality_score,sequence,width";

/// Every image of the demo town by its id, as the graph has it.
fn town_images() -> &'static BTreeMap<i64, Value> {
    static IMAGES: LazyLock<BTreeMap<i64, Value>> = LazyLock::new(|| {
        let emulator = Emulator::start(World::demo()).unwrap();
        let ids = ids_in(&emulator, "mly1_public", "image");
        by_id(&emulator, &ids, LASTING)
    });
    &IMAGES
}

/// Every `n`-th image of the town.
fn every(n: usize) -> Vec<i64> {
    town_images().keys().step_by(n).copied().collect()
}

/// Ids of everything that the tiles around the town show of a layer.
fn ids_in(emulator: &Emulator, set: &str, layer: &str) -> Vec<i64> {
    let found = features_around(emulator, set, layer, TOWN);
    found.iter().map(|f| f["properties"]["id"].as_i64().unwrap()).collect()
}

/// What the graph says of some ids.
fn by_id(emulator: &Emulator, ids: &[i64], fields: &str) -> BTreeMap<i64, Value> {
    let batches = ids.chunks(50).flat_map(|some| {
        let list: Vec<_> = some.iter().map(ToString::to_string).collect();
        let answer = graph(emulator, &format!("/?ids={}&fields={fields}", list.join(",")));
        answer.as_object().unwrap().clone().into_iter()
    });
    batches.map(|(id, image)| (id.parse().unwrap(), image)).collect()
}

/// Paths and queries of what was asked of the graph.
fn asked(emulator: &Emulator, kind: Endpoint) -> Vec<String> {
    let seen = emulator.requests().into_iter().filter(|seen| seen.kind == kind);
    seen.map(|seen| format!("{}?{}", seen.path, seen.query)).collect()
}

/// Ids of rows, which look-ups write as text.
fn ids(rows: &[Value]) -> Vec<i64> {
    let id = |row: &Value| match &row["properties"]["id"] {
        Value::String(text) => text.parse().unwrap(),
        number => number.as_i64().unwrap(),
    };
    rows.iter().map(id).collect()
}

/// The secret of the token that scripted servers are asked with.
const SECRET: &str = "0123456789abcdef";

/// A request as a scripted server got it.
#[derive(Clone, Debug)]
struct Call {
    /// Path and query.
    target: String,
    /// Everything up to the empty line.
    head: String,
}

/// A server that answers each request as a function says: a status line with headers, and a body.
fn scripted(
    answer: impl Fn(&Call) -> (&'static str, String) + Send + 'static,
) -> (Client, Arc<Mutex<Vec<Call>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let calls = Arc::<Mutex<Vec<Call>>>::default();
    let seen = Arc::clone(&calls);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let Some(call) = read_call(&mut stream) else { continue };
            seen.lock().unwrap().push(call.clone());
            let (head, body) = answer(&call);
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
            );
        }
    });
    let token = Token::new(&format!("MLY|1|{SECRET}")).unwrap();
    let mut options = Options::default().token(token).base_url(&url).unwrap();
    options.retries = 1;
    options.init_backoff = Duration::ZERO;
    (Client::new(options).unwrap(), calls)
}

fn read_call(stream: &mut TcpStream) -> Option<Call> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    Some(Call { target: head.split(' ').nth(1)?.to_owned(), head })
}

/// What an error shows in any way.
fn shown(error: &Error) -> String {
    format!("{error} {error:?} {error:#?}")
}
