//! What the host counts, for Prometheus. Knows no HTTP.
//!
//! | metric | type | what |
//! |---|---|---|
//! | `wow_activations_total{outcome}` | counter | `/run`s by what came of them: `success`, `application_error`, `action_error`, `busy`, `bad_request`, `refused`, `draining`, `gone` without its container, `removed` with it, `host_error`; `abandoned` if the client went away |
//! | `wow_inits_total{outcome}` | counter | `/init`s, likewise |
//! | `wow_limit_strikes_total{limit}` | counter | activations that a limit ended: `memory`, `time`, `cpu_time`, `handles` |
//! | `wow_activation_wall_seconds` | histogram | from admission to outcome |
//! | `wow_activation_memory_bytes` | histogram | peak of linear memories and tables |
//! | `wow_activation_cpu_seconds_total` | counter | processor time of the threads that ran them |
//! | `wow_activation_bytes_total{direction}` | counter | `in`: parameters, `out`: outcomes, `log`: what was logged, before it was cut |
//! | `wow_init_seconds` | histogram | from the body of `/init` to its answer |
//! | `wow_slots` | gauge | average activations that can run at once |
//! | `wow_slots_taken` | gauge | of those, how many are taken now |
//! | `wow_containers{state}` | gauge | containers: `created` without an action, `running`, `paused` |
//! | `wow_containers_created_total` | counter | containers since the start |
//! | `wow_containers_removed_total` | counter | of those, how many were removed |
//! | `wow_memory_limit_bytes` | gauge | what all activations may hold together |
//! | `wow_memory_held_bytes` | gauge | what they hold now |
//! | `wow_components_loaded` | gauge | components that are mapped, and not asleep |
//! | `wow_cache_lookups_total{result}` | counter | entries of the cache: `hit`, `miss`, `rejected` if one could not be used |
//! | `wow_cache_authenticated` | gauge | entries that this process has authenticated |
//! | `wow_cache_write_errors_total` | counter | entries that could not be written |
//! | `wow_cache_evictions_total` | counter | entries removed for their age or for want of room |
//! | `wow_build_info{version,engine}` | gauge | 1; the version and the engine key |
//!
//! No label has a name that a user chose: there is no end of those, and they are
//! nobody else's business.

use crate::activation::Outcome;
use crate::container::{Containers, Counts};
use crate::error::{ActionError, Error};
use crate::library::Library;
use crate::limits::{Bill, Ledger};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// One label and its value.
type Label = [(&'static str, &'static str); 1];

/// All metrics of a host.
pub struct Metrics {
    registry: Registry,
    activations: Family<Label, Counter>,
    inits: Family<Label, Counter>,
    strikes: Family<Label, Counter>,
    wall: Histogram,
    memory: Histogram,
    cpu: Counter<f64, AtomicU64>,
    bytes: Family<Label, Counter>,
    init: Histogram,
}

impl Metrics {
    /// Metrics that begin at zero; what there is is asked for when they are read.
    pub(crate) fn new(
        library: &Arc<Library>,
        ledger: &Arc<Ledger>,
        containers: &Arc<dyn Containers>,
    ) -> Self {
        let metrics = Self {
            registry: Registry::default(),
            activations: Family::default(),
            inits: Family::default(),
            strikes: Family::default(),
            // From 10 us to 5 minutes, from 64 KB to 4 GB, from 0.1 ms to 100 s: by factors of
            // four, since a bucket costs a line at every reading.
            wall: Histogram::new(exponential_buckets(1e-5, 4.0, 13)),
            memory: Histogram::new(exponential_buckets(65_536.0, 4.0, 9)),
            cpu: Counter::default(),
            bytes: Family::default(),
            init: Histogram::new(exponential_buckets(1e-4, 4.0, 11)),
        };
        let Self { activations, inits, strikes, wall, memory, cpu, bytes, init, .. } = &metrics;
        let mut registry = Registry::with_prefix("wow");
        registry.register("activations", "Runs by outcome", activations.clone());
        registry.register("inits", "Inits by outcome", inits.clone());
        registry.register("limit_strikes", "Activations that a limit ended", strikes.clone());
        registry.register("activation_wall_seconds", "From admission to outcome", wall.clone());
        registry.register("activation_memory_bytes", "Peak memory", memory.clone());
        registry.register("activation_cpu_seconds", "Processor time", cpu.clone());
        registry.register("activation_bytes", "Bytes in, out and logged", bytes.clone());
        registry.register("init_seconds", "From an init's body to its answer", init.clone());
        registry.register_collector(Box::new(State {
            library: Arc::clone(library),
            ledger: Arc::clone(ledger),
            containers: Arc::clone(containers),
        }));
        Self { registry, ..metrics }
    }

    /// Counts a `/run` from here on.
    pub(crate) fn activation(&self) -> Counted<'_> {
        Counted { family: &self.activations, outcome: "abandoned" }
    }

    /// Counts and times an `/init` from here on.
    pub(crate) fn init(&self) -> (Counted<'_>, Timed<'_>) {
        let timed = Timed { histogram: &self.init, start: Instant::now() };
        (Counted { family: &self.inits, outcome: "abandoned" }, timed)
    }

    /// Adds what an activation took.
    pub(crate) fn bill(&self, bill: &Bill) {
        self.wall.observe(bill.wall.as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "a memory has at most 2^32 bytes")]
        self.memory.observe(bill.memory as f64);
        self.cpu.inc_by(bill.cpu.as_secs_f64());
        for (direction, bytes) in [("in", bill.input), ("out", bill.output), ("log", bill.log)] {
            self.bytes.get_or_create(&[("direction", direction)]).inc_by(bytes as u64);
        }
    }

    /// Counts a limit that ended an activation.
    pub(crate) fn strike(&self, limit: &'static str) {
        self.strikes.get_or_create(&[("limit", limit)]).inc();
    }

    /// All of them in OpenMetrics' text format.
    pub(crate) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// A request that is counted when it ends, however it does.
