//! The control API on a unix socket, for whatever fronts the executor.
//! `docs/executor.md` describes it. The only module that knows its routes and status
//! codes.

use super::container::Spec;
use super::{Executor, Refusal, logs, owners};
use crate::server::Stage;
use anyhow::{Context as _, bail};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Semaphore, watch};

/// Owner and group may speak to it: who can has every container.
const MODE: u32 = 0o660;
/// Most conversations at once; the kernel holds those that wait.
const CONNECTIONS: usize = 128;
/// The longest wait for a request's head, and for its body.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The wait after an `accept` that failed.
const PAUSE: Duration = Duration::from_millis(50);
/// The largest body in bytes: a container's environment is most of it.
const LARGEST_REQUEST: usize = 1 << 20;
/// The last second that RFC 3339 can say.
const END_OF_TIME: u64 = 253_402_300_799;

/// Who answers.
pub(crate) struct Control {
    pub(crate) executor: Arc<Executor>,
    pub(crate) images: Vec<String>,
    pub(crate) stage: watch::Receiver<Stage>,
}

/// Listens on a socket, in place of one that nobody listens on any more.
pub(crate) fn listen(path: &Path) -> anyhow::Result<UnixListener> {
    let what = || format!("cannot listen on {}", path.display());
    let folder = path.parent().with_context(what)?;
    fs::create_dir_all(folder).with_context(what)?;
    if UnixStream::connect(path).is_ok() {
        bail!("another executor listens on {}", path.display());
    }
    // Made under another name, so that nobody finds it before its mode is right.
    let new = path.with_added_extension(format!("{}", std::process::id()));
    let listener = UnixListener::bind(&new).with_context(what)?;
    let in_place = fs::set_permissions(&new, Permissions::from_mode(MODE))
        .and_then(|()| fs::rename(&new, path))
        .and_then(|()| listener.set_nonblocking(true));
    if in_place.is_err() {
        // Nothing else to be done about it.
        let _ = fs::remove_file(&new);
    }
    in_place.with_context(what)?;
    Ok(listener)
}

/// Answers on a thread of its own, so that guests that compute keep nobody from
/// removing them.
pub(crate) fn start(listener: UnixListener, control: Control) -> anyhow::Result<()> {
    let runtime = crate::workers::runtime()?;
    let answer = move || {
        runtime.block_on(async move {
            match tokio::net::UnixListener::from_std(listener) {
                Ok(listener) => serve(listener, Arc::new(control)).await,
                Err(cause) => tracing::error!(%cause, "nobody answers on the control socket"),
            }
        });
    };
    thread::Builder::new()
        .name("control".to_owned())
        .spawn(answer)
        .context("cannot start a thread")?;
    Ok(())
}

async fn serve(listener: tokio::net::UnixListener, control: Arc<Control>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(cause) => {
                tracing::warn!(%cause, "cannot accept a connection on the control socket");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let control = Arc::clone(&control);
        tokio::spawn(async move {
            let caller = stream.peer_cred().ok().and_then(|cred| cred.pid());
            let answer = service_fn(|request| {
                let control = Arc::clone(&control);
                async move { Ok::<_, Infallible>(control.answer(request, caller).await) }
            });
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(TIMEOUT);
            // An error is a client that went away.
            let _ = http.serve_connection(TokioIo::new(stream), answer).await;
            drop(place);
        });
    }
}

/// What an answer says: a status, and JSON.
type Answer = Result<(StatusCode, String), Refusal>;

impl Control {
    async fn answer(
        &self,
        request: Request<Incoming>,
        caller: Option<i32>,
    ) -> Response<Full<Bytes>> {
        let (status, json) = self.route(request, caller).await.unwrap_or_else(|refusal| {
            let status = match &refusal {
                Refusal::Unreadable(_) => StatusCode::BAD_REQUEST,
                Refusal::Unknown(_) => StatusCode::NOT_FOUND,
                Refusal::Conflict(_) => StatusCode::CONFLICT,
                Refusal::Draining => StatusCode::SERVICE_UNAVAILABLE,
                Refusal::Ours(cause) => {
                    tracing::error!("{cause:#}");
                    StatusCode::INTERNAL_SERVER_ERROR
                }
            };
            (status, json!({ "error": refusal.to_string() }).to_string())
        });
        let mut response = Response::new(Full::new(Bytes::from(json)));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }

