//! What one activation may use: the meter counts memory and says no, the
//! deadline is a clock, the ticker makes a busy guest look at it.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant, SystemTime};
use wasmtime::{Engine, EngineWeak, ResourceLimiter};

/// How often a busy guest is interrupted to let others run and to look at its
/// deadline.
const TICK: Duration = Duration::from_millis(1);

/// How long the ticker goes on after the last activation: a sequence of short
/// ones does not pay for waking it each time.
const TICKS_WHEN_IDLE: u32 = 100;

/// The bounds of one activation. `docs/limits.md` has them all.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most bytes that its linear memories and tables may hold together.
    pub memory: usize,
    /// Longest that it may run where the platform sets no deadline.
    pub timeout: Duration,
    /// Longest result in bytes (`whisk.activation.payload.max`).
    pub result: usize,
    /// Longest log in bytes, over both streams.
    pub log: usize,
}

/// When an activation ends, whatever it does.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// When it is ended: some time before the platform gives up.
    pub end: Instant,
    /// The time that the platform gave it, for the message.
    pub limit: Duration,
}

/// The most that is kept back of an activation's time to answer before the
/// platform stops listening, which would cost the warm container.
const LARGEST_MARGIN: Duration = Duration::from_millis(250);

/// OpenWhisk's users choose limits in such steps: what a request's way took of
/// the last one is put back for the message.
const LIMIT_STEP: Duration = Duration::from_millis(100);

impl Deadline {
    /// A deadline that the platform set, seen at `now`.
    pub fn at(deadline: SystemTime, now: SystemTime) -> Self {
        let left = deadline.duration_since(now).unwrap_or_default();
        let steps = left.as_millis().div_ceil(LIMIT_STEP.as_millis());
        let limit = LIMIT_STEP.saturating_mul(steps.try_into().unwrap_or(u32::MAX));
        Self { end: end(left), limit }
    }

    /// A deadline of our own.
    pub fn after(limit: Duration) -> Self {
        Self { end: end(limit), limit }
    }

    /// Whether it has come.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }
}

fn end(left: Duration) -> Instant {
    /// No timer reaches further; a guest cannot wait longer.
    const FAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let margin = LARGEST_MARGIN.min(left / 10);
    Instant::now() + (left - margin).min(FAR)
}

/// Counts an activation's memory as it grows, and says no at the limit.
///
/// A refused `memory.grow` is not a trap: the guest sees it fail, as the
/// WebAssembly specification has it, and mostly gives up by itself. What the
/// meter remembers is how that failure is then named.
#[derive(Debug)]
pub struct Meter {
    limit: usize,
    held: usize,
    growing: usize,
    refused: Option<NonZeroUsize>,
}

/// Most entries of one table. A component of a dynamic language has some ten
/// thousand.
const MOST_TABLE_ENTRIES: usize = 1 << 20;

impl Meter {
    /// A meter that ends at `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, held: 0, growing: 0, refused: None }
    }

    /// Bytes held; nothing shrinks, so also the peak.
    pub fn held(&self) -> usize {
        self.held
    }

    /// What the activation would have held, had the meter not said no.
    pub fn refused(&self) -> Option<usize> {
        self.refused.map(NonZeroUsize::get)
    }

    fn grow(&mut self, bytes: usize) -> bool {
        let held = self.held.saturating_add(bytes);
        let fits = held <= self.limit;
        if fits {
            self.held = held;
            self.growing = bytes;
        } else {
            self.refused = NonZeroUsize::new(held);
        }
        fits
    }

    /// The last growth was granted and then failed for another reason.
    fn give_back(&mut self) {
        self.held -= std::mem::take(&mut self.growing);
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

    // A composed component of a dynamic language has about ten of each.
    fn instances(&self) -> usize {
        1000
    }

    fn tables(&self) -> usize {
        1000
    }

    fn memories(&self) -> usize {
        100
    }
}

/// Advances the engine's epoch while activations run, and sleeps while none do.
///
/// It is a thread of the operating system: a task of the runtime whose only
/// worker runs a busy guest would never tick.
pub struct Ticker {
    shared: Arc<Ticking>,
    thread: OnceLock<Thread>,
}

struct Ticking {
    running: AtomicUsize,
    asleep: AtomicBool,
}

