//! TLS on the listener: served, exchanged while serving, refused when it does not hold.

use std::path::Path;
use std::sync::Arc;

use crate::common::Running;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use web::{Limits, Tls, TlsError, TlsFiles};

/// Writes a fresh certificate and its key, and returns the certificate.
fn write_pair(dir: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    std::fs::write(dir.join("cert.pem"), cert.pem()).expect("written");
    std::fs::write(dir.join("key.pem"), signing_key.serialize_pem()).expect("written");
    cert.der().clone()
}

fn files(dir: &Path) -> TlsFiles {
    TlsFiles { certificate: dir.join("cert.pem"), key: dir.join("key.pem") }
}

/// Asks over TLS, trusting only `root`.
async fn ask(server: &Running, root: &CertificateDer<'static>) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.address).await?;
    let name = ServerName::try_from("localhost").expect("a name");
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let request = b"POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 4\r\n\r\nabcd";
    stream.write_all(request).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn requests_are_served_and_certificates_exchanged() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = write_pair(dir.path());
    let tls = Arc::new(Tls::load(files(dir.path())).expect("loaded"));
    let server = Running::start_with(Limits::default(), Some(Arc::clone(&tls))).await;
    let answer = ask(&server, &first).await.expect("answered");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with('4'), "{answer}");

    let second = write_pair(dir.path());
    tls.reload().expect("the new pair holds");
    assert!(ask(&server, &first).await.is_err(), "the old certificate is gone");
    assert!(ask(&server, &second).await.is_ok());

    std::fs::write(dir.path().join("key.pem"), "no key").expect("written");
    assert!(matches!(tls.reload(), Err(TlsError::Pem { .. })));
    assert!(ask(&server, &second).await.is_ok(), "the last good one stays");
    server.stop().await;
}

#[tokio::test]
async fn who_speaks_no_tls_is_left() {
    let dir = tempfile::tempdir().expect("a folder");
    write_pair(dir.path());
    let tls = Arc::new(Tls::load(files(dir.path())).expect("loaded"));
    let server = Running::start_with(Limits::default(), Some(tls)).await;
    let answer = server.ask("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(!answer.contains("HTTP/1.1"), "{answer}");
    server.stop().await;
}

#[test]
fn files_that_do_not_hold_are_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    assert!(matches!(Tls::load(files(dir.path())), Err(TlsError::Pem { .. })));
    write_pair(dir.path());
    std::fs::write(dir.path().join("cert.pem"), "").expect("written");
    assert!(matches!(Tls::load(files(dir.path())), Err(TlsError::NoCertificate { .. })));
    write_pair(dir.path());
    let key = std::fs::read(dir.path().join("key.pem")).expect("there");
    write_pair(dir.path());
    std::fs::write(dir.path().join("key.pem"), key).expect("written");
    assert!(matches!(Tls::load(files(dir.path())), Err(TlsError::Pair(_))), "certificate and key of two pairs");
}
