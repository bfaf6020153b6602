//! How much one activation may send, receive and open, and how long it waits.

use super::rate::Rate;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Connections of a host at once, those included that wait to be used again.
const MOST_CONNECTIONS: usize = 4096;

/// Connections of a host that wait to be used again.
const MOST_IDLE: usize = 256;

/// Connections of an activation at once: what browsers and other platforms give is 6.
const MOST_CONNECTIONS_EACH: usize = 16;

/// Requests of an activation.
const MOST_REQUESTS: u32 = 1000;

/// Bytes of an activation's request bodies together.
const MOST_SENT: u64 = 64 << 20;

/// Bytes of the response bodies that it reads.
const MOST_RECEIVED: u64 = 256 << 20;

/// Bytes of the bodies of all activations of a host in a second, both ways: as much as
/// a link of 1 Gbit/s carries. The invoker's own messages go over the same one.
const MOST_PER_SECOND: u64 = 128 << 20;

/// The longest wait for a connection: for a free one, for DNS, TCP and TLS together.
const MOST_CONNECT_TIME: Duration = Duration::from_millis(10_000);

/// The longest that a connection waits to be used again. Servers wait 60 s and more.
const MOST_IDLE_TIME: Duration = Duration::from_millis(30_000);

/// The bounds of a host's requests; the operator's `[egress]` changes them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Connections of the host at once.
    pub connections: usize,
    /// Those of them that wait to be used again.
    pub idle: usize,
    /// Connections of an activation at once.
    pub connections_each: usize,
    /// Requests of an activation.
    pub requests: u32,
    /// Bytes of an activation's request bodies.
    pub sent: u64,
    /// Bytes of the response bodies that it reads.
    pub received: u64,
    /// Bytes of the bodies of all activations of the host in a second, both ways.
    pub per_second: u64,
    /// The longest wait for a connection.
    pub connect_time: Duration,
    /// The longest that a connection waits to be used again.
    pub idle_time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: MOST_CONNECTIONS,
            idle: MOST_IDLE,
            connections_each: MOST_CONNECTIONS_EACH,
            requests: MOST_REQUESTS,
            sent: MOST_SENT,
            received: MOST_RECEIVED,
            per_second: MOST_PER_SECOND,
            connect_time: MOST_CONNECT_TIME,
            idle_time: MOST_IDLE_TIME,
        }
    }
}

/// What is left for one activation.
pub(super) struct Budget {
    requests: AtomicU32,
    sent: AtomicU64,
    received: AtomicU64,
    pub(super) connections: Arc<Semaphore>,
    pub(super) bounds: Bounds,
    /// The host's.
    pub(super) rate: Arc<Rate>,
}

impl Budget {
    pub(super) fn new(bounds: Bounds, rate: Arc<Rate>) -> Self {
        Self {
            requests: AtomicU32::new(0),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            connections: Arc::new(Semaphore::new(bounds.connections_each)),
            bounds,
            rate,
        }
    }

    /// Counts one more request.
    pub(super) fn request(&self) -> Result<(), ()> {
        let before = self.requests.fetch_add(1, Ordering::Relaxed);
        if before < self.bounds.requests { Ok(()) } else { Err(()) }
    }

    /// Counts bytes of a request's body; what there is of it if that is too much.
    pub(super) fn send(&self, bytes: usize) -> Result<(), u64> {
        count(&self.sent, bytes, self.bounds.sent)
    }

    /// Whether a request's body was cut.
    pub(super) fn sent_too_much(&self) -> bool {
        self.sent.load(Ordering::Relaxed) > self.bounds.sent
    }

    /// Counts bytes of a response's body.
    pub(super) fn receive(&self, bytes: usize) -> Result<(), u64> {
        count(&self.received, bytes, self.bounds.received)
    }
}

fn count(counter: &AtomicU64, bytes: usize, most: u64) -> Result<(), u64> {
    let bytes = bytes as u64;
    let sum = counter.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
    if sum <= most { Ok(()) } else { Err(sum) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_09_what_is_used_up_is_refused() {
        let bounds = Bounds { requests: 2, sent: 10, received: 5, ..Bounds::default() };
        let budget = Budget::new(bounds, Arc::new(Rate::new(bounds.per_second)));
        assert_eq!(
            [budget.request(), budget.request(), budget.request()],
            [Ok(()), Ok(()), Err(())]
        );
        assert_eq!([budget.send(10), budget.send(0), budget.send(1)], [Ok(()), Ok(()), Err(11)]);
        assert_eq!([budget.receive(6), budget.receive(0)], [Err(6), Err(6)]);
    }
}
