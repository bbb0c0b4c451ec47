//! A service of a few lines that says what it is told, with the photos and the graph on one port.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use mly::{Client, Options, Token};
use serde_json::{Map, Value, json};

pub(super) const TOKEN: &str = "MLY|1|00112233445566778899aabbccddeeff";

/// The first line of an answer with all headers but the length, and the body.
pub(super) type Answer = (String, Vec<u8>);

/// A server, and the heads of all requests that it has seen.
pub(super) struct Server {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

pub(super) fn ok(body: impl Into<Vec<u8>>) -> Answer {
    ("200 OK".into(), body.into())
}

pub(super) fn status(line: &str) -> Answer {
    (line.into(), Vec::new())
}

pub(super) fn redirect(to: &str) -> Answer {
    (format!("302 Found\r\nLocation: {to}"), Vec::new())
}

impl Server {
    /// Answers each path; requests come on connections of their own.
    pub(super) fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&seen));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                thread::spawn(move || serve(stream, &*answer, &log));
            }
        });
        Self { url, seen }
    }

    /// A graph that gives these fields for every image, `BASE` in them standing for its own address and `ID` for the
    /// image, and answers all other paths by `file`.
    pub(super) fn graph(fields: &Value, file: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let fields = fields.to_string();
        let base = Arc::new(Mutex::new(String::new()));
        let own = Arc::clone(&base);
        let server = Self::start(move |path| match asked(path) {
            Some((ids, is_batch)) => {
                let base = own.lock().unwrap().clone();
                let one = |id: &String| {
                    let text = fields.replace("BASE", &base).replace("ID", id);
                    let mut object: Map<String, Value> = serde_json::from_str(&text).unwrap();
                    object.insert("id".into(), json!(id));
                    (id.clone(), Value::Object(object))
                };
                let mut objects = ids.iter().map(one);
                let body =
                    if is_batch { Value::Object(objects.collect()) } else { objects.next().unwrap().1 };
                ok(body.to_string())
            }
            None => file(path),
        });
        base.lock().unwrap().clone_from(&server.url);
        server
    }

    pub(super) fn options(&self) -> Options {
        let mut options = Options::default().token(Token::new(TOKEN).unwrap()).base_url(&self.url).unwrap();
        options.init_backoff = Duration::ZERO;
        options.retries = 2;
        options
    }

    pub(super) fn client(&self) -> Client {
        Client::new(self.options()).unwrap()
    }

    /// The heads of all requests so far.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// How often a path was asked for.
    pub(super) fn count(&self, path: &str) -> usize {
        let line = format!("GET {path} ");
        self.seen().iter().filter(|head| head.starts_with(&line)).count()
    }
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&str) -> Answer, seen: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().unwrap().push(head);
    let (line, body) = answer(&path);
    let _ = write!(stream, "HTTP/1.1 {line}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(&body);
}

/// The ids of a look-up, and whether it is one of several.
pub(super) fn asked(path: &str) -> Option<(Vec<String>, bool)> {
    let (path, query) = path.split_once('?')?;
    let fields = query.split('&').any(|pair| pair.starts_with("fields="));
    let ids = query.split('&').find_map(|pair| pair.strip_prefix("ids="));
    let split = |ids: &str| ids.replace("%2C", ",").split(',').map(str::to_owned).collect();
    match ids {
        Some(ids) => Some((split(ids), true)),
        None => fields.then(|| (vec![path.trim_start_matches('/').to_owned()], false)),
    }
}
