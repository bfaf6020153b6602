//! An HTTP action: a component of `wasi:http/incoming-handler` as a web action of
//! OpenWhisk. A request made of `__ow_*`, a response as `statusCode`, `headers` and
//! `body`; what OpenWhisk's controller does with them is in `WebActions.scala`.
//! Knows no status code of the action interface.

mod media;
mod request;
mod response;

pub(crate) use request::{Form, Request};
pub(crate) use response::outcome;

use crate::capabilities::State;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use hyper::{HeaderMap, StatusCode};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, Instance, Resource};
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::p2::types::{HostIncomingRequest, HostResponseOutparam};

/// What came of a request.
pub(crate) enum Received {
    Response(Response),
    /// More than a result may have: at least so many bytes, and how they begin.
    TooLong(usize, Vec<u8>),
    /// The guest answered with an error of `wasi:http` instead.
    Error(String),
    /// The guest returned and had given no response.
    Nothing,
    /// It had begun one and did not end it.
    BrokenOff,
}

/// A response that was received to its end.
pub(crate) struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    /// Whether trailers came after the body, which nobody can be given.
    trailers: bool,
}

type Parameters = (Resource<HostIncomingRequest>, Resource<HostResponseOutparam>);
type Answer = Result<hyper::Response<HyperOutgoingBody>, ErrorCode>;

/// Has a guest handle a request, and receives its response while it does: at most
/// `limit` bytes. A guest that sends more is not waited for.
pub(crate) async fn call(
    request: Request,
    instance: Instance,
    index: &ComponentExportIndex,
    limit: usize,
    store: &mut Store<State>,
) -> wasmtime::Result<Received> {
    let handle = instance.get_typed_func::<Parameters, ()>(&mut *store, index)?;
    let (sender, answer) = oneshot::channel();
    let mut http = store.data_mut().http();
    let incoming = http.new_incoming_request(request.scheme, request.http)?;
    let outparam = http.new_response_outparam(sender)?;

    let begun = AtomicBool::new(false);
    let mut receiving = pin!(receive(answer, limit, &begun));
    let mut handling = pin!(handle.call_async(&mut *store, (incoming, outparam)));
    let received = tokio::select! {
        biased;
        handled = &mut handling => {
            handled?;
            None
        }
        received = &mut receiving => Some(received),
    };
    match received {
        Some(excess @ Received::TooLong(..)) => Ok(excess),
        // What a guest does after its response may still go wrong.
        Some(received) => handling.await.map(|()| received),
        // Nothing is sent any more: what is not there now will never be. tokio must not make us
        // wait for the next turn.
        None => match tokio::task::unconstrained(receiving).now_or_never() {
            Some(received) => Ok(received),
            None if begun.load(Ordering::Relaxed) => Ok(Received::BrokenOff),
            None => Ok(Received::Nothing),
        },
    }
}

/// Receives a response to its end. `begun` says whether there is one.
async fn receive(answer: oneshot::Receiver<Answer>, limit: usize, begun: &AtomicBool) -> Received {
    let (head, mut stream) = match answer.await {
        Ok(Ok(response)) => response.into_parts(),
        Ok(Err(code)) => return Received::Error(name(&code)),
        Err(_) => return Received::Nothing,
    };
    begun.store(true, Ordering::Relaxed);
    let most = media::carried(&head.headers).most(limit);
    let (mut body, mut trailers) = (Vec::new(), false);
    while let Some(frame) = stream.frame().await {
        let Ok(frame) = frame else { return Received::BrokenOff };
        let Ok(data) = frame.into_data() else {
            trailers = true;
            continue;
        };
        if data.len() > most - body.len() {
            return too_long(&head.headers, &body, &data);
        }
        body.extend_from_slice(&data);
    }
    Received::Response(Response { status: head.status, headers: head.headers, body, trailers })
}

/// A response that is longer than it may be, by what is known of it.
fn too_long(headers: &HeaderMap, body: &[u8], data: &Bytes) -> Received {
    let seen = body.len() + data.len();
    let announced = headers.get(hyper::header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
    let start = body.iter().chain(data).take(crate::outcome::EXCERPT).copied().collect();
    Received::TooLong(seen.max(announced.unwrap_or(0)), start)
}

/// An error code as WIT writes it, and what the guest said with it.
fn name(code: &ErrorCode) -> String {
    if let ErrorCode::InternalError(Some(words)) = code {
        return format!("internal-error: {words}");
    }
    // `ErrorCode::HttpRequestDenied` and such, a payload in brackets.
    let text = format!("{code:?}");
    let case = text.trim_start_matches("ErrorCode::").split(['(', ' ']).next().unwrap_or_default();
    let mut name = String::new();
    for letter in case.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_code_is_named_as_in_wit() {
        assert_eq!(name(&ErrorCode::HttpRequestDenied), "http-request-denied");
        assert_eq!(name(&ErrorCode::HttpResponseBodySize(Some(7))), "http-response-body-size");
        assert_eq!(name(&ErrorCode::InternalError(Some("no".to_owned()))), "internal-error: no");
        assert_eq!(name(&ErrorCode::InternalError(None)), "internal-error");
    }
}
