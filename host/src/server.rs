//! HTTP in, HTTP out. The only module that knows the action interface's routes and
//! status codes. Which container a connection is for, others say.
//!
//! OpenWhisk's invoker reads a reply only if it has a `Content-Length`, is not
//! 204 and not compressed: every reply here is one buffer.

mod connections;

pub(crate) use connections::serve_with;
pub use connections::{listen, serve};

use crate::actions::{Action, Runnable};
use crate::activation::{self, Outcome};
use crate::capabilities::Outside;
use crate::container::{Container, Containers, Named, Only, Whom};
use crate::error::{ActionError, LoadError};
use crate::library::Library;
use crate::limits::{Allowance, Bill, Deadline, Ledger, Limits};
use crate::logs::{ActivationLog, Sink};
use crate::metrics::{self, Metrics};
use crate::protocol::{ALREADY_INITIALIZED, Environment, Init, Run, plain_run};
use crate::{Error, body, health};
use anyhow::anyhow;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::{Notify, watch};

/// What all containers of a process share.
pub struct Host {
    containers: Arc<dyn Containers>,
    library: Arc<Library>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) stage: watch::Sender<Stage>,
    /// Tells connections that wait for a request that others want their place.
    crowded: Notify,
    /// Whether each activation's log ends with what it took.
    pub bill: bool,
    /// What actions may reach.
    pub outside: Arc<Outside>,
    /// Whether people may post parameters to `/`.
    pub(crate) is_for_people: bool,
}

/// A host's life.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Stage {
    /// It serves.
    #[default]
    Serving,
    /// It answers what it has accepted.
    Draining,
    /// What is left is dropped.
    Over,
}

impl Host {
    /// A host of one container without an action: code comes from `library`, logs go
    /// to `sink`.
    pub fn new(
        library: &Arc<Library>,
        limits: Limits,
        container: Environment,
        sink: Arc<Sink>,
    ) -> Self {
        let allowance = Allowance::new(limits);
        let ledger = Arc::clone(&allowance.ledger);
        let only = Only(Arc::new(Container::new(allowance, container, sink)));
        Self::of(Arc::new(only), library, &ledger)
    }

    /// A host of any containers, whose activations may hold what `ledger` has.
    pub(crate) fn of(
        containers: Arc<dyn Containers>,
        library: &Arc<Library>,
        ledger: &Arc<Ledger>,
    ) -> Self {
        Self {
            library: Arc::clone(library),
            metrics: Arc::new(Metrics::new(library, ledger, &containers)),
            containers,
            stage: watch::Sender::default(),
            crowded: Notify::new(),
            bill: false,
            outside: Arc::default(),
            is_for_people: false,
        }
    }

    /// Answers one request, whatever happens.
    async fn answer(&self, whom: &Whom, request: Request<Incoming>) -> Response<Full<Bytes>> {
        // A bug of ours costs this request, not the connection or the process.
        // Apart, since a connection that waits for a request would hold its room as well.
        let found = Box::pin(self.find(whom, request));
        let answer = AssertUnwindSafe(found).catch_unwind().await;
        let answer = answer.unwrap_or_else(|_| Err(Error::Host(anyhow!("a panic, see stderr"))));
        answer.unwrap_or_else(|error| refusal(&error))
    }