    async fn route(&self, request: Request<Incoming>, caller: Option<i32>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let query = request.uri().query().unwrap_or_default().to_owned();
        let parts: Vec<_> = path.split('/').skip(1).collect();
        match (method.as_str(), &parts[..]) {
            ("GET", ["health"]) => fine(&self.health()),
            ("GET", ["version"]) => fine(&json!({ "version": env!("CARGO_PKG_VERSION") })),
            ("GET", ["images"]) => fine(&json!({ "images": self.images })),
            ("GET", ["containers"]) => {
                let name = value(&query, "name").unwrap_or_default();
                fine(&json!({ "containers": self.executor.list(name) }))
            }
            ("POST", ["containers"]) => self.create(read(request).await?, caller),
            ("GET", ["containers", key]) => {
                fine(&self.executor.describe(&*self.executor.find(key)?))
            }
            ("DELETE", ["containers", key]) => done(self.executor.remove(key)),
            ("POST", ["containers", key, "pause"]) => done(self.executor.pause(key)),
            ("POST", ["containers", key, "unpause"]) => done(self.executor.unpause(key)),
            ("GET", ["containers", key, "logs"]) => self.logs(key, &query).await,
            _ => Err(Refusal::Unreadable(format!(
                "there is no {method} {path}: docs/executor.md has what there is"
            ))),
        }
    }

    fn health(&self) -> Value {
        let stage = *self.stage.borrow();
        let counts = crate::container::Containers::counts(&*self.executor);
        json!({
            "state": if stage == Stage::Serving { "serving" } else { "draining" },
            "containers": counts.created + counts.running + counts.paused,
        })
    }

    fn create(&self, body: Bytes, caller: Option<i32>) -> Answer {
        let unreadable = |e| Refusal::Unreadable(format!("the body is not readable: {e}"));
        let spec: Spec = serde_json::from_slice(&body).map_err(unreadable)?;
        if *self.stage.borrow() != Stage::Serving {
            return Err(Refusal::Draining);
        }
        let made = self.executor.create(spec)?;
        if let Some(owner) = made.spec.owner {
            owners::watch(&self.executor, owner, caller);
        }
        Ok((StatusCode::CREATED, made.receipt().to_string()))
    }

    async fn logs(&self, key: &str, query: &str) -> Answer {
        let path = self.executor.log(key)?;
        let (since, until) = (moment(query, "since")?, moment(query, "until")?);
        let window = tokio::task::spawn_blocking(move || logs::window(&path, since, until)).await;
        match window.context("reading a log panicked")? {
            Ok(lines) => Ok((StatusCode::OK, format!("{{\"lines\":{lines}}}"))),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                Err(Refusal::Unknown(key.to_owned()))
            }
            Err(cause) => Err(anyhow::Error::new(cause).context("cannot read a log").into()),
        }
    }
}

fn fine(json: &Value) -> Answer {
    Ok((StatusCode::OK, json.to_string()))
}

fn done(result: Result<(), Refusal>) -> Answer {
    result.map(|()| (StatusCode::OK, "{}".to_owned()))
}

async fn read(request: Request<Incoming>) -> Result<Bytes, Refusal> {
    let body = tokio::time::timeout(TIMEOUT, collect(request.into_body())).await;
    body.unwrap_or_else(|_| Err(Refusal::Unreadable("the body did not come in time".to_owned())))
}

/// Reads a body to its end, also one that is too large: who still writes would not hear
/// why it was refused.
async fn collect(mut body: Incoming) -> Result<Bytes, Refusal> {
    let (mut bytes, mut length) = (BytesMut::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let broken = |e| Refusal::Unreadable(format!("the body broke off: {e}"));
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= LARGEST_REQUEST {
            bytes.extend_from_slice(&data);
        }
    }
    if length > LARGEST_REQUEST {
        let most = LARGEST_REQUEST;
        return Err(Refusal::Unreadable(format!("the body has {length} bytes, at most {most}")));
    }
    Ok(bytes.freeze())
}

/// What a query says of a key. Nothing here needs percent-encoding.
fn value<'a>(query: &'a str, key: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
}

/// A moment as seconds since 1970, with a fraction or without.
fn moment(query: &str, key: &str) -> Result<Option<SystemTime>, Refusal> {
    let Some(text) = value(query, key) else { return Ok(None) };
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = || {
        let seconds = seconds.parse::<u64>().ok().filter(|seconds| *seconds <= END_OF_TIME)?;
        let nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
        UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
    };
    let parsed = if digits(fraction) { parsed() } else { None };
    let wrong = || format!("`{key}` is {text:?}: it is seconds since 1970, as 1732222222.5");
    parsed.map(Some).ok_or_else(|| Refusal::Unreadable(wrong()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::container::time;

    #[test]
    fn a_moment_is_seconds_with_a_fraction_or_without() {
        let moment = |text: &str| {
            let query = format!("a=1&since={text}&b=2");
            moment(&query, "since").map(|moment| moment.map(time))
        };
        let is = |text, expected: &str| {
            assert_eq!(moment(text).expect("a moment"), Some(expected.to_owned()));
        };
        is("0", "1970-01-01T00:00:00.000000000Z");
        is("1732222222.5", "2024-11-21T20:50:22.500000000Z");
        is("1.0000000019", "1970-01-01T00:00:01.000000001Z");
        is("253402300799", "9999-12-31T23:59:59.000000000Z");
        for text in ["", "x", "-1", "1.x", "1.-5", "253402300800", "99999999999999999999"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
