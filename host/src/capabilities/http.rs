//! HTTP requests of a guest. Nothing is granted yet, so every one is denied.

use crate::logs::Logs;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// Denies every request and tells the developer so.
pub(super) struct Denied {
    logs: Logs,
}

impl Denied {
    pub(super) fn new(logs: Logs) -> Self {
        Self { logs }
    }
}

type Answer = (hyper::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl WasiHttpHooks for Denied {
    fn send_request(
        &mut self,
        request: hyper::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Answer, Error>> + Send> {
        let scheme = request.uri().scheme_str().unwrap_or("https");
        let authority = request.uri().authority().map_or("", |authority| authority.as_str());
        self.logs.denial(&format!(
            "request to {scheme}://{authority} denied: no server is granted to this action"
        ));
        Box::new(async { Err(Error::HttpRequestDenied) })
    }
}
