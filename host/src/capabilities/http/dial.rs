//! A connection to an address that was checked, and the requests on it. Knows no
//! rules and no names but the one that a certificate must bear.

use super::server::{Scheme, Target};
use super::tls::{self, Tls};
use http::header::{HOST, HeaderValue};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::AbortHandle;
use wasmtime_wasi_http::{Error, WasiBody};

/// The bytes that hyper holds of a response that nobody reads, and of a head.
const LARGEST_BUFFER: usize = 65_536;

/// The same for HTTP/2, as its settings say it.
const WINDOW: u32 = 65_535;

/// The header lines of a response.
const MOST_RESPONSE_HEADERS: usize = 100;

/// The addresses of one host that are tried, one after the other.
const MOST_ADDRESSES: usize = 4;

/// How long a connection may take to be ready again after its last response.
const SETTLING: Duration = Duration::from_millis(20);

/// An open connection. One request at a time: what one activation leaves unread
/// holds up no other's.
pub(super) struct Connection {
    sender: Sender,
    /// The task that drives it, on the thread that dialled: it outlives the activation.
    driver: AbortHandle,
    pub(super) address: SocketAddr,
    /// One of the host's.
    _place: OwnedSemaphorePermit,
}

enum Sender {
    Http1(http1::SendRequest<WasiBody>),
    Http2(http2::SendRequest<WasiBody>),
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// What came of a request, or the request if it was not begun.
pub(super) type Sent = Result<hyper::Response<Incoming>, TrySendError<hyper::Request<WasiBody>>>;

impl Connection {
    /// Dials one of a target's addresses, all of which were checked, and no other.
    pub(super) async fn open(
        target: &Target,
        addresses: &[SocketAddr],
        tls: &Tls,
        place: OwnedSemaphorePermit,
    ) -> Result<Self, (Error, String)> {
        let (stream, address) = dial(addresses).await?;
        let (sender, driver) = match target.scheme {
            Scheme::Http => http1(stream).await?,
            Scheme::Https => {
                let stream = tls.wrap(&target.host, stream).await?;
                let h2 = stream.get_ref().1.alpn_protocol() == Some(tls::H2);
                if h2 { http2(stream).await? } else { http1(stream).await? }
            }
        };
        Ok(Self { sender, driver, address, _place: place })
    }

    pub(super) fn is_closed(&self) -> bool {
        match &self.sender {
            Sender::Http1(sender) => sender.is_closed(),
            Sender::Http2(sender) => sender.is_closed(),
        }
    }

    /// Whether it takes another request: the last one may not be over on the wire.
    pub(super) async fn settle(&mut self) -> bool {
        let ready = async {
            match &mut self.sender {
                Sender::Http1(sender) => sender.ready().await,
                Sender::Http2(sender) => sender.ready().await,
            }
        };
        matches!(tokio::time::timeout(SETTLING, ready).await, Ok(Ok(())))
    }

    /// Sends a request to its target: the URL and the `Host` are made of that, whatever the
    /// request says.
    pub(super) async fn send(
        &mut self,
        target: &Target,
        mut request: hyper::Request<WasiBody>,
    ) -> Sent {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let authority = target.authority();
        match &mut self.sender {
            Sender::Http1(sender) => {
                *request.version_mut() = http::Version::HTTP_11;
                if let (Ok(uri), Ok(host)) = (path.parse(), HeaderValue::try_from(authority)) {
                    *request.uri_mut() = uri;
                    request.headers_mut().insert(HOST, host);
                }
                sender.try_send_request(request).await
            }
            Sender::Http2(sender) => {
                *request.version_mut() = http::Version::HTTP_2;
                request.headers_mut().remove(HOST);
                if let Ok(uri) = format!("{}://{authority}{path}", target.scheme).parse() {
                    *request.uri_mut() = uri;
                }
                sender.try_send_request(request).await
            }
        }
    }
}

async fn dial(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), (Error, String)> {
    let mut last = (Error::DestinationUnavailable, "it has no address".to_owned());
    for address in addresses.iter().take(MOST_ADDRESSES) {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // A request is mostly one small write.
                let _ = stream.set_nodelay(true);
                return Ok((stream, *address));
            }
            Err(cause) => {
                let code = match cause.kind() {
                    io::ErrorKind::ConnectionRefused => Error::ConnectionRefused,
                    io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                        Error::DestinationIpUnroutable
                    }
                    io::ErrorKind::TimedOut => Error::ConnectionTimeout,
                    _ => Error::DestinationUnavailable,
                };
                last = (code, format!("no connection to {address}: {}", cause.kind()));
            }
        }
    }
    Err(last)
}

async fn http1<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    stream: S,
) -> Result<(Sender, AbortHandle), (Error, String)> {
    let mut http = http1::Builder::new();
    http.max_buf_size(LARGEST_BUFFER).max_headers(MOST_RESPONSE_HEADERS);
    let (sender, connection) = http.handshake(TokioIo::new(stream)).await.map_err(no_http)?;
    // Its end, of whatever kind, is heard by who waits for a response.
    let driver = tokio::spawn(async move { drop(connection.await) }).abort_handle();
    Ok((Sender::Http1(sender), driver))
}

async fn http2<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    stream: S,
) -> Result<(Sender, AbortHandle), (Error, String)> {
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_header_list_size(WINDOW)
        .max_send_buf_size(LARGEST_BUFFER);
    let (sender, connection) = http.handshake(TokioIo::new(stream)).await.map_err(no_http)?;
    let driver = tokio::spawn(async move { drop(connection.await) }).abort_handle();
    Ok((Sender::Http2(sender), driver))
}

fn no_http(error: hyper::Error) -> (Error, String) {
    let words = format!("no HTTP with it: {error}");
    (Error::HttpProtocolError, words)
}
