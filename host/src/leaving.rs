//! Activations that are over: their stores are freed when the replies are on their way, where that
//! makes no difference to anybody else. A first call is some 2 % shorter for it
//! (`docs/evaluation.md`).
//!
//! For all others such an activation is over before its reply: its slot, and what it held of its
//! container's memory, are free. Of the pool there is room for those few that wait.

use crate::capabilities::State;
use crate::limits::Slot;
use std::sync::Arc;
use tokio::sync::Semaphore;
use wasmtime::Store;

/// Most stores that wait to be freed. The pool has room for so many more than may run.
pub(crate) const MOST_LEAVING: u32 = 2;

/// The bytes that a store which waits may hold, since nobody counts them: a Rust guest's megabyte of
/// stack, its data, and a heap.
const LITTLE: usize = 2 << 20;

/// The most handles of the host that it may hold: standard streams, and what goes with a request.
const FEW: usize = 16;

/// The stores that wait.
pub(crate) struct Leaving(Arc<Semaphore>);

impl Leaving {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MOST_LEAVING as usize)))
    }

    /// Frees the store of an activation that is over. If it `may_wait`, reaching nothing outside and
    /// with no more of the pool than the average, that is when the task that asks has done what it can do.
    pub(crate) fn free(&self, mut store: Store<State>, slot: Slot, may_wait: bool) {
        let is_little =
            may_wait && store.data().meter.held() <= LITTLE && store.data_mut().holds_at_most(FEW);
        let place = is_little.then(|| Arc::clone(&self.0).try_acquire_owned());
        match place {
            Some(Ok(place)) => {
                store.data_mut().meter.give_all_back();
                drop(slot);
                tokio::spawn(async move {
                    drop(store);
                    drop(place);
                });
            }
            _ => {
                drop(store);
                // Last, when the pool has all of it back.
                drop(slot);
            }
        }
    }
}
