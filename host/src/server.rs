//! HTTP in, HTTP out. The only module that knows routes and status codes.
//!
//! OpenWhisk's invoker reads a reply only if it has a `Content-Length`, is not
//! 204 and not compressed: every reply here is one buffer.

use crate::actions::{Action, Place};
use crate::activation::{self, Outcome};
use crate::library::Library;
use crate::limits::{Deadline, Limits};
use crate::logs::{ActivationLog, Sink};
use crate::protocol::{ALREADY_INITIALIZED, Environment, Init, Run};
use crate::{Error, error::ActionError};
use anyhow::anyhow;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// A container and its one action.
pub struct Host {
    /// Where `/init` puts the action.
    pub place: Place,
    /// Where its code comes from.
    pub library: Arc<Library>,
    /// The bounds of every activation.
    pub limits: Limits,
    /// The `__OW_*` that the platform gave the container.
    pub container: Environment,
    /// Where the activations' logs go.
    pub sink: Arc<Sink>,
    /// Whether the host is shutting down.
    pub draining: watch::Sender<bool>,
}

/// The largest body: OpenWhisk accepts 48 MB of base64 for the code (`Exec.scala`)
/// and some for the environment.
const LARGEST_BODY: usize = 80 << 20;
/// The longest wait for a request's head, and for its body.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// The wait after an `accept` that failed, mostly for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The longest wait for the first request of a connection that was accepted when
/// the host began to drain.
const FIRST_REQUEST: Duration = Duration::from_secs(1);

/// The most connections that the kernel holds for us, tokio's setting.
const BACKLOG: usize = 1024;

/// Serves `listener` until `shutdown`, then drains: the listener closes first,
/// since OpenWhisk retries a refused connection; what is accepted is answered;
/// after `drain` the rest is dropped.
pub async fn serve(
    listener: TcpListener,
    host: Arc<Host>,
    drain: Duration,
    shutdown: impl Future<Output = ()>,
) {
    let mut connections = JoinSet::new();
    let converse = |stream| converse(stream, Arc::clone(&host));
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(converse(stream))),
                Err(cause) => {
                    tracing::warn!(%cause, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = &mut shutdown => break,
        }
    }
    host.draining.send_replace(true);
    for stream in pending(listener) {
        connections.spawn(converse(stream));
    }
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(drain, all).await.is_err() {
        tracing::warn!("activations were still running after {} s of draining", drain.as_secs());
    }
}

/// Closes the listener, but for what the kernel has accepted already: it would be
/// reset. Asked of the kernel itself, since tokio may not have heard of it yet.
fn pending(listener: TcpListener) -> Vec<TcpStream> {
    let Ok(listener) = listener.into_std() else { return Vec::new() };
    let accepted = std::iter::from_fn(|| listener.accept().ok());
    let streams = accepted.take(BACKLOG).filter_map(|(stream, _)| {
        stream.set_nonblocking(true).ok()?;
        TcpStream::from_std(stream).ok()
    });
    streams.collect()
}

