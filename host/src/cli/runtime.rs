//! `wow runtime`: one action behind OpenWhisk's action interface.

use super::{Exit, complain};
use crate::capabilities::{Outside, Own};
use crate::config::{self, Config, Settings};
use crate::library::Library;
use crate::logs::Sink;
use crate::operator::{self, Told};
use crate::server::{self, Host};
use crate::workers::{self, Workers};
use anyhow::Context as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Serve one action over OpenWhisk's action interface, POST /init and POST /run
///
/// This is what a runtime image starts. The guest's output and OpenWhisk's
/// sentinels go to stdout and stderr. SIGTERM drains.
#[derive(Debug, clap::Args)]
pub(super) struct Runtime {
    /// A TOML file with settings, named as the flags
    #[arg(long, env = "WOW_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

/// When a container has its first action, if it gets one at once.
const AFTER_THE_FIRST: Duration = Duration::from_secs(1);

impl Runtime {
    pub(super) fn execute(self) -> Exit {
        let config = match Config::read(self.settings, self.config.as_deref()) {
            Ok(config) => config,
            Err(error) => return complain(&error, Exit::Yours),
        };
        match serve(config) {
            Ok(()) => Exit::Fine,
            Err(error) => complain(&error, Exit::Ours),
        }
    }
}

fn serve(config: Config) -> anyhow::Result<()> {
    workers::runtime()?.block_on(async {
        // First of all: OpenWhisk retries a refused connection only every 50 ms.
        let listener = tokio::net::TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("cannot listen on {}", config.listen))?;
        let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
        let address = listener.local_addr().context("cannot read the address")?;
        let told = match config.metrics {
            None => None,
            Some(metrics) => {
                let listener = operator::listen(metrics).await?;
                let address = listener.local_addr().context("cannot read the address")?;
                Some((listener, address))
            }
        };
        let metrics = told.as_ref().map(|(_, metrics)| *metrics);
        let own =
            Own { listeners: metrics.into_iter().chain([address]).collect(), ..Own::nothing() };
        let outside = Outside::open(config.policy.clone(), own)?;
        let cache = config.open_cache()?;
        // Before another thread is there.
        config.confine(cache.as_ref())?;
        let library = Arc::new(config.library_of(cache)?);
        let workers = Workers::start(config::processors())?;
        let sink = Arc::new(Sink::process());
        let container = config::container_environment();
        let mut host = Host::new(&library, config.limits, container, sink);
        host.bill = config.bill;
        host.outside = Arc::new(outside);
        match told {
            None => tracing::info!(%address, "ready"),
            Some((listener, metrics)) => {
                let (counted, stage) = (Arc::clone(&host.metrics), host.stage.subscribe());
                tokio::spawn(operator::serve(listener, Told { metrics: counted, stage }));
                tracing::info!(%address, %metrics, "ready");
            }
        }
        tokio::spawn(maintain(library, config.hibernate));
        let shutdown = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        server::serve(listener, Arc::new(host), &workers, config.drain, shutdown).await;
        Ok(())
    })
}

/// What is done beside the requests.
async fn maintain(library: Arc<Library>, hibernate: Duration) {
    // Not before the first action is served: starting another program takes milliseconds.
    tokio::time::sleep(AFTER_THE_FIRST).await;
    if let Err(cause) = library.check_compiler().await {
        tracing::error!("{cause:#}");
    }
    // An action sleeps after once to twice its time.
    let mut turns = tokio::time::interval(hibernate.max(Duration::from_millis(1)));
    loop {
        turns.tick().await;
        library.hibernate(hibernate);
    }
}
