//! TLS with servers: who vouches for them, and what is said of one for whom nobody
//! does. A guest brings no certificates.

use super::server::Host;
use anyhow::{Context as _, ensure};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, client::Resumption};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wasmtime_wasi_http::Error;

/// The names of HTTP/2 and HTTP/1.1 in a handshake (RFC 7301).
pub(super) const H2: &[u8] = b"h2";
const HTTP_1_1: &[u8] = b"http/1.1";

/// What every handshake of a host begins with.
#[derive(Default)]
pub(super) struct Tls {
    /// Built for the first handshake, unless the operator named a bundle.
    connector: OnceLock<TlsConnector>,
}

impl Tls {
    /// With the public roots of the web, or the operator's in their place.
    pub(super) fn open(bundle: Option<&Path>) -> anyhow::Result<Self> {
        let connector = OnceLock::new();
        if let Some(path) = bundle {
            let roots = read(path).with_context(|| format!("ca-bundle {}", path.display()))?;
            let _ = connector.set(connect(roots));
        }
        Ok(Self { connector })
    }

    /// Shakes hands; the error and its reason in words if the server is not whom it should be.
    pub(super) async fn wrap(
        &self,
        host: &Host,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, (Error, String)> {
        let name = match host {
            Host::Address(address) => ServerName::from(*address),
            Host::Name(name) => ServerName::try_from(name.clone())
                .map_err(|_| (Error::TlsProtocolError, format!("`{name}` cannot be certified")))?,
        };
        let public = || connect(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() });
        let connector = self.connector.get_or_init(public);
        connector.connect(name, stream).await.map_err(|error| reason(&error))
    }
}

fn connect(roots: RootCertStore) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[expect(
        clippy::expect_used,
        reason = "ring's suites fit the versions that rustls thinks safe"
    )]
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has the suites of TLS 1.2 and 1.3");
    let mut config = versions.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![H2.to_vec(), HTTP_1_1.to_vec()];
    // A ticket that one tenant was given would name him again when another shows it.
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

fn read(path: &Path) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).context("cannot read it")? {
        roots.add(certificate.context("it is not PEM")?).context("a certificate is no root")?;
    }
    ensure!(!roots.is_empty(), "it holds no certificate");
    Ok(roots)
}

fn reason(error: &std::io::Error) -> (Error, String) {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    let code = match cause {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => {
            Error::TlsCertificateError
        }
        Some(rustls::Error::AlertReceived(alert)) => Error::TlsAlertReceived {
            alert_id: Some(u8::from(*alert)),
            alert_message: Some(format!("{alert:?}")),
        },
        Some(_) => Error::TlsProtocolError,
        None => Error::ConnectionTerminated,
    };
    (code, format!("no TLS with it: {error}"))
}