/// Answers the requests of one connection: until it closes, or until the host
/// drains and what was asked is answered.
async fn converse(stream: TcpStream, host: Arc<Host>) {
    // A reply is one small write; waiting for more would only delay it.
    let _ = stream.set_nodelay(true);
    let mut draining = host.draining.subscribe();
    let asked = Arc::new(Notify::new());
    let service = service_fn({
        let asked = Arc::clone(&asked);
        move |request| {
            asked.notify_one();
            let host = Arc::clone(&host);
            async move { Ok::<_, Infallible>(host.answer(request).await) }
        }
    });
    let mut http = http1::Builder::new();
    // Without a timer hyper has no timeouts.
    http.timer(TokioTimer::new()).header_read_timeout(READ_TIMEOUT);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    // An error is a client that went away, or one that does not speak HTTP.
    tokio::select! {
        _ = &mut connection => return,
        _ = draining.wait_for(|draining| *draining) => {}
    }
    // hyper would close a connection that has not asked yet, though its request may be here. In
    // this order, so that on a busy machine what is here is read before time is up.
    tokio::select! {
        biased;
        _ = &mut connection => return,
        () = asked.notified() => {}
        () = tokio::time::sleep(FIRST_REQUEST) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

impl Host {
    /// Answers one request, whatever happens.
    pub async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let route = async {
            let action_interface = matches!(request.uri().path(), "/init" | "/run");
            match (request.method(), request.uri().path()) {
                (&Method::POST, "/init") => self.init(&read(request).await?).await,
                (&Method::POST, "/run") => self.run(&read(request).await?).await,
                _ if action_interface => Ok(reply(
                    StatusCode::METHOD_NOT_ALLOWED,
                    json!({ "error": "the action interface is POST only" }).to_string(),
                )),
                _ => Ok(reply(
                    StatusCode::NOT_FOUND,
                    json!({ "error": "there is only POST /init and POST /run" }).to_string(),
                )),
            }
        };
        // A bug of ours costs this request, not the connection or the process.
        let answer = AssertUnwindSafe(route).catch_unwind().await;
        let answer = answer.unwrap_or_else(|_| Err(Error::Host(anyhow!("a panic, see stderr"))));
        answer.unwrap_or_else(|error| refusal(&error))
    }

    async fn init(&self, body: &[u8]) -> Result<Response<Full<Bytes>>, Error> {
        let init = Init::parse(body)?;
        let claim = self.place.claim().inspect_err(|_| {
            // OpenWhisk's tests look for it in the log as well, and for no sentinel.
            self.sink.say(ALREADY_INITIALIZED);
        })?;
        claim.fill(Action::load(init, &self.library, &self.container).await?);
        Ok(reply(StatusCode::OK, json!({ "ok": true }).to_string()))
    }

    async fn run(&self, body: &[u8]) -> Result<Response<Full<Bytes>>, Error> {
        let action = self.place.get()?;
        if *self.draining.borrow() {
            return Err(Error::Draining);
        }
        // Closed where it goes out of scope: before the reply, on every way out.
        let log = ActivationLog::open(&self.sink, self.limits.log);
        let now = SystemTime::now();
        let run = Run::parse(body, now)?;
        let deadline = match run.deadline {
            Some(deadline) => Deadline::at(deadline, now),
            None => Deadline::after(self.limits.timeout),
        };
        let outcome =
            activation::run(&action, &run, &self.library, &self.limits, deadline, log.logs());
        Ok(match outcome.await? {
            Outcome::Success(json) => reply(StatusCode::OK, json),
            Outcome::ApplicationError(json) => {
                reply(StatusCode::OK, format!("{{\"error\":{json}}}"))
            }
        })
    }
}

/// Reads a body into one buffer of its announced size.
async fn read(request: Request<Incoming>) -> Result<Vec<u8>, Error> {
    let mut body = request.into_body();
    let too_large = || Error::TooLarge { limit: LARGEST_BODY };
    let announced = body.size_hint().lower().try_into().unwrap_or(usize::MAX);
    if announced > LARGEST_BODY {
        return Err(too_large());
    }
    let bytes = async {
        let mut bytes = Vec::with_capacity(announced);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|e| Error::BadRequest(format!("the body broke off: {e}")))?;
            if let Some(data) = frame.data_ref() {
                if data.len() > LARGEST_BODY - bytes.len() {
                    return Err(too_large());
                }
                bytes.extend_from_slice(data);
            }
        }
        Ok(bytes)
    };
    tokio::time::timeout(READ_TIMEOUT, bytes).await.unwrap_or_else(|_| {
        let seconds = READ_TIMEOUT.as_secs();
        Err(Error::BadRequest(format!("the body did not come within {seconds} s")))
    })
}

/// The one place where a failure becomes a status code.
///
/// OpenWhisk reads 200 with `error` as an application error and keeps the
/// container, 503 as "go elsewhere", and anything else as the developer's error.
fn refusal(error: &Error) -> Response<Full<Bytes>> {
    let status = match error {
        Error::BadRequest(_) => StatusCode::BAD_REQUEST,
        Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Refused(_) => StatusCode::FORBIDDEN,
        Error::Action(
            ActionError::Load(_)
            | ActionError::Trap(_)
            | ActionError::Exit(_)
            | ActionError::Memory
            | ActionError::Deadline { .. }
            | ActionError::NotADictionary,
        ) => StatusCode::BAD_GATEWAY,
        Error::Draining => StatusCode::SERVICE_UNAVAILABLE,
        Error::Host(cause) => {
            tracing::error!("{cause:#}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    reply(status, json!({ "error": error.to_string() }).to_string())
}

fn reply(status: StatusCode, json: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(json)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