    async fn find(
        &self,
        whom: &Whom,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Error> {
        match whom {
            Whom::Container(container) => self.route(Some(container), None, request).await,
            Whom::Nobody => self.route(None, None, request).await,
            Whom::ByPath => match self.containers.named(request.uri().path())? {
                Named::Container(container, path) => {
                    self.route(Some(&container), Some(path), request).await
                }
                Named::Done(json) => Ok(reply(StatusCode::OK, json.to_string())),
            },
        }
    }

    async fn route(
        &self,
        container: Option<&Arc<Container>>,
        path: Option<&str>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Error> {
        let there = || container.filter(|container| !container.is_gone());
        match (request.method(), path.unwrap_or(request.uri().path())) {
            (&Method::POST, "/init") => {
                let body = body::read(request.into_body()).await?;
                self.init(there().ok_or(Error::NoContainer)?, body).await
            }
            (&Method::POST, "/run") => {
                let body = body::read(request.into_body()).await?;
                self.run(there().ok_or(Error::Gone)?, body).await
            }
            (&Method::POST, "/") if self.is_for_people => {
                let container = there().ok_or(Error::Gone)?;
                if !container.place.is_taken() {
                    let error =
                        json!({ "error": "the action is not built yet: `wow dev` says why" });
                    return Ok(reply(StatusCode::SERVICE_UNAVAILABLE, error.to_string()));
                }
                let body = plain_run(&body::read(request.into_body()).await?)?;
                self.run(container, body.into()).await
            }
            (_, "/init" | "/run") => Ok(reply(
                StatusCode::METHOD_NOT_ALLOWED,
                json!({ "error": "the action interface is POST only" }).to_string(),
            )),
            _ => {
                let there = match self.is_for_people {
                    true => {
                        "there is only POST / with the action's parameters, POST /init and POST /run"
                    }
                    false => "there is only POST /init and POST /run",
                };
                Ok(reply(StatusCode::NOT_FOUND, json!({ "error": there }).to_string()))
            }
        }
    }

    async fn init(
        &self,
        container: &Container,
        body: Bytes,
    ) -> Result<Response<Full<Bytes>>, Error> {
        let (mut counted, _timed) = self.metrics.init();
        let loaded = container.hold(self.load(container, body)).await;
        counted.outcome(loaded.as_ref().map_or_else(metrics::failure, |()| "success"));
        loaded.map(|()| reply(StatusCode::OK, json!({ "ok": true }).to_string()))
    }

    async fn load(&self, container: &Container, body: Bytes) -> Result<(), Error> {
        let init = Init::parse(&body)?;
        if container.is_paused() {
            // Not `Error::Paused`: OpenWhisk loses an activation whose `/init` gets 503.
            return Err(Error::Refused(PAUSED));
        }
        let claim = container.place.claim().inspect_err(|_| {
            // OpenWhisk's tests look for it in the log as well, and for no sentinel.
            container.sink.say(ALREADY_INITIALIZED);
        })?;
        if container.takes_health_checks && health::check(&init.code)? {
            claim.fill_with_health_check();
        } else {
            let terms = (&*self.outside, &container.allowance.limits);
            let now = SystemTime::now();
            let deadline = init.deadline(now).map(|deadline| Deadline::at(deadline, now));
            let loading = Action::load(init, &self.library, &container.environment, terms);
            claim.fill(in_time(deadline, loading).await?);
        }
        Ok(())
    }

    async fn run(
        &self,
        container: &Container,
        body: Bytes,
    ) -> Result<Response<Full<Bytes>>, Error> {
        let mut counted = self.metrics.activation();
        let outcome = container.hold(self.activate(container, &body)).await;
        counted.outcome(metrics::outcome(&outcome));
        Ok(match outcome? {
            Outcome::Success(json) => reply(StatusCode::OK, json),
            Outcome::ApplicationError(json) => {
                reply(StatusCode::OK, format!("{{\"error\":{json}}}"))
            }
        })
    }

    async fn activate(&self, container: &Container, body: &[u8]) -> Result<Outcome, Error> {
        let runnable = container.place.get().map_err(|error| {
            // Its end empties the place, which is no mistake of the platform's.
            if container.is_gone() { Error::Gone } else { error }
        })?;
        if *self.stage.borrow() != Stage::Serving {
            return Err(Error::Draining);
        }
        let _turn = container.begin()?;
        let allowance = runnable.allowance(&container.allowance);
        let limits = &allowance.limits;
        // Closed where it goes out of scope: before the reply, on every way out.
        let mut log = ActivationLog::open(&container.sink, limits.log);
        let now = SystemTime::now();
        let run = Run::parse(body, now)?;
        let (outcome, bill) = self.run_it(&runnable, &run, &allowance, now, &log).await;
        self.metrics.bill(&bill);
        if let Some(limit) = outcome.as_ref().err().and_then(metrics::limit) {
            self.metrics.strike(limit);
        }
        if self.bill {
            log.end_with(&bill);
        }
        outcome
    }

    async fn run_it(
        &self,
        runnable: &Runnable,
        run: &Run<'_>,
        allowance: &Allowance,
        now: SystemTime,
        log: &ActivationLog,
    ) -> (Result<Outcome, Error>, Bill) {
        let action = match runnable {
            Runnable::Action(action) => action,
            Runnable::HealthCheck => {
                let (input, output) = (run.parameters.len(), run.parameters.len());
                let bill = Bill { input, output, ..Bill::default() };
                return (Ok(Outcome::Success(run.parameters.to_owned())), bill);
            }
        };
        let deadline = match run.deadline {
            Some(deadline) => Deadline::at(deadline, now),
            None => Deadline::after(allowance.limits.timeout),
        };
        let deadline = action.deadline(deadline);
        activation::run(action, run, &self.library, allowance, deadline, log.logs()).await
    }
}

/// The action, if it is loaded before the platform gives up. Compiling goes on without us.
async fn in_time(
    deadline: Option<Deadline>,
    loading: impl Future<Output = Result<Action, Error>>,
) -> Result<Action, Error> {
    let Some(Deadline { end, limit }) = deadline else { return loading.await };
    tokio::time::timeout_at(end.into(), loading).await.unwrap_or_else(|_| {
        let limit = limit.as_millis();
        let late = LoadError::new(format!(
            "the code is not ready within the time limit of {limit} ms: it is still being compiled"
        ));
        Err(late.hint("invoke the action again, what is compiled is kept").into())
    })
}

/// What a paused container says to an `/init`.
const PAUSED: &str = "the container is paused";

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
            | ActionError::TrapInside { .. }
            | ActionError::Exit(_)
            | ActionError::Memory
            | ActionError::Deadline { .. }
            | ActionError::Cpu { .. }
            | ActionError::Handles
            | ActionError::Result(_)
            | ActionError::Response(_)
            | ActionError::NotADictionary,
        ) => StatusCode::BAD_GATEWAY,
        // It had begun: to run it elsewhere as well is not ours to decide.
        Error::Removed => StatusCode::BAD_GATEWAY,
        // Only ever said to an `/init`, which must not hear 503.
        Error::NoContainer => StatusCode::NOT_FOUND,
        Error::Busy(_) | Error::Draining | Error::Paused | Error::Gone => {
            StatusCode::SERVICE_UNAVAILABLE
        }
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
