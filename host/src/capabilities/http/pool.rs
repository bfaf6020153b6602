//! Connections that wait to be used again. Each belongs to an owner, a caller and a
//! grant; who takes one must have it checked again.

use super::budget::Bounds;
use super::dial::Connection;
use super::egress::Key;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The idle connections of a host, the longest idle first.
pub(super) struct Pool {
    idle: Mutex<Idle>,
    bounds: Bounds,
}

#[derive(Default)]
struct Idle {
    connections: VecDeque<(Instant, Key, Connection)>,
    /// Whether a task closes what has waited too long.
    swept: bool,
}

impl Pool {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { idle: Mutex::default(), bounds }
    }

    /// Takes the connection that was used last.
    pub(super) fn take(&self, key: &Key) -> Option<Connection> {
        let mut idle = self.idle();
        loop {
            let place = idle.connections.iter().rposition(|(_, other, _)| other == key)?;
            let (since, _, connection) = idle.connections.remove(place)?;
            if since.elapsed() < self.bounds.idle_time && !connection.is_closed() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection, and closes the longest idle if there are too many.
    pub(super) fn put(self: &Arc<Self>, key: Key, connection: Connection) {
        if self.bounds.idle == 0 || connection.is_closed() {
            return;
        }
        let mut idle = self.idle();
        while idle.connections.len() >= self.bounds.idle {
            idle.connections.pop_front();
        }
        idle.connections.push_back((Instant::now(), key, connection));
        if !std::mem::replace(&mut idle.swept, true) {
            let pool = Arc::downgrade(self);
            let turn = self.bounds.idle_time;
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(turn).await;
                    match pool.upgrade() {
                        Some(pool) if pool.sweep() => {}
                        _ => break,
                    }
                }
            });
        }
    }

    /// Closes the connection that has waited longest: another is to be opened.
    pub(super) fn close_oldest(&self) {
        self.idle().connections.pop_front();
    }

    /// Closes what an owner's code has under a grant.
    pub(super) fn close(&self, owner: &str, grant: &blake3::Hash) {
        let is_its = |key: &Key| key.owner == owner && key.grant == *grant;
        self.idle().connections.retain(|(_, key, _)| !is_its(key));
    }

    /// Closes what has waited too long; whether some are left.
    fn sweep(&self) -> bool {
        let mut idle = self.idle();
        let most = self.bounds.idle_time;
        idle.connections
            .retain(|(since, _, connection)| since.elapsed() < most && !connection.is_closed());
        idle.swept = !idle.connections.is_empty();
        idle.swept
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
