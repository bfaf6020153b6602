//! What activations hold: each has a meter, and the container's ledger has the
//! sum.

use crate::error::Busy;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasmtime::ResourceLimiter;

/// What all activations of a container may hold together: its one memory limit is
/// the platform's for all of them. Containers of one host are within the host's.
#[derive(Debug)]
pub struct Ledger {
    limit: usize,
    held: AtomicUsize,
    host: Option<Arc<Ledger>>,
}

impl Ledger {
    /// A ledger for `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, held: AtomicUsize::new(0), host: None }
    }

    /// A ledger for `limit` bytes of those of a host.
    pub fn within(limit: usize, host: &Arc<Self>) -> Self {
        Self { host: Some(Arc::clone(host)), ..Self::new(limit) }
    }

    /// The bytes that may be held.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The bytes that are held now.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Whether an activation that starts with so many bytes has a chance.
    pub(super) fn has_room(&self, bytes: usize) -> Result<(), Busy> {
        let held = self.held();
        // Where nobody holds anything there is nothing to wait for: the meter will say no.
        if held > 0 && held.saturating_add(bytes) > self.limit {
            return Err(Busy::Memory { held, limit: self.limit });
        }
        match self.host.as_ref().map_or(Ok(()), |host| host.has_room(bytes)) {
            Err(Busy::Memory { held, limit }) => Err(Busy::Host { held, limit }),
            other => other,
        }
    }

    /// Counts so many bytes as held, or gives the ledger that has not got them.
    fn take(&self, bytes: usize) -> Result<(), &Self> {
        let fits = |held: usize| held.checked_add(bytes).filter(|held| *held <= self.limit);
        self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).map_err(|_| self)?;
        let Some(host) = &self.host else { return Ok(()) };
        host.take(bytes).inspect_err(|_| self.give_back_here(bytes))
    }

    fn give_back(&self, bytes: usize) {
        self.give_back_here(bytes);
        if let Some(host) = &self.host {
            host.give_back(bytes);
        }
    }

    fn give_back_here(&self, bytes: usize) {
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
    /// Who held too much, if it was not the activation itself.
    pub others: Option<Others>,
}

/// Others that hold memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Others {
    /// The container's other activations hold so many bytes.
    OfContainer(usize),
    /// The host's other activations hold so many of its bytes.
    OfHost {
        /// What they hold.
        held: usize,
        /// What there is.
        limit: usize,
    },
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
        let others = if wanted > self.limit {
            None
        } else {
            let Err(full) = self.ledger.take(bytes) else {
                self.held = wanted;
                self.growing = bytes;
                return true;
            };
            let held = full.held().saturating_sub(self.held);
            Some(if std::ptr::eq(full, &raw const *self.ledger) {
                Others::OfContainer(held)
            } else {
                Others::OfHost { held, limit: full.limit }
            })
        };
        self.refused = NonZeroUsize::new(wanted).map(|wanted| Refused { wanted, others });
        false
    }

    /// Counts nothing any more, for an activation that is over.
    pub(crate) fn give_all_back(&mut self) {
        self.ledger.give_back(std::mem::take(&mut self.held));
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
        self.give_all_back();
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
        let others = Some(Others::OfContainer(700));
        assert_eq!(two.refused(), Some(Refused { wanted, others }));
        drop(one);
        assert!(two.memory_growing(0, 400, None).expect("no trap"));
        assert_eq!(ledger.held(), 400);
        drop(two);
        assert_eq!(ledger.held(), 0);
    }

    #[test]
    fn containers_together_hold_no_more_than_their_host_has() {
        let host = Arc::new(Ledger::new(1000));
        let [one, two] = [800, 800].map(|limit| Arc::new(Ledger::within(limit, &host)));
        let (mut first, mut second) = (Meter::new(800, &one), Meter::new(800, &two));
        assert!(first.memory_growing(0, 700, None).expect("no trap"));
        assert!(!second.memory_growing(0, 400, None).expect("no trap"));
        let wanted = NonZeroUsize::new(400).expect("not 0");
        let others = Some(Others::OfHost { held: 700, limit: 1000 });
        assert_eq!(second.refused(), Some(Refused { wanted, others }));
        assert_eq!((two.held(), host.held()), (0, 700));
        assert_eq!(two.has_room(400), Err(Busy::Host { held: 700, limit: 1000 }));
        drop(first);
        assert!(second.memory_growing(0, 400, None).expect("no trap"));
        assert_eq!((one.held(), two.held(), host.held()), (0, 400, 400));
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
