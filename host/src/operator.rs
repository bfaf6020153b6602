//! The operator's port: `/metrics`, `/healthz`, `/readyz`. Apart from the action
//! interface, so that whoever can reach the one need not reach the other.

use crate::metrics::Metrics;
use crate::server::Stage;
use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// What OpenMetrics' specification calls its text format.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// Most connections: who asks is a collector and a probe or two.
const CONNECTIONS: usize = 32;
/// The longest wait for a request, and for an `accept` that failed.
const TIMEOUT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// What is told.
pub(crate) struct Told {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) stage: watch::Receiver<Stage>,
}

/// Answers until it is dropped.
pub(crate) async fn serve(listener: TcpListener, told: Told) {
    let told = Arc::new(told);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let told = Arc::clone(&told);
        tokio::spawn(async move {
            let answer = service_fn(|request| {
                let told = Arc::clone(&told);
                async move { Ok::<_, Infallible>(told.answer(&request)) }
            });
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(TIMEOUT);
            // An error is a client that went away.
            let _ = http.serve_connection(TokioIo::new(stream), answer).await;
            drop(place);
        });
    }
}

/// Listens where the operator said.
pub(crate) async fn listen(address: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

impl Told {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let text = |status, text: &'static str| reply(status, TEXT, text.into());
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return text(StatusCode::METHOD_NOT_ALLOWED, "GET only\n");
        }
        match request.uri().path() {
            // That it answers is all that is asked.
            "/healthz" => text(StatusCode::OK, "ok\n"),
            "/readyz" if *self.stage.borrow() == Stage::Serving => text(StatusCode::OK, "ready\n"),
            "/readyz" => text(StatusCode::SERVICE_UNAVAILABLE, "the host is shutting down\n"),
            "/metrics" => match self.metrics.text() {
                Ok(metrics) => reply(StatusCode::OK, OPENMETRICS, metrics.into()),
                Err(cause) => {
                    tracing::error!(%cause, "the metrics cannot be written");
                    text(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written\n")
                }
            },
            _ => text(StatusCode::NOT_FOUND, "there is /metrics, /healthz and /readyz\n"),
        }
    }
}

fn reply(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
