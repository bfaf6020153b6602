//! Servers that are whom they should be, and servers that are not.

use super::servers::Server;
use super::{failed, fetch, fetching, file, got};
use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use tempfile::NamedTempFile;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Who vouches for the servers of a test.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "the authority of a test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// The operator's bundle.
    fn bundle(&self) -> NamedTempFile {
        file(&self.certificate.pem())
    }

    /// A server that bears a name, until a year.
    fn vouch(&self, name: &str, year: i32) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        config(certificate.into(), &key)
    }
}

/// A server for which nobody vouches but itself.
fn alone(name: &str) -> ServerConfig {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    config(params.self_signed(&key).unwrap().into(), &key)
}

fn config(certificate: CertificateDer<'static>, key: &KeyPair) -> ServerConfig {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

/// What `fetch` finds at a server of a name, with a bundle or without.
fn visit(
    address: SocketAddr,
    bundle: Option<&NamedTempFile>,
) -> (serde_json::Value, String, String) {
    let bundle = bundle.map_or(String::new(), |file| format!("ca-bundle = {:?}\n", file.path()));
    let more = format!("{bundle}[egress.hosts]\n\"api.test\" = [\"127.0.0.1\"]");
    let url = format!("https://api.test:{}", address.port());
    let (answer, log) = fetch(&fetching(&[&url], &more), &url);
    (answer, log, url)
}

#[test]
fn e_10_a_server_is_whom_its_certificate_names() {
    let authority = Authority::new();
    let server = Server::with_tls(authority.vouch("api.test", 2999));
    let (answer, log, _) = visit(server.address, Some(&authority.bundle()));
    assert_eq!((answer, log.as_str()), (got("secret"), ""));
}

#[test]
fn e_10_whoever_cannot_prove_it_is_not_spoken_to() {
    let authority = Authority::new();
    let bundle = authority.bundle();
    for (config, with, why) in [
        (authority.vouch("api.test", 2001), Some(&bundle), "certificate expired"),
        (authority.vouch("other.test", 2999), Some(&bundle), "not valid for name \"api.test\""),
        (alone("api.test"), Some(&bundle), "UnknownIssuer"),
        // By the same name, which is not who vouches.
        (Authority::new().vouch("api.test", 2999), Some(&bundle), "BadSignature"),
        // Without the operator's bundle the public roots hold.
        (authority.vouch("api.test", 2999), None, "UnknownIssuer"),
    ] {
        let server = Server::with_tls(config);
        let (answer, log, url) = visit(server.address, with);
        assert_eq!(answer, failed(&url, "TLS-certificate-error"), "{log}");
        assert!(log.starts_with(&format!("request to {url} failed: no TLS with it: ")), "{log}");
        assert!(log.contains(why), "{why}: {log}");
        assert!(server.heard().is_empty());
    }
}

#[test]
fn e_10_a_server_without_tls_is_no_server_with_tls() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
    });
    let (answer, log, url) = visit(address, None);
    assert_eq!(answer, failed(&url, "TLS-protocol-error"), "{log}");
    assert!(log.contains("no TLS with it"), "{log}");
}

#[test]
fn http_2_is_spoken_where_the_server_offers_it() {
    let authority = Authority::new();
    let mut config = authority.vouch("api.test", 2999);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let address = http2(config);
    let bundle = authority.bundle();
    let hosts = "[egress.hosts]\n\"api.test\" = [\"127.0.0.1\"]";
    let url = format!("https://api.test:{}", address.port());
    let runtime = fetching(&[&url], &format!("ca-bundle = {:?}\n{hosts}", bundle.path()));
    let path = format!("{url}/a?b");
    for _ in 0..2 {
        let (answer, log) = fetch(&runtime, &path);
        assert_eq!((answer, log.as_str()), (got(&format!("HTTP/2.0 GET {path}")), ""));
    }
    let body = json!({ "url": path, "method": "POST", "body": "x", "repeat": 200_000 });
    let (answer, log) = super::ask(&runtime, &body);
    assert_eq!((answer, log.as_str()), (got(&format!("HTTP/2.0 POST {path} 200000")), ""));
}

/// A server of HTTP/2 that says what it was asked.
fn http2(config: ServerConfig) -> SocketAddr {
    let (told, address) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            told.send(listener.local_addr().unwrap()).unwrap();
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else { continue };
                let service = service_fn(answer);
                let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
            }
        });
    });
    address.recv().unwrap()
}

async fn answer(
    request: hyper::Request<hyper::body::Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    use http_body_util::BodyExt as _;
    let said = format!("{:?} {} {}", request.version(), request.method(), request.uri());
    let length = request.into_body().collect().await.unwrap().to_bytes().len();
    let said = if length == 0 { said } else { format!("{said} {length}") };
    Ok(hyper::Response::new(Full::new(Bytes::from(said))))
}
