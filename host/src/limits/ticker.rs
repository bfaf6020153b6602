//! What makes a busy guest look at the clock.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;
use wasmtime::{Engine, EngineWeak};

/// How often a busy guest is interrupted to let others run and to look at its
/// deadline.
const TICK: Duration = Duration::from_millis(1);

/// How often the ticker looks for an activation while none runs: one that begins between
/// two looks is first interrupted at the next.
const LOOK: Duration = Duration::from_millis(5);

/// How often it looks before it sleeps: a sequence of short activations does not pay for
/// waking it each time.
const LOOKS: u32 = 20;

/// Advances the engine's epoch while activations run, and sleeps while none do.
///
/// It is a thread of the operating system: a task of the runtime whose only
/// worker runs a busy guest would never tick.
pub(crate) struct Ticker {
    shared: Arc<Ticking>,
    thread: OnceLock<Thread>,
}

struct Ticking {
    running: AtomicUsize,
    asleep: AtomicBool,
}

impl Ticker {
    /// Starts the thread. It ends when the engine does.
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
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
    pub(crate) fn run(&self) -> Running<'_> {
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
pub(crate) struct Running<'a>(&'a Ticking);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

fn tick(engine: &EngineWeak, ticking: &Ticking) {
    // Nothing runs yet.
    let mut looks = LOOKS;
    loop {
        if ticking.running.load(Ordering::SeqCst) > 0 {
            looks = 0;
            thread::sleep(TICK);
        } else if looks < LOOKS {
            looks += 1;
            thread::sleep(LOOK);
        } else {
            // `run` counts first and then looks whether we sleep; we say so first and then
            // look at the count: one of the two sees the other.
            ticking.asleep.store(true, Ordering::SeqCst);
            if ticking.running.load(Ordering::SeqCst) == 0 {
                thread::park();
            }
            ticking.asleep.store(false, Ordering::SeqCst);
            // Whoever woke us may have ended already, and be the first of many.
            looks = 0;
        }
        let Some(engine) = engine.upgrade() else { return };
        engine.increment_epoch();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

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

    #[test]
    fn a_short_activation_keeps_the_ticker_awake_for_those_that_follow() {
        let engine = Engine::new(&wow_engine::config()).expect("engine");
        let ticker = Ticker::start(&engine).expect("thread");
        let asleep = || ticker.shared.asleep.load(Ordering::SeqCst);
        while !asleep() {
            thread::yield_now();
        }
        let woken = Instant::now();
        drop(ticker.run());
        assert!(!asleep());
        while !asleep() {
            thread::yield_now();
        }
        assert!(woken.elapsed() >= LOOK * LOOKS, "{:?}", woken.elapsed());
    }
}
