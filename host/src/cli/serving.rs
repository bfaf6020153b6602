//! What the commands that serve have in common: signals, the operator's port, and
//! what is done beside the requests.

use crate::capabilities::{Outside, Own};
use crate::config::Config;
use crate::library::Library;
use crate::operator::{self, Told};
use crate::server::Host;
use anyhow::Context as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// When a container has its first action, if it gets one at once.
const AFTER_THE_FIRST: Duration = Duration::from_secs(1);

/// Waits, from now on, for a signal to end.
pub(super) fn shutdown() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// The operator's port, if there is one.
pub(super) struct Asked(Option<(TcpListener, SocketAddr)>);

impl Asked {
    /// Listens, and answers nobody yet.
    pub(super) async fn open(address: Option<SocketAddr>) -> anyhow::Result<Self> {
        let Some(address) = address else { return Ok(Self(None)) };
        let listener = operator::listen(address).await?;
        let address = listener.local_addr().context("cannot read the address")?;
        Ok(Self(Some((listener, address))))
    }

    /// Where it is.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.0.as_ref().map(|(_, address)| *address)
    }

    /// Answers what the operator asks of `host`.
    pub(super) fn answer(self, host: &Host) {
        if let Some((listener, _)) = self.0 {
            let (metrics, stage) = (Arc::clone(&host.metrics), host.stage.subscribe());
            tokio::spawn(operator::serve(listener, Told { metrics, stage }));
        }
    }
}

/// Opens what actions may reach and the code that there is, and then has the kernel
/// confine the process to that and to the folders `write`. Before another thread runs.
pub(super) fn confined(
    config: &Config,
    own: Own,
    write: &[&Path],
) -> anyhow::Result<(Outside, Arc<Library>)> {
    let outside = Outside::open(config.policy.clone(), own)?;
    let cache = config.open_cache()?;
    config.confine(cache.as_ref(), write)?;
    Ok((outside, Arc::new(config.library_of(cache)?)))
}

/// What is done beside the requests.
pub(super) async fn maintain(library: Arc<Library>, hibernate: Duration) {
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