pub(crate) struct Counted<'a> {
    family: &'a Family<Label, Counter>,
    outcome: &'static str,
}

impl Counted<'_> {
    /// Says what came of it.
    pub(crate) fn outcome(&mut self, outcome: &'static str) {
        self.outcome = outcome;
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.family.get_or_create(&[("outcome", self.outcome)]).inc();
    }
}

/// A time that is observed when it ends.
pub(crate) struct Timed<'a> {
    histogram: &'a Histogram,
    start: Instant,
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        self.histogram.observe(self.start.elapsed().as_secs_f64());
    }
}

/// What an activation is counted as.
pub(crate) fn outcome(outcome: &Result<Outcome, Error>) -> &'static str {
    match outcome {
        Ok(Outcome::Success(_)) => "success",
        Ok(Outcome::ApplicationError(_)) => "application_error",
        Err(error) => failure(error),
    }
}

/// What an error is counted as.
pub(crate) fn failure(error: &Error) -> &'static str {
    match error {
        Error::BadRequest(_) | Error::TooLarge { .. } => "bad_request",
        Error::Refused(_) | Error::Paused => "refused",
        Error::Gone | Error::NoContainer => "gone",
        Error::Removed => "removed",
        Error::Action(_) => "action_error",
        Error::Busy(_) => "busy",
        Error::Draining => "draining",
        Error::Host(_) => "host_error",
    }
}

/// The limit that an error speaks of, if it does.
pub(crate) fn limit(error: &Error) -> Option<&'static str> {
    match error {
        Error::Action(ActionError::Memory) => Some("memory"),
        Error::Action(ActionError::Deadline { .. }) => Some("time"),
        Error::Action(ActionError::Cpu { .. }) => Some("cpu_time"),
        Error::Action(ActionError::Handles) => Some("handles"),
        _ => None,
    }
}

/// What is asked only when somebody reads it.
struct State {
    library: Arc<Library>,
    ledger: Arc<Ledger>,
    containers: Arc<dyn Containers>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State")
    }
}

impl State {
    fn containers(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let Counts { created, running, paused, made, removed } = self.containers.counts();
        let gauge = |count: usize| ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX));
        let (name, help, none) = ("containers", "Containers by state", gauge(0));
        let mut lines = encoder.encode_descriptor(name, help, None, none.metric_type())?;
        for (state, count) in [("created", created), ("running", running), ("paused", paused)] {
            gauge(count).encode(lines.encode_family(&[("state", state)])?)?;
        }
        for (name, help, count) in [
            ("containers_created", "Containers made", made),
            ("containers_removed", "Containers removed", removed),
        ] {
            let counter = ConstCounter::new(count);
            let lines = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(lines)?;
        }
        Ok(())
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: usize) -> fmt::Result {
    let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
}

impl Collector for State {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let admission = &self.library.machinery().admission;
        let gauges = [
            ("slots", "Slots for activations", admission.most() as usize),
            ("slots_taken", "Slots taken", admission.taken()),
            ("memory_limit_bytes", "Memory for activations", self.ledger.limit()),
            ("memory_held_bytes", "Memory held", self.ledger.held()),
            ("components_loaded", "Components mapped", self.library.loaded()),
        ];
        for (name, help, value) in gauges {
            gauge(&mut encoder, name, help, value)?;
        }
        self.containers(&mut encoder)?;
        if let Some(cache) = self.library.cache() {
            let authenticated = cache.authenticated();
            gauge(&mut encoder, "cache_authenticated", "Entries authenticated", authenticated)?;
            let counts = cache.counts();
            let counter = |count: &AtomicU64| ConstCounter::new(count.load(Ordering::Relaxed));
            let lookups = counter(&counts.hits);
            let (name, help) = ("cache_lookups", "Look-ups in the cache");
            let mut lines = encoder.encode_descriptor(name, help, None, lookups.metric_type())?;
            for (result, count) in
                [("hit", &counts.hits), ("miss", &counts.misses), ("rejected", &counts.rejected)]
            {
                counter(count).encode(lines.encode_family(&[("result", result)])?)?;
            }
            for (name, help, count) in [
                ("cache_write_errors", "Entries not written", &counts.write_errors),
                ("cache_evictions", "Entries removed", &counts.evicted),
            ] {
                let counter = counter(count);
                let lines = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
                counter.encode(lines)?;
            }
        }
        let info = ConstGauge::new(1_i64);
        let (name, help) = ("build_info", "What runs");
        let mut line = encoder.encode_descriptor(name, help, None, info.metric_type())?;
        let engine = self.library.engine().to_string();
        let labels = [("version", env!("CARGO_PKG_VERSION")), ("engine", engine.as_str())];
        info.encode(line.encode_family(&labels)?)
    }
}
