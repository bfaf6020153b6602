//! What activations hold: each has a meter, and the container's ledger has the
//! sum.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasmtime::ResourceLimiter;

/// What all activations of a container may hold together: its one memory limit is
/// the platform's for all of them.
#[derive(Debug)]
pub struct Ledger {
    limit: usize,
    held: AtomicUsize,
}

impl Ledger {
    /// A ledger for `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, held: AtomicUsize::new(0) }
    }

    /// The bytes that may be held.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The bytes that are held now.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: usize) -> bool {
        let fits = |held: usize| held.checked_add(bytes).filter(|held| *held <= self.limit);
        self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Counts an activation's memory as it grows, and says no at the limit.
///
/// A refused `memory.grow` is not a trap: the guest sees it fail, as the
/// WebAssembly specification has it, and mostly gives up by itself. What the
/// meter remembers is how that failure is then named.
#[derive(Debug)]
pub struct Meter {
    limit: usize,
    ledger: Arc<Ledger>,
    held: usize,
    growing: usize,
    refused: Option<Refused>,
}

/// A growth that the meter refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refused {
    /// The bytes that the activation would have held.
    pub wanted: NonZeroUsize,
    /// The bytes that others of the container held, if those were too many.
    pub others: Option<usize>,
}

/// Most entries of one table. A component of a dynamic language has some ten
/// thousand.
pub(crate) const MOST_TABLE_ENTRIES: usize = 1 << 20;

/// Most core instances, memories and tables of a component. One of a dynamic
/// language has about twenty, one and five; composing multiplies them.
pub(crate) const MOST_CORE_INSTANCES: u32 = 400;
pub(crate) const MOST_MEMORIES: u32 = 40;
pub(crate) const MOST_TABLES: u32 = 80;

impl Meter {
    /// A meter that ends at `limit` bytes, or where the ledger is full.
    pub fn new(limit: usize, ledger: &Arc<Ledger>) -> Self {
        Self { limit, ledger: Arc::clone(ledger), held: 0, growing: 0, refused: None }
    }

    /// Bytes held; nothing shrinks, so also the peak.
    pub fn held(&self) -> usize {
        self.held
    }

    /// What was refused last.
    pub fn refused(&self) -> Option<Refused> {
        self.refused
    }

    /// Counts so many bytes more, if that is within the limits.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let wanted = self.held.saturating_add(bytes);
        let within = wanted <= self.limit;
        if within && self.ledger.take(bytes) {
            self.held = wanted;
            self.growing = bytes;
            return true;
        }
        let others = within.then(|| self.ledger.held().saturating_sub(self.held));
        self.refused = NonZeroUsize::new(wanted).map(|wanted| Refused { wanted, others });
        false
    }

    /// The last growth was granted and then failed for another reason.
    fn give_back(&mut self) {
        let bytes = std::mem::take(&mut self.growing);
        self.held -= bytes;
        self.ledger.give_back(bytes);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.ledger.give_back(self.held);
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(desired.saturating_sub(current)))
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.give_back();
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let entry = size_of::<usize>();
        Ok(desired <= MOST_TABLE_ENTRIES
            && self.grow(desired.saturating_sub(current).saturating_mul(entry)))
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.give_back();
        Ok(())
    }

    fn instances(&self) -> usize {
        MOST_CORE_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        MOST_TABLES as usize
    }

    fn memories(&self) -> usize {
        MOST_MEMORIES as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(limit: usize) -> Meter {
        Meter::new(limit, &Arc::new(Ledger::new(usize::MAX)))
    }

    #[test]
    fn a_ledger_has_the_sum_and_gets_back_what_is_dropped() {
        let ledger = Arc::new(Ledger::new(1000));
        let (mut one, mut two) = (Meter::new(800, &ledger), Meter::new(800, &ledger));
        assert!(one.memory_growing(0, 700, None).expect("no trap"));
        assert!(!two.memory_growing(0, 400, None).expect("no trap"));
        let wanted = NonZeroUsize::new(400).expect("not 0");
        assert_eq!(two.refused(), Some(Refused { wanted, others: Some(700) }));
        drop(one);
        assert!(two.memory_growing(0, 400, None).expect("no trap"));
        assert_eq!(ledger.held(), 400);
        drop(two);
        assert_eq!(ledger.held(), 0);
    }

    #[test]
    fn the_meter_counts_all_memories_and_tables_together() {
        let mut meter = meter(1000);
        assert!(meter.memory_growing(0, 600, None).expect("no trap"));
        assert!(meter.table_growing(0, 10, None).expect("no trap"));
        assert!(!meter.memory_growing(0, 600, None).expect("no trap"));
        let wanted = NonZeroUsize::new(1280).expect("not 0");
        let refused = Refused { wanted, others: None };
        assert_eq!((meter.held(), meter.refused()), (680, Some(refused)));
    }

    #[test]
    fn g_03_a_guests_numbers_cannot_overflow_the_meter() {
        let mut meter = meter(1000);
        assert!(!meter.memory_growing(0, usize::MAX, None).expect("no trap"));
        assert!(!meter.table_growing(0, usize::MAX, None).expect("no trap"));
        assert!(meter.memory_growing(usize::MAX, usize::MAX, None).is_ok());
        assert_eq!(meter.held(), 0);
    }

    #[test]
    fn growth_that_fails_is_given_back_once() {
        let mut meter = meter(1000);
        assert!(meter.memory_growing(0, 600, None).expect("no trap"));
        let failed = || wasmtime::Error::msg("no address space");
        meter.memory_grow_failed(failed()).expect("no trap");
        meter.memory_grow_failed(failed()).expect("no trap");
        assert_eq!(meter.held(), 0);
    }
}
