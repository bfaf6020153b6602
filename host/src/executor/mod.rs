//! Many virtual containers in one process: who there is, and their lifecycle. A
//! container is an id, an address and a limit; to make one compiles nothing.
//!
//! Knows neither HTTP nor WebAssembly: `control` speaks for it, `server` answers at
//! the addresses.

mod addresses;
mod ancestor;
mod container;
pub(crate) mod control;
mod files;
mod logs;
mod owners;
pub(crate) mod settings;

use crate::Error;
use crate::actions::Runnable;
use crate::container::{Container, Containers, Counts, Named, Whom};
use crate::library::Library;
use crate::limits::{Allowance, Ledger, Limits};
use crate::logs::Sink;
use crate::protocol::Environment;
use crate::server;
use addresses::Addresses;
use anyhow::{Context as _, anyhow};
use container::{Spec, Virtual};
use files::{Folder, ID_LENGTH, PREFIX};
use logs::JsonLog;
use owners::Owners;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

/// All containers of a process.
pub(crate) struct Executor {
    library: Arc<Library>,
    /// Of a container whose platform says nothing.
    limits: Limits,
    ledger: Arc<Ledger>,
    log_kept: u64,
    folder: Folder,
    addresses: Addresses,
    /// Where connections of containers with a listener of their own go.
    published: UnboundedSender<TcpStream>,
    /// Where the path says which container is meant.
    ancestor: Option<SocketAddr>,
    owners: Owners,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    by_id: BTreeMap<Arc<str>, Arc<Virtual>>,
    by_name: HashMap<String, Arc<str>>,
    made: u64,
    removed: u64,
}

/// Why something cannot be done with a container.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// What was asked for cannot be.
    #[error("{0}")]
    Unreadable(String),
    /// There is no such container.
    #[error("there is no container {0:?}")]
    Unknown(String),
    /// Its name or its state forbids it.
    #[error("{0}")]
    Conflict(String),
    /// It drains.
    #[error("the executor is shutting down")]
    Draining,
    /// We are at fault.
    #[error("{0:#}")]
    Ours(#[from] anyhow::Error),
}

/// The wait after an `accept` that failed, mostly for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

impl Executor {
    /// An executor without containers, for a listener on `port`. Needs tokio's runtime.
    pub(crate) fn open(
        config: &settings::Executor,
        library: &Arc<Library>,
        port: u16,
        published: UnboundedSender<TcpStream>,
    ) -> anyhow::Result<Self> {
        config.range.check()?;
        let ancestor = config.ancestor.map(|address| listen(address, &published)).transpose()?;
        Ok(Self {
            library: Arc::clone(library),
            limits: config.host.limits,
            ledger: Arc::new(Ledger::new(config.memory)),
            log_kept: config.log_kept,
            folder: Folder::open(&config.containers)?,
            addresses: Addresses::new(config.range, port)?,
            published,
            ancestor: ancestor.map(|(address, _)| address),
            owners: Owners::default(),
            table: Mutex::default(),
        })
    }

    /// What all guests may hold together.
    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Makes a container: when this returns, its address answers and its files are
    /// there. Needs tokio's runtime for one that is published.
    fn create(&self, spec: Spec) -> Result<Arc<Virtual>, Refusal> {
        if let Some(fault) = spec.fault() {
            return Err(Refusal::Unreadable(fault));
        }
        let id = new_id()?;
        let mut table = self.table();
        if table.by_name.contains_key(&spec.name) {
            let name = &spec.name;
            return Err(Refusal::Conflict(format!("there is a container named {name:?} already")));
        }
        let container = Arc::new(self.container(&id, &spec));
        let (address, published) = self.address(&container, spec.publish)?;
        table.made += 1;
        let made = Arc::new(Virtual {
            number: table.made,
            id: Arc::clone(&id),
            spec,
            address,
            created: SystemTime::now(),
            container,
            published,
        });
        if let Err(cause) = self.folder.make(&made).context("cannot write a container's files") {
            table.made -= 1;
            self.release(&made);
            return Err(cause.into());
        }
        table.by_name.insert(made.spec.name.clone(), Arc::clone(&id));
        table.by_id.insert(id, Arc::clone(&made));
        Ok(made)
    }

    fn container(&self, id: &str, spec: &Spec) -> Container {
        let memory = spec.memory.unwrap_or(self.limits.memory);
        let limits = Limits { memory, ..self.limits };
        let log = JsonLog::new(self.folder.log(id), self.log_kept);
        // As in a runtime image: what else the container's environment has is not for guests.
        let ours = |(name, _): &(&String, &String)| name.starts_with("__OW_");
        let environment: Environment =
            spec.environment.iter().filter(ours).map(|(k, v)| (k.clone(), v.clone())).collect();
        let allowance = Allowance::within(limits, &self.ledger);
        let mut container = Container::new(allowance, environment, Arc::new(Sink::of(log)));
        container.takes_health_checks = true;
        container
    }

    fn address(
        &self,
        container: &Arc<Container>,
        publish: bool,
    ) -> anyhow::Result<(SocketAddr, Option<AbortHandle>)> {
        if !publish {
            let range = self.addresses.range();
            let address = self.addresses.hand_out(container);
            let most = range.most();
            let none = || format!("no address is free: the range {range} has {most}");
            return Ok((address.with_context(none)?, None));
        }
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (address, accepting) = listen(any, &self.published)?;
        self.addresses.publish(address, container);
        Ok((address, Some(accepting)))
    }

