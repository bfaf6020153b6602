//! HTTP requests of a guest: what happens between `wasi:http/outgoing-handler` and
//! the wire. The only way out of an activation: wasmtime-wasi-http is built without a
//! way of its own.

mod address;
mod body;
mod budget;
mod dial;
mod egress;
mod errand;
mod held;
mod pool;
mod rate;
mod resolve;
mod rules;
mod server;
mod settings;
mod tls;
mod words;

pub use budget::Bounds;
pub(crate) use egress::{Access, Egress};
pub(super) use held::{Held, count};
pub use rules::Own;
pub(crate) use rules::Servers;
pub use server::Server;
pub(super) use settings::{EgressSettings, EgressTable};

use crate::logs::Logs;
use budget::Budget;
use errand::Errand;
use std::sync::Arc;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody,
    WasiHttpHooks,
};

/// The requests of one activation.
pub(super) struct Outgoing {
    access: Option<Arc<Access>>,
    /// The namespace that called: its connections are no other's.
    caller: String,
    budget: Option<Arc<Budget>>,
    words: Arc<words::Words>,
}

impl Outgoing {
    pub(super) fn new(access: Option<Arc<Access>>, caller: Option<&String>, logs: &Logs) -> Self {
        let caller = match access {
            Some(_) => caller.cloned().unwrap_or_default(),
            None => String::new(),
        };
        Self { access, caller, budget: None, words: Arc::new(words::Words::new(logs)) }
    }
}

type Answer = (hyper::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl WasiHttpHooks for Outgoing {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        // `Expect` would hold the body back for an answer that nobody waits for; the others say
        // how a message is framed, and to whom, which is ours to say.
        Arc::new(|name| {
            DEFAULT_FORBIDDEN_HEADERS.contains(name)
                || name.as_str().starts_with("proxy-")
                || matches!(name.as_str(), "expect" | "te" | "trailer")
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        held::PIECE
    }

    fn send_request(
        &mut self,
        request: hyper::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Answer, Error>> + Send> {
        let words = Arc::clone(&self.words);
        let Some(access) = &self.access else {
            words.nothing_asked(request.uri());
            return Box::new(async { Err(Error::HttpRequestDenied) });
        };
        let budget = self.budget.get_or_insert_with(|| access.egress.budget());
        let errand = Errand {
            access: Arc::clone(access),
            caller: self.caller.clone(),
            budget: Arc::clone(budget),
            words,
        };
        Box::new(async move {
            let response = errand.run(request, options.unwrap_or_default()).await?;
            // The connection is driven by a task of its own: nothing is left to be done here.
            let rest: Box<dyn Future<Output = Result<(), Error>> + Send> =
                Box::new(async { Ok(()) });
            Ok((response, rest))
        })
    }
}
