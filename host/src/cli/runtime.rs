//! `wow runtime`: one action behind OpenWhisk's action interface.

use super::serving::{Asked, confined, maintain, shutdown};
use super::{Exit, complain};
use crate::capabilities::Own;
use crate::config::{self, Config, Settings};
use crate::container;
use crate::engine::FULL_SHARE;
use crate::logs::Sink;
use crate::protocol::Environment;
use crate::server::{self, Host};
use crate::workers::{self, Workers};
use anyhow::Context as _;
use std::path::PathBuf;
use std::sync::Arc;

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

impl Runtime {
    pub(super) fn execute(self) -> Exit {
        let mut config = match Config::read(self.settings, self.config.as_deref()) {
            Ok(config) => config,
            Err(error) => return complain(&error, Exit::Yours),
        };
        let environment = config::container_environment();
        // Slots cost time at the start: as many as are sure to be needed (decision 11).
        if !container::is_told_to_overlap(&environment) {
            config.instances.get_or_insert(FULL_SHARE);
        }
        match serve(config, environment) {
            Ok(()) => Exit::Fine,
            Err(error) => complain(&error, Exit::Ours),
        }
    }
}

fn serve(config: Config, environment: Environment) -> anyhow::Result<()> {
    workers::runtime()?.block_on(async {
        // First of all: OpenWhisk retries a refused connection only every 50 ms.
        let listener = server::listen(config.listen)
            .with_context(|| format!("cannot listen on {}", config.listen))?;
        let shutdown = shutdown()?;
        let address = listener.local_addr().context("cannot read the address")?;
        let asked = Asked::open(config.metrics).await?;
        let listeners = asked.address().into_iter().chain([address]).collect();
        let own = Own { listeners, ..Own::nothing() };
        let (outside, library) = confined(&config, own, &[])?;
        let workers = Workers::all();
        let sink = Arc::new(Sink::process());
        let mut host = Host::new(&library, config.limits, environment, sink);
        host.bill = config.bill;
        host.outside = Arc::new(outside);
        let metrics = asked.address().map(tracing::field::display);
        tracing::info!(%address, metrics, "ready");
        asked.answer(&host);
        tokio::spawn(maintain(library, config.hibernate));
        server::serve(listener, Arc::new(host), &workers, config.drain, shutdown).await;
        Ok(())
    })
}