impl Ticker {
    /// Starts the thread. It ends when the engine does.
    pub fn start(engine: &Engine) -> std::io::Result<Self> {
        let shared =
            Arc::new(Ticking { running: AtomicUsize::new(0), asleep: AtomicBool::new(false) });
        let (engine, ticking) = (engine.weak(), Arc::clone(&shared));
        let handle = thread::Builder::new()
            .name("ticker".to_owned())
            .spawn(move || tick(&engine, &ticking))?;
        let thread = OnceLock::from(handle.thread().clone());
        Ok(Self { shared, thread })
    }

    /// Ticks until what it returns is dropped.
    pub fn run(&self) -> Running<'_> {
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        if self.shared.asleep.swap(false, Ordering::SeqCst)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
        Running(&self.shared)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

/// An activation that needs ticks.
pub struct Running<'a>(&'a Ticking);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

fn tick(engine: &EngineWeak, ticking: &Ticking) {
    let mut idle = 0;
    while let Some(engine) = engine.upgrade() {
        engine.increment_epoch();
        drop(engine);
        idle = if ticking.running.load(Ordering::SeqCst) > 0 { 0 } else { idle + 1 };
        if idle < TICKS_WHEN_IDLE {
            thread::sleep(TICK);
            continue;
        }
        // `run` counts first and then looks whether we sleep; we say so first and then look
        // at the count: one of the two sees the other.
        ticking.asleep.store(true, Ordering::SeqCst);
        if ticking.running.load(Ordering::SeqCst) == 0 {
            thread::park();
        }
        ticking.asleep.store(false, Ordering::SeqCst);
        idle = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meter_counts_all_memories_and_tables_together() {
        let mut meter = Meter::new(1000);
        assert!(meter.memory_growing(0, 600, None).expect("no trap"));
        assert!(meter.table_growing(0, 10, None).expect("no trap"));
        assert!(!meter.memory_growing(0, 600, None).expect("no trap"));
        assert_eq!((meter.held(), meter.refused()), (680, Some(1280)));
    }

    #[test]
    fn g_03_a_guests_numbers_cannot_overflow_the_meter() {
        let mut meter = Meter::new(1000);
        assert!(!meter.memory_growing(0, usize::MAX, None).expect("no trap"));
        assert!(!meter.table_growing(0, usize::MAX, None).expect("no trap"));
        assert!(meter.memory_growing(usize::MAX, usize::MAX, None).is_ok());
        assert_eq!(meter.held(), 0);
    }

    #[test]
    fn growth_that_fails_is_given_back_once() {
        let mut meter = Meter::new(1000);
        assert!(meter.memory_growing(0, 600, None).expect("no trap"));
        let failed = || wasmtime::Error::msg("no address space");
        meter.memory_grow_failed(failed()).expect("no trap");
        meter.memory_grow_failed(failed()).expect("no trap");
        assert_eq!(meter.held(), 0);
    }

    #[test]
    fn a_deadline_keeps_a_margin_and_names_the_limit_that_the_user_chose() {
        let now = SystemTime::now();
        for (left, margin, limit) in
            [(59_993, 250, 60_000), (2_000, 200, 2_000), (97, 9, 100), (60_001, 250, 60_100)]
        {
            let deadline = Deadline::at(now + Duration::from_millis(left), now);
            assert_eq!(deadline.limit, Duration::from_millis(limit), "{left}");
            let end = deadline.end.saturating_duration_since(Instant::now());
            assert!(end <= Duration::from_millis(left - margin), "{left}: {end:?}");
        }
        assert!(Deadline::at(now - Duration::from_secs(1), now).is_over());
        assert!(!Deadline::at(now + Duration::from_secs(u32::MAX.into()), now).is_over());
        assert!(!Deadline::after(Duration::MAX).is_over());
    }

    #[test]
    fn the_ticker_wakes_for_an_activation_and_sleeps_after_it() {
        let engine = Engine::new(&wow_engine::config()).expect("engine");
        let ticker = Ticker::start(&engine).expect("thread");
        let asleep = || ticker.shared.asleep.load(Ordering::SeqCst);
        for _ in 0..3 {
            while !asleep() {
                thread::yield_now();
            }
            let running = ticker.run();
            assert!(!asleep());
            drop(running);
        }
    }
}
