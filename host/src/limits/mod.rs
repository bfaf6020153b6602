//! What one activation may use, and what it used.

mod admission;
mod memory;
mod ticker;
mod time;

pub(crate) use admission::{Admission, Slot};
pub use memory::{Ledger, Meter, Others, Refused};
pub(crate) use memory::{MOST_CORE_INSTANCES, MOST_MEMORIES, MOST_TABLE_ENTRIES, MOST_TABLES};
pub(crate) use ticker::Ticker;
pub use time::{Deadline, Stopwatch};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The bounds of one activation. `docs/limits.md` has them all.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most bytes that its linear memories and tables may hold together.
    pub memory: usize,
    /// Longest that it may run where the platform sets no deadline.
    pub timeout: Duration,
    /// Most processor time, if less than the time that it may run.
    pub cpu: Option<Duration>,
    /// Longest result in bytes (`whisk.activation.payload.max`).
    pub result: usize,
    /// Longest log in bytes, over both streams.
    pub log: usize,
}

/// What the activations of one container may use, each and together.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// The bounds of each.
    pub limits: Limits,
    /// What they hold together.
    pub ledger: Arc<Ledger>,
}

impl Allowance {
    /// An allowance of which one activation may hold all memory.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ledger: Arc::new(Ledger::new(limits.memory)) }
    }

    /// The same, of what a host has for all its containers.
    pub fn within(limits: Limits, host: &Arc<Ledger>) -> Self {
        Self { limits, ledger: Arc::new(Ledger::within(limits.memory, host)) }
    }
}

/// Deepest stack of a guest, wasmtime's default.
pub(crate) const WASM_STACK: usize = 512 << 10;

/// Most things of the host that a guest may hold at once: pollables, streams,
/// fields, requests. wasmtime has none.
pub(crate) const MOST_HANDLES: usize = 10_000;

/// Most handles of all kinds, those of a guest's own resources included. They are the host's memory as
/// well, 32 bytes each; wasmtime's default.
pub(crate) const MOST_OWN_HANDLES: usize = 100_000;

/// Most directories that are read at once, as programs do that walk through them: the host holds all
/// names of each.
pub(crate) const MOST_LISTINGS: usize = 16;

/// Most files that are read at once by streams: the host holds up to 64 KB of each. Streams that are read
/// from elsewhere count as well.
pub(crate) const MOST_READERS: usize = 256;

/// Most random bytes in one call: the host makes them before the guest has them.
pub(crate) const MOST_RANDOM: u64 = 1 << 20;

/// Most bytes of one set of HTTP headers.
pub(crate) const MOST_HEADERS: usize = 64 << 10;

/// What an activation used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bill {
    /// Processor time of the thread that ran it, the host's calls for it included.
    pub cpu: Duration,
    /// From its admission to its outcome.
    pub wall: Duration,
    /// Most bytes of linear memories and tables that it held.
    pub memory: usize,
    /// Bytes of its parameters.
    pub input: usize,
    /// Bytes of its outcome.
    pub output: usize,
    /// Bytes of its log, before it was cut.
    pub log: usize,
}

impl fmt::Display for Bill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cpu, wall, memory, input, output, log } = self;
        let ms = |time: &Duration| time.as_secs_f64() * 1000.0;
        let (cpu, wall) = (ms(cpu), ms(wall));
        write!(
            f,
            "bill: cpu {cpu:.3} ms, wall {wall:.3} ms, memory {memory} B, in {input} B, out {output} \
             B, log {log} B"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_is_one_line() {
        let bill = Bill {
            cpu: Duration::from_micros(42),
            wall: Duration::from_micros(1500),
            memory: 1_114_112,
            input: 14,
            output: 26,
            log: 0,
        };
        let line =
            "bill: cpu 0.042 ms, wall 1.500 ms, memory 1114112 B, in 14 B, out 26 B, log 0 B";
        assert_eq!(bill.to_string(), line);
    }
}
