//! `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` with SOCKS, and `NO_PROXY`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use mly_emulator::{Emulator, Endpoint};

use super::{IMAGE, asking_graph, done};
use crate::support::{TOWN, head_of, own_demo};

/// A name that no computer has, so that only a proxy can lead there.
const ELSEWHERE: &str = "http://graph.test";

/// The URL of an emulator under an address of this machine that is not known to be this machine.
fn far(emulator: &Emulator) -> String {
    emulator.url().replace("127.0.0.1", "0.0.0.0")
}

#[test]
fn requests_to_other_hosts_go_through_the_proxy() {
    // The emulator answers for any host, so it can stand in for a proxy.
    let proxy = own_demo();
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let mut command = asking_graph(ELSEWHERE, &format!("image {IMAGE}"));
        let (code, out, err) = done(command.env(variable, proxy.url()));
        assert_eq!(code, Some(0), "{variable}: {err}");
        assert!(out.contains(IMAGE), "{variable}: {out}");
    }
    assert_eq!(proxy.requests().len(), 3);
}

#[test]
fn the_proxy_is_decided_for_each_host() {
    let (tiles, proxy) = (own_demo(), own_demo());
    let mut command = asking_graph(ELSEWHERE, &format!("images {TOWN} --limit 60 --fields make -f csv"));
    let (code, out, err) =
        done(command.env("MAPILLARY_TILES_URL", tiles.url()).env("HTTP_PROXY", proxy.url()));
    assert_eq!((code, out.lines().count()), (Some(0), 61), "{err}");
    assert!(tiles.requests().iter().all(|seen| seen.kind == Endpoint::Tile));
    assert!(!proxy.requests().is_empty());
    assert!(proxy.requests().iter().all(|seen| seen.kind == Endpoint::Entity));
}

#[test]
fn hosts_of_no_proxy_are_asked_directly() {
    let (service, proxy) = (own_demo(), own_demo());
    for (no_proxy, asked) in [("", &proxy), ("0.0.0.0", &service), ("other.test,0.0.0.0", &service)] {
        let before = asked.requests().len();
        let mut command = asking_graph(&far(&service), &format!("image {IMAGE}"));
        let (code, _, err) = done(command.env("HTTP_PROXY", proxy.url()).env("NO_PROXY", no_proxy));
        assert_eq!((code, asked.requests().len()), (Some(0), before + 1), "{no_proxy}: {err}");
    }
}

#[test]
fn https_is_tunnelled_through_the_proxy_and_a_wrong_password_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://me:secret@{}", listener.local_addr().unwrap());
    let asked = thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let head = head_of(&mut stream).unwrap();
        stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n").unwrap();
        head
    });
    let mut command = asking_graph("https://graph.test", &format!("image {IMAGE} --retries 0"));
    let (code, _, err) = done(command.env("HTTPS_PROXY", proxy));
    let head = asked.join().unwrap();
    assert!(head.starts_with("CONNECT graph.test:443 "), "{head}");
    assert!(head.to_lowercase().contains("proxy-authorization: basic "), "{head}");
    assert_eq!(code, Some(5), "{err}");
    assert!(err.contains("cannot connect") && err.contains("proxy auth"), "{err}");
    assert!(!err.contains("secret"), "{err}");
}

/// A SOCKS 5 proxy (RFC 1928) that leads every connection to one address. Returns its address, and the hosts and ports
/// that it is asked for.
fn socks(to: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let hosts = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&hosts);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (to, seen) = (to.clone(), Arc::clone(&seen));
            thread::spawn(move || lead(stream, &to, &seen));
        }
    });
    (address, hosts)
}

fn lead(mut client: TcpStream, to: &str, seen: &Mutex<Vec<String>>) -> Option<()> {
    let mut greeting = [0; 2];
    client.read_exact(&mut greeting).ok()?;
    client.read_exact(&mut vec![0; greeting[1].into()]).ok()?;
    client.write_all(&[5, 0]).ok()?;
    let mut request = [0; 5];
    client.read_exact(&mut request).ok()?;
    assert_eq!(request[3], 3, "the name is for the proxy to resolve");
    let mut name = vec![0; usize::from(request[4]) + 2];
    client.read_exact(&mut name).ok()?;
    let port = u16::from_be_bytes([name[name.len() - 2], name[name.len() - 1]]);
    name.truncate(name.len() - 2);
    seen.lock().unwrap().push(format!("{}:{port}", String::from_utf8(name).unwrap()));
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
    let mut server = TcpStream::connect(to).ok()?;
    let (mut from_server, mut to_client) = (server.try_clone().ok()?, client.try_clone().ok()?);
    thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
    std::io::copy(&mut client, &mut server).ok().map(drop)
}

#[test]
fn a_socks_proxy_is_used_and_resolves_names_when_asked_to() {
    let emulator = own_demo();
    for variable in ["ALL_PROXY", "HTTP_PROXY"] {
        let (address, hosts) = socks(emulator.url().trim_start_matches("http://").to_owned());
        let mut command = asking_graph(ELSEWHERE, &format!("image {IMAGE}"));
        let (code, out, err) = done(command.env(variable, format!("socks5h://{address}")));
        assert_eq!(code, Some(0), "{variable}: {err}");
        assert!(out.contains(IMAGE), "{out}");
        assert_eq!(*hosts.lock().unwrap(), ["graph.test:80"]);
    }
}
