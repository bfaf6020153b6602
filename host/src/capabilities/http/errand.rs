//! One request of a guest, from the rules to its response. What is waited for is the
//! activation's time: it ends with its deadline, and what it holds is closed.

use super::body::{Inbound, Outbound};
use super::budget::Budget;
use super::dial::Connection;
use super::egress::{Access, Key, Lease};
use super::rules::Refusal;
use super::server::Target;
use super::words::Words;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use std::sync::Arc;
use std::time::Duration;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

/// What a request needs of its activation.
pub(super) struct Errand {
    pub(super) access: Arc<Access>,
    pub(super) caller: String,
    pub(super) budget: Arc<Budget>,
    pub(super) words: Arc<Words>,
}

impl Errand {
    pub(super) async fn run(
        self,
        request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Error> {
        let target = Target::read(request.uri()).map_err(|why| {
            self.words.unreadable(request.uri(), &why);
            Error::HttpRequestUriInvalid
        })?;
        self.check(&target)?;
        if *request.method() == Method::CONNECT {
            self.words.failure(&target, "CONNECT would open a way to anywhere");
            return Err(Error::HttpRequestMethodInvalid);
        }
        self.budget.request().map_err(|()| {
            let why =
                format!("an activation makes {} requests at most", self.budget.bounds.requests);
            self.words.limit(&target, &why, "activation-requests");
            Error::HttpRequestDenied
        })?;
        let most = self.budget.bounds.connect_time;
        let patience = options.connect_timeout.map_or(most, |time| time.min(most));
        let first_byte = options.first_byte_timeout;
        let (response, lease) =
            self.exchange(&target, self.counted(request), patience, first_byte).await?;
        let patience = options.between_bytes_timeout;
        let Self { budget, words, .. } = self;
        Ok(response.map(|body| {
            let over = move |most| {
                let why = format!("an activation receives {most} bytes at most");
                words.limit(&target, &why, "activation-received");
            };
            Inbound::new(body, lease, budget, patience, over).boxed_unsync()
        }))
    }

    /// The rules, before anything is looked up: a name that is denied is not even told to DNS.
    fn check(&self, target: &Target) -> Result<(), Error> {
        let Access { servers, egress, .. } = &*self.access;
        let decided = egress.rules.decide(servers, target, None);
        decided.map(drop).map_err(|refusal| self.refuse(target, &refusal))
    }

    fn refuse(&self, target: &Target, refusal: &Refusal) -> Error {
        let Access { servers, name, .. } = &*self.access;
        self.words.refusal(target, refusal, servers, name.as_deref());
        match refusal {
            Refusal::NotAsked | Refusal::NotAllowed => Error::HttpRequestDenied,
            Refusal::Address(..) | Refusal::Metadata(_) | Refusal::Own => {
                Error::DestinationIpProhibited
            }
        }
    }

    fn counted(&self, request: Request<WasiBody>) -> Request<WasiBody> {
        let budget = Arc::clone(&self.budget);
        request.map(|body| Outbound::new(body, budget).boxed_unsync())
    }

    /// Sends the request: on an idle connection, or if that is closed just now on a new one.
    async fn exchange(
        &self,
        target: &Target,
        mut request: Request<WasiBody>,
        patience: Duration,
        first_byte: Option<Duration>,
    ) -> Result<(Response<Incoming>, Lease), Error> {
        let mut idle = true;
        loop {
            let connecting = self.connection(target, idle);
            let connected = tokio::time::timeout(patience, connecting).await;
            let (mut lease, used) = connected.unwrap_or_else(|_| {
                self.unconnected(target, patience);
                Err(Error::ConnectionTimeout)
            })?;
            let sending = lease.connection.send(target, request);
            let sent = match first_byte {
                Some(time) => tokio::time::timeout(time, sending)
                    .await
                    .map_err(|_| Error::ConnectionReadTimeout)?,
                None => sending.await,
            };
            match sent {
                Ok(response) => return Ok((response, lease)),
                Err(mut error) => match error.take_message().filter(|_| used) {
                    Some(unsent) => (request, idle) = (unsent, false),
                    None => return Err(self.broken(target, &error.into_error())),
                },
            }
        }
    }

    /// A connection, and whether it was used before.
    async fn connection(&self, target: &Target, idle: bool) -> Result<(Lease, bool), Error> {
        let Access { servers, egress, digest, .. } = &*self.access;
        let turn = Arc::clone(&self.budget.connections).acquire_owned().await;
        let turn = turn.map_err(|_| Error::ConnectionLimitReached)?;
        let key = Key {
            owner: self.access.owner().to_owned(),
            caller: self.caller.clone(),
            grant: *digest,
            target: target.clone(),
            thread: std::thread::current().id(),
        };
        let pool = Arc::clone(&egress.pool);
        while idle && let Some(mut connection) = pool.take(&key) {
            let checked = egress.rules.decide(servers, target, Some(&[connection.address.ip()]));
            if checked.is_ok() && connection.settle().await {
                return Ok((Lease { key, connection, pool, turn }, true));
            }
        }
        let found = egress.resolver.addresses(&target.host).await;
        let found = found.map_err(|reason| self.failed(target, reason))?;
        let addresses = egress
            .rules
            .decide(servers, target, Some(&found))
            .map_err(|refusal| self.refuse(target, &refusal))?;
        let place = egress.place().await?;
        let connection = Connection::open(target, &addresses, &egress.tls, place).await;
        let connection = connection.map_err(|reason| self.failed(target, reason))?;
        Ok((Lease { key, connection, pool, turn }, false))
    }

    /// Why there was no connection in time. What this request held of the limits is given back.
    fn unconnected(&self, target: &Target, patience: Duration) {
        let why = format!("no connection within {} ms", patience.as_millis());
        let most = self.budget.bounds;
        if self.budget.connections.available_permits() == 0 {
            let most = most.connections_each;
            let why = format!("{why}: the activation has {most} open, as many as it may");
            self.words.limit(target, &why, "activation-connections");
        } else if self.access.egress.is_full() {
            let most = most.connections;
            let why = format!("{why}: the host has {most} open, as many as it may");
            self.words.limit(target, &why, "connections");
        } else {
            self.words.failure(target, &why);
        }
    }

    fn failed(&self, target: &Target, (code, why): (Error, String)) -> Error {
        self.words.failure(target, &why);
        code
    }

    /// Why a request that was begun has no response.
    fn broken(&self, target: &Target, error: &hyper::Error) -> Error {
        if self.budget.sent_too_much() {
            let most = self.budget.bounds.sent;
            let why = format!("an activation sends {most} bytes at most");
            self.words.limit(target, &why, "activation-sent");
            return Error::HttpRequestBodySize(Some(most));
        }
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
        self.words.failure(target, &format!("{error}{}", cause.unwrap_or_default()));
        if error.is_parse() { Error::HttpProtocolError } else { Error::ConnectionTerminated }
    }
}
