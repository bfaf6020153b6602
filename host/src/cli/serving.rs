//! What the commands that serve have in common: signals, the operator's port, and
//! what is done beside the requests.

use crate::library::Library;
use crate::operator::{self, Told};
use crate::server::Host;
use anyhow::Context as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
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

/// Serves what the operator asks, where he said; gives where that is.
pub(super) async fn observe(
    address: Option<SocketAddr>,
    host: &Host,
) -> anyhow::Result<Option<SocketAddr>> {
    let Some(address) = address else { return Ok(None) };
    let listener = operator::listen(address).await?;
    let address = listener.local_addr().context("cannot read the address")?;
    let (metrics, stage) = (Arc::clone(&host.metrics), host.stage.subscribe());
    tokio::spawn(operator::serve(listener, Told { metrics, stage }));
    Ok(Some(address))
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
