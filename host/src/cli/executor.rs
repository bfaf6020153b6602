//! `wow executor`: many virtual containers in Docker's place.

use super::serving::{Asked, confined, maintain, shutdown};
use super::{Exit, complain};
use crate::config;
use crate::executor::control::{self, Control};
use crate::executor::{self, settings};
use crate::library::{Ahead, Library};
use crate::pages;
use crate::server::{self, Host};
use crate::workers::{self, Workers};
use anyhow::Context as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use tokio::sync::mpsc;

/// Serve many virtual containers, in Docker's place under OpenWhisk's invoker
///
/// Containers are made, paused and removed over a unix socket, by `wow-docker` for
/// example. Each has an address of its own, where it answers POST /init and POST /run.
/// SIGTERM drains.
#[derive(Debug, clap::Args)]
#[command(mut_arg("memory", |memory| memory.help(MEMORY)))]
#[command(mut_arg("listen", |listen| listen.help(LISTEN)))]
pub(super) struct Executor {
    #[arg(
        long,
        env = "WOW_CONFIG",
        value_name = "FILE",
        help = "A TOML file with settings, named as the flags"
    )]
    config: Option<PathBuf>,
    #[command(flatten)]
    executor: settings::Settings,
    #[command(flatten)]
    host: config::Settings,
}

const MEMORY: &str = "Memory in MB of a container for which the platform says none [default: 256]";
const LISTEN: &str = "Where all containers listen, 0.0.0.0 with a port [default: 0.0.0.0:8080]";

impl Executor {
    pub(super) fn execute(self) -> Exit {
        let config = match self.executor.read(self.host, self.config.as_deref()) {
            Ok(config) => config,
            Err(error) => return complain(&error, Exit::Yours),
        };
        match serve(config) {
            Ok(()) => Exit::Fine,
            Err(error) => complain(&error, Exit::Ours),
        }
    }
}

fn serve(config: settings::Executor) -> anyhow::Result<()> {
    allow_descriptors();
    pages::keep();
    workers::runtime()?.block_on(async {
        let settings = &config.host;
        let listener = server::listen(settings.listen).with_context(|| {
            format!(
                "cannot listen on {}\n\nhint: OpenWhisk's invoker has port 8080 itself, if PORT \
                 does not say another: docs/operating.md",
                settings.listen
            )
        })?;
        let shutdown = shutdown()?;
        let address = listener.local_addr().context("cannot read the address")?;
        let asked = Asked::open(settings.metrics).await?;
        let own = config.own(asked.address().into_iter().chain([address]).collect());
        let folders = config.folders()?;
        let (outside, library) = confined(settings, own, &folders)?;
        let workers = Workers::all();
        let (publish, published) = mpsc::unbounded_channel();
        let executor =
            Arc::new(executor::Executor::open(&config, &library, address.port(), publish)?);
        let socket = control::listen(&config.socket)?;
        let mut host = Host::of(Arc::clone(&executor) as _, &library, executor.ledger());
        host.bill = settings.bill;
        host.outside = Arc::new(outside);
        let metrics = asked.address();
        asked.answer(&host);
        let (images, stage) = (config.images.clone(), host.stage.subscribe());
        control::start(socket, Control { executor, images, stage })?;
        let range = config.range.to_string();
        let (socket, metrics) = (config.socket.display(), metrics.map(tracing::field::display));
        tracing::info!(%address, metrics, range, %socket, "ready");
        read_ahead(&library, config.read_ahead);
        tokio::spawn(maintain(library, settings.hibernate));
        let (host, drain) = (Arc::new(host), settings.drain);
        server::serve_with(listener, published, host, &workers, drain, shutdown).await;
        // Folders stay: who wants the last logs still finds them.
        std::fs::remove_file(&config.socket).context("cannot remove the control socket")
    })
}

/// Authenticates so many bytes of the cache while nobody waits for it.
fn read_ahead(library: &Arc<Library>, most: u64) {
    let library = Arc::clone(library);
    let read = move || {
        // Whoever has a request to answer goes first. Linux has this for each thread.
        if let Err(cause) = rustix::process::nice(19) {
            tracing::debug!(%cause, "the cache is read as urgently as requests");
        }
        let Ahead { entries, bytes, uploads } = library.read_ahead(most);
        tracing::info!(entries, bytes, uploads, "the cache is authenticated");
    };
    if most > 0
        && let Err(cause) = thread::Builder::new().name("read-ahead".to_owned()).spawn(read)
    {
        tracing::warn!(%cause, "the cache is authenticated at its use only");
    }
}

/// As many descriptors as the system lets it have: hibernated code is an open file.
fn allow_descriptors() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(cause) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(%cause, "the limit of open files stays as it is");
    }
}