    /// The container with this id, this name, or the only one whose id begins so.
    fn find(&self, key: &str) -> Result<Arc<Virtual>, Refusal> {
        let table = self.table();
        let named = || table.by_id.get(table.by_name.get(key)?);
        if let Some(found) = table.by_id.get(key).or_else(named) {
            return Ok(Arc::clone(found));
        }
        let from = (Bound::Included(key), Bound::Unbounded);
        let mut found = table
            .by_id
            .range::<str, _>(from)
            .take_while(|(id, _)| !key.is_empty() && id.starts_with(key));
        match (found.next(), found.next()) {
            (None, _) => Err(Refusal::Unknown(key.to_owned())),
            (Some((_, found)), None) => Ok(Arc::clone(found)),
            (Some(_), Some(_)) => {
                Err(Refusal::Conflict(format!("several containers' ids begin with {key:?}")))
            }
        }
    }

    /// All whose name has `part` in it, in order of creation.
    fn list(&self, part: &str) -> Vec<Value> {
        let table = self.table();
        let mut found: Vec<_> =
            table.by_id.values().filter(|one| one.spec.name.contains(part)).cloned().collect();
        drop(table);
        found.sort_by_key(|one| one.number);
        found.iter().map(|one| self.describe(one)).collect()
    }

    fn describe(&self, one: &Virtual) -> Value {
        one.describe(&self.folder.log(&one.id))
    }

    fn log(&self, key: &str) -> Result<PathBuf, Refusal> {
        Ok(self.folder.log(&self.find(key)?.id))
    }

    fn pause(&self, key: &str) -> Result<(), Refusal> {
        let found = self.find(key)?;
        if !found.container.pause() {
            return Err(Refusal::Conflict(format!("the container {key:?} is paused already")));
        }
        // It will not run soon, and the next container of this code finds it mapped or maps it.
        if let Ok(Runnable::Action(action)) = found.container.place.get() {
            self.library.rest(&action.code);
        }
        Ok(())
    }

    fn unpause(&self, key: &str) -> Result<(), Refusal> {
        if !self.find(key)?.container.unpause() {
            return Err(Refusal::Conflict(format!("the container {key:?} is not paused")));
        }
        Ok(())
    }

    fn remove(&self, key: &str) -> Result<(), Refusal> {
        let found = self.find(key)?;
        let mut table = self.table();
        // Another may have been as fast.
        if table.by_id.remove(&found.id).is_none() {
            return Err(Refusal::Unknown(key.to_owned()));
        }
        table.by_name.remove(&found.spec.name);
        table.removed += 1;
        drop(table);
        self.release(&found);
        self.folder.remove(&found.id);
        Ok(())
    }

    /// Removes all containers of a process that has ended.
    fn reap(&self, owner: u32) {
        let mut theirs = self.table().by_id.values().cloned().collect::<Vec<_>>();
        theirs.retain(|one| one.spec.owner == Some(owner));
        for one in &theirs {
            // One that is gone already needs no end.
            let _ = self.remove(&one.id);
        }
        let containers = theirs.len();
        if containers > 0 {
            tracing::warn!(owner, containers, "an invoker has ended: its containers are removed");
        }
    }

    /// Ends what runs, and gives the address back.
    fn release(&self, one: &Virtual) {
        self.addresses.take_back(one.address);
        if let Some(accepting) = &one.published {
            accepting.abort();
        }
        one.container.end();
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Containers for Executor {
    fn at(&self, address: &mut dyn FnMut() -> io::Result<SocketAddr>) -> Whom {
        let Ok(address) = address() else { return Whom::Nobody };
        if Some(address) == self.ancestor {
            return Whom::ByPath;
        }
        self.addresses.at(address).map_or(Whom::Nobody, Whom::Container)
    }

    fn named(&self, path: &str) -> Result<Named, Error> {
        self.ancestor(path)
    }

    fn counts(&self) -> Counts {
        let table = self.table();
        let mut counts = Counts { made: table.made, removed: table.removed, ..Counts::default() };
        table.by_id.values().for_each(|one| counts.add(one.container.state()));
        counts
    }
}

/// Listens beside the one listener of all, until it is aborted.
fn listen(
    address: SocketAddr,
    published: &UnboundedSender<TcpStream>,
) -> anyhow::Result<(SocketAddr, AbortHandle)> {
    let what = || format!("cannot listen on {address}");
    let listener = server::listen(address).with_context(what)?;
    let address = listener.local_addr().with_context(what)?;
    let accepting = tokio::spawn(accept(listener, published.clone()));
    Ok((address, accepting.abort_handle()))
}

async fn accept(listener: TcpListener, published: UnboundedSender<TcpStream>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // The process drains: the listener closes first.
            () = published.closed() => return,
        };
        match accepted.and_then(|(stream, _)| stream.into_std()) {
            // Closed in this moment: as if the connection had come a moment later.
            Ok(stream) => drop(published.send(stream)),
            Err(cause) => {
                tracing::warn!(%cause, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// An id like Docker's, told from Docker's by how it begins.
fn new_id() -> anyhow::Result<Arc<str>> {
    let mut random = [0; (ID_LENGTH - PREFIX.len()) / 2];
    getrandom::fill(&mut random).map_err(|error| anyhow!("no random numbers: {error}"))?;
    let mut id = String::with_capacity(ID_LENGTH);
    id += PREFIX;
    for byte in random {
        for digit in [byte >> 4, byte & 15] {
            id.extend(char::from_digit(digit.into(), 16));
        }
    }
    Ok(id.into())
}
