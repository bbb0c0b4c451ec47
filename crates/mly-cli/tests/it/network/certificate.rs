//! `SSL_CERT_FILE`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use super::{IMAGE, asking_graph, done};
use crate::support::{TOWN, binary};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tls").join(name)
}

/// An https server whose certificate is signed by the authority in `ca.pem`. It has one image. Returns its URL.
fn https() -> String {
    let certificate = CertificateDer::from_pem_file(fixture("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut socket in listener.incoming().map_while(Result::ok) {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = Stream::new(&mut connection, &mut socket);
            let mut head = [0; 4096];
            // Fails when the client does not trust the certificate.
            if stream.read(&mut head).is_ok_and(|count| count > 0) {
                let body = format!(r#"{{"id":"{IMAGE}","make":"over https"}}"#);
                let length = body.len();
                let head =
                    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    url
}

#[test]
fn the_authorities_of_a_file_are_trusted_and_no_others() {
    let url = https();
    let ask = |file: &Path| {
        let mut command = asking_graph(&url, &format!("image {IMAGE} --fields make -f csv --retries 0"));
        done(command.env("SSL_CERT_FILE", file))
    };
    let (code, out, err) = ask(&fixture("ca.pem"));
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("over https"), "{out}");
    let folder = tempfile::tempdir().unwrap();
    // The certificate of the server itself is no authority.
    let other = folder.path().join("other.pem");
    std::fs::copy(fixture("server.pem"), &other).unwrap();
    let (code, _, err) = ask(&other);
    assert_eq!(code, Some(5), "{err}");
    assert!(err.contains("cannot connect") && err.contains("certificate"), "{err}");
}

#[test]
fn a_file_that_is_not_there_is_named_with_its_variable() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone.pem");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for (variable, path, why) in [
        ("SSL_CERT_FILE", &gone, "No such file"),
        ("SSL_CERT_DIR", &gone, "No such file"),
        ("SSL_CERT_FILE", &empty, "there are no certificates in it"),
    ] {
        for url in ["https://graph.test", "https://127.0.0.1:1"] {
            let (code, _, err) = done(asking_graph(url, &format!("image {IMAGE}")).env(variable, path));
            assert_eq!(code, Some(2), "{err}");
            let (error, hint) = err.trim_end().split_once('\n').unwrap();
            assert!(error.starts_with(&format!("error: {}: {variable} names it", path.display())), "{err}");
            assert!(error.contains(why) && hint.contains(&format!("let {variable} name a file")), "{err}");
        }
    }
}

#[test]
fn a_demo_needs_no_certificates() {
    for line in [&format!("images {TOWN} --demo -f csv"), "download 7038203092802113 --to photos --demo"] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = binary(line);
        command.current_dir(folder.path()).env("SSL_CERT_FILE", "nowhere.pem");
        let (code, _, err) = done(&mut command);
        assert_eq!(code, Some(0), "{err}");
    }
}
