//! What the requests of all activations of a host share: the rules, the resolver,
//! the roots of trust, the connections.

use super::budget::{Bounds, Budget};
use super::dial::Connection;
use super::pool::Pool;
use super::rate::Rate;
use super::resolve::Resolver;
use super::rules::{Own, Rules, Servers};
use super::server::Target;
use super::settings::EgressSettings;
use super::tls::Tls;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime_wasi_http::Error;

/// The way out of a host.
pub(crate) struct Egress {
    pub(super) rules: Rules,
    pub(super) resolver: Resolver,
    pub(super) tls: Tls,
    pub(super) pool: Arc<Pool>,
    connections: Arc<Semaphore>,
    rate: Arc<Rate>,
    bounds: Bounds,
}

/// The way out that one action has.
pub(crate) struct Access {
    pub(super) servers: Servers,
    /// The action's full name, if the platform gave it one.
    pub(super) name: Option<String>,
    pub(super) egress: Arc<Egress>,
    /// Tells grants apart that allow different things.
    pub(super) digest: blake3::Hash,
}

impl Access {
    pub(crate) fn new(servers: Servers, name: Option<String>, egress: &Arc<Egress>) -> Self {
        let digest = blake3::hash(format!("{servers:?}").as_bytes());
        Self { servers, name, egress: Arc::clone(egress), digest }
    }

    /// Who wrote the code: the first part of the action's full name.
    pub(super) fn owner(&self) -> &str {
        let name = self.name.as_deref().and_then(|name| name.strip_prefix('/'));
        name.and_then(|name| name.split('/').next()).unwrap_or_default()
    }
}

/// With the action its idle connections end: what was revoked is not spoken to any more.
impl Drop for Access {
    fn drop(&mut self) {
        self.egress.pool.close(self.owner(), &self.digest);
    }
}

impl Egress {
    pub(crate) fn open(settings: &EgressSettings, own: Own) -> anyhow::Result<Self> {
        Ok(Self::with(settings, own, Tls::open(settings.roots.as_deref())?))
    }

    /// One that no action has access to.
    pub(crate) fn closed() -> Self {
        Self::with(&EgressSettings::default(), Own::nothing(), Tls::default())
    }

    fn with(settings: &EgressSettings, own: Own, tls: Tls) -> Self {
        let bounds = settings.bounds;
        Self {
            rules: Rules { open: settings.open.clone(), own },
            resolver: Resolver::new(settings),
            tls,
            pool: Arc::new(Pool::new(bounds)),
            connections: Arc::new(Semaphore::new(bounds.connections)),
            rate: Arc::new(Rate::new(bounds.per_second)),
            bounds,
        }
    }

    /// What is left for an activation that begins.
    pub(super) fn budget(&self) -> Arc<Budget> {
        Arc::new(Budget::new(self.bounds, Arc::clone(&self.rate)))
    }

    /// Whether all connections of the host are in use.
    pub(super) fn is_full(&self) -> bool {
        self.connections.available_permits() == 0
    }

    /// A connection's place among those of the host. Waits, if there is none that nobody uses.
    pub(super) async fn place(&self) -> Result<OwnedSemaphorePermit, Error> {
        if self.is_full() {
            self.pool.close_oldest();
        }
        let place = Arc::clone(&self.connections).acquire_owned().await;
        place.map_err(|_| Error::ConnectionLimitReached)
    }
}

/// Whose a connection is, and where it goes: nobody else uses it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) owner: String,
    pub(super) caller: String,
    pub(super) grant: blake3::Hash,
    pub(super) target: Target,
    /// Where it is driven: an activation's work stays on one thread.
    pub(super) thread: std::thread::ThreadId,
}

/// A connection in use, until its response is read to the end.
pub(super) struct Lease {
    pub(super) key: Key,
    pub(super) connection: Connection,
    pub(super) pool: Arc<Pool>,
    /// One of the activation's own.
    pub(super) turn: OwnedSemaphorePermit,
}

impl Lease {
    /// Keeps the connection for the next request. One that is dropped instead is closed.
    pub(super) fn give_back(self) {
        let Self { key, connection, pool, turn } = self;
        drop(turn);
        pool.put(key, connection);
    }
}
