//! Who may start: an answer at once when there is no room, never a queue.

use super::Ledger;
use crate::error::Busy;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The slots of the engine's pool, before the pool: it is never found empty.
#[derive(Debug)]
pub(crate) struct Admission {
    slots: Arc<Semaphore>,
    most: u32,
}

/// Room for one activation until it is dropped: after its store, but for the few of [`crate::leaving`].
pub(crate) type Slot = OwnedSemaphorePermit;

impl Admission {
    /// So many average activations at once.
    pub(crate) fn new(most: u32) -> Self {
        Self { slots: Arc::new(Semaphore::new(most as usize)), most }
    }

    /// Lets an activation in that takes `share` slots and starts with `memory` bytes.
    pub(crate) fn enter(&self, share: u32, memory: usize, ledger: &Ledger) -> Result<Slot, Busy> {
        ledger.has_room(memory)?;
        let slots = Arc::clone(&self.slots);
        slots.try_acquire_many_owned(share.min(self.most)).map_err(|_| Busy::Slots(self.most))
    }

    /// How many slots are taken.
    pub(crate) fn taken(&self) -> usize {
        (self.most as usize).saturating_sub(self.slots.available_permits())
    }

    /// How many slots there are.
    pub(crate) fn most(&self) -> u32 {
        self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Meter;
    use wasmtime::ResourceLimiter as _;

    #[test]
    fn o_03_who_finds_no_slot_or_no_memory_is_told_which() {
        let (admission, ledger) = (Admission::new(3), Arc::new(Ledger::new(1000)));
        let first = admission.enter(2, 0, &ledger).expect("room");
        assert_eq!(admission.enter(2, 0, &ledger).expect_err("full"), Busy::Slots(3));
        assert_eq!(admission.taken(), 2);
        drop(first);
        // One that takes more than there is runs alone.
        drop(admission.enter(10, 0, &ledger).expect("room"));
        let mut meter = Meter::new(1000, &ledger);
        drop(admission.enter(1, 2000, &ledger).expect("the meter will say no"));
        assert!(meter.memory_growing(0, 600, None).expect("no trap"));
        let busy = admission.enter(1, 500, &ledger).expect_err("full");
        assert_eq!(busy, Busy::Memory { held: 600, limit: 1000 });
    }
}
