//! A server whose answers a function decides, for answers that the emulator cannot give.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use mly::{Client, Options};

use super::{TOKEN, options_at};

/// A request, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// URL of the server itself.
    pub(crate) base: String,
    /// Path and query.
    pub(crate) target: String,
    /// Everything up to the empty line.
    pub(crate) head: String,
}

/// What the server does with a request.
pub(crate) enum Reply {
    /// Sends a status with headers, and a body. The server adds the length of the body.
    Answer(String, Vec<u8>),
    /// Sends a body that several answers share.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "for tests that only Linux has"))]
    Shared(Arc<Vec<u8>>),
    /// Closes the connection.
    Close,
    /// Sends nothing until the client hangs up.
    Stall,
}

impl<Head: Into<String>, Body: Into<Vec<u8>>> From<(Head, Body)> for Reply {
    fn from((head, body): (Head, Body)) -> Self {
        Self::Answer(head.into(), body.into())
    }
}

pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Reply {
    ("200 OK", body).into()
}

pub(crate) fn status(head: impl Into<String>) -> Reply {
    (head, "").into()
}

/// What comes before a body.
fn begin(head: &str, body: &[u8]) -> String {
    format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len())
}

/// A server on a free port, and the requests that it has seen.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts the server. Each request has its own connection and its own thread.
    pub(crate) fn start<R: Into<Reply>>(answer: impl Fn(&Request) -> R + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { url, seen: Arc::default() };
        let (own, answer) = (server.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (own, answer) = (own.clone(), Arc::clone(&answer));
                thread::spawn(move || own.serve(stream, &*answer));
            }
        });
        server
    }

    fn serve<R: Into<Reply>>(&self, mut stream: TcpStream, answer: &dyn Fn(&Request) -> R) -> Option<()> {
        let request = self.read(&mut stream)?;
        self.seen.lock().unwrap().push(request.clone());
        match answer(&request).into() {
            Reply::Answer(head, body) => {
                stream.write_all(&[begin(&head, &body).as_bytes(), &body].concat()).ok()
            }
            Reply::Shared(body) => {
                stream.write_all(begin("200 OK", &body).as_bytes()).ok()?;
                stream.write_all(&body).ok()
            }
            Reply::Close => None,
            Reply::Stall => stream.read(&mut [0]).ok().map(drop),
        }
    }

    fn read(&self, stream: &mut TcpStream) -> Option<Request> {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).ok()?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).ok()?;
        Some(Request { base: self.url.clone(), target: head.split(' ').nth(1)?.to_owned(), head })
    }

    /// Settings with the token [`TOKEN`] and up to three attempts per request, without waiting between them.
    pub(crate) fn options(&self) -> Options {
        options_at(&self.url, TOKEN).with_retries(2)
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.options()).unwrap()
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// How often a path with its query was requested.
    pub(crate) fn count(&self, target: &str) -> usize {
        self.requests().iter().filter(|request| request.target == target).count()
    }
}
