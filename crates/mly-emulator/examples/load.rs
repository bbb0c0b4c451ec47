//! How fast look-ups and pictures are served: `cargo run --release -p mly-emulator --example load -- [URL TOKEN]`.
//!
//! Without arguments it starts a random world of its own. The client is as cheap as it can be: threads that write a
//! request into a kept connection and read as many bytes as the answer announces.

use std::{
    error::Error,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use mly_emulator::{Emulator, World};
use mly_mvt::{Tile, Value};

type Failure = Box<dyn Error + Send + Sync>;

const IMAGES: u64 = 100_000;
/// The z14 tiles of such a world.
const TILES: [[u32; 2]; 5] = [[8601, 5389], [8602, 5389], [8603, 5389], [8601, 5390], [8602, 5390]];
const IDS_PER_CALL: usize = 50;
const PICTURES: usize = 10_000;
const DETECTED: usize = 10_000;
const CLOUDS: usize = 1000;
const CONNECTIONS: usize = 64;
const FIELDS: &str = "altitude,atomic_scale,camera_parameters,camera_type,captured_at,compass_angle,\
                      computed_altitude,computed_compass_angle,computed_geometry,computed_rotation,creator,\
                      exif_orientation,geometry,height,is_pano,make,merge_cc,mesh,model,organization,quality_score,\
                      sequence,thumb_256_url,thumb_original_url,width";

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (_emulator, url, token) = if let (Some(url), Some(token)) = (arguments.next(), arguments.next()) {
        (None, url, token)
    } else {
        let emulator = Emulator::start(World::random(7, IMAGES))?;
        let (url, token) = (emulator.url().to_owned(), emulator.token().to_owned());
        (Some(emulator), url, token)
    };
    let host = url.strip_prefix("http://").ok_or("the address must begin with http://")?;
    let token = token.replace('|', "%7C");
    let ids = ids(host, &token)?;
    let look_ups: Vec<String> = ids
        .chunks(IDS_PER_CALL)
        .map(|ids| format!("/?ids={}&fields={FIELDS}&access_token={token}", ids.join(",")))
        .collect();
    let answers = round("look-ups", ids.len(), host, &look_ups)?;
    let pictures = addresses(&url, &answers, "/thumb_256_url", PICTURES)?;
    round("pictures", pictures.len(), host, &pictures)?;
    let of_each = |count: usize, path: &dyn Fn(&str) -> String| -> Vec<String> {
        let ids = ids.iter().step_by(ids.len().div_ceil(count).max(1));
        ids.map(|id| format!("{}&access_token={token}", path(id))).collect()
    };
    let paths = of_each(DETECTED, &|id| format!("/{id}/detections?fields=value,geometry,created_at,image"));
    round("detections of an image", paths.len(), host, &paths)?;
    let paths = of_each(CLOUDS, &|id| format!("/{id}?fields=sfm_cluster"));
    let answers = round("addresses of a point cloud", paths.len(), host, &paths)?;
    let clouds = addresses(&url, &answers, "/sfm_cluster/url", CLOUDS)?;
    round("point clouds", clouds.len(), host, &clouds)?;
    Ok(())
}

/// Asks for all paths and tells how long it took.
fn round(what: &str, items: usize, host: &str, paths: &[String]) -> Result<Vec<Vec<u8>>, Failure> {
    let (answers, seconds) = ask_all(host, paths)?;
    report(what, items, answers.len(), answers.iter().map(Vec::len).sum(), seconds)?;
    Ok(answers)
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn report(what: &str, items: usize, requests: usize, bytes: usize, seconds: f64) -> Result<(), Failure> {
    let rate = items as f64 / seconds;
    let megabytes = bytes as f64 / 1e6;
    writeln!(
        io::stdout(),
        "{items} {what}: {requests} requests, {megabytes:.1} MB, {seconds:.3} s, {rate:.0}/s"
    )?;
    Ok(())
}

/// The ids of all images in the tiles.
fn ids(host: &str, token: &str) -> Result<Vec<String>, Failure> {
    let mut connection = Connection::open(host)?;
    let mut ids = Vec::new();
    for [x, y] in TILES {
        let body =
            connection.ask(host, &format!("/maps/vtp/mly1_public/2/14/{x}/{y}?access_token={token}"))?;
        let layer = Tile::new(&body).layer("image")?.ok_or("a tile without images")?;
        for value in layer.values() {
            // Of the whole numbers of a tile only image ids are so large.
            if let Value::Int(id) = value
                && *id >= 1 << 50
            {
                ids.push(id.to_string());
            }
        }
    }
    Ok(ids)
}

/// Paths of the first files that images of these answers name at a JSON pointer.
fn addresses(url: &str, answers: &[Vec<u8>], pointer: &str, most: usize) -> Result<Vec<String>, Failure> {
    let mut paths = Vec::with_capacity(most);
    for answer in answers {
        let answer: serde_json::Value = serde_json::from_slice(answer)?;
        // One image, or an object of images by id.
        let images = match &answer {
            serde_json::Value::Object(images) if !images.contains_key("id") => images.values().collect(),
            image => vec![image],
        };
        let named = images.iter().filter_map(|image| image.pointer(pointer)?.as_str()?.strip_prefix(url));
        paths.extend(named.take(most - paths.len()).map(str::to_owned));
    }
    Ok(paths)
}

/// All answers in any order, and the seconds that they took.
fn ask_all(host: &str, paths: &[String]) -> Result<(Vec<Vec<u8>>, f64), Failure> {
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    let answers = thread::scope(|scope| {
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(|| -> Result<Vec<Vec<u8>>, Failure> {
                    let mut connection = Connection::open(host)?;
                    let mut answers = Vec::new();
                    while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                        answers.push(connection.ask(host, path)?);
                    }
                    Ok(answers)
                })
            })
            .collect();
        let mut all = Vec::new();
        for client in clients {
            all.extend(client.join().unwrap_or_else(|_| Err("a client thread ended early".into()))?);
        }
        Ok::<_, Failure>(all)
    })?;
    let seconds = started.elapsed().as_secs_f64();
    Ok((answers, seconds))
}

struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(host: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::with_capacity(1 << 16, stream)))
    }

    /// The body of a 200.
    fn ask(&mut self, host: &str, path: &str) -> Result<Vec<u8>, Failure> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let is_right = line.starts_with("HTTP/1.1 200");
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        if is_right { Ok(body) } else { Err(String::from_utf8_lossy(&body).into_owned().into()) }
    }
}
