//! An activation's two clocks: the wall's, which ends it before the platform gives
//! up, and its own processor time.

use rustix::time::{ClockId, clock_gettime};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

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

/// The processor time of one activation: what the thread that polls it uses while
/// it does. Work that other threads do for it, such as file calls, is not in it.
///
/// To read the thread's clock takes a system call of a microsecond, a tenth of a
/// short activation. So an activation is timed by the wall's clock until its first
/// tick, and by the thread's from there on: what is counted too much is what others
/// took of its first millisecond of work.
#[derive(Debug, Default)]
pub struct Stopwatch {
    /// Nanoseconds that are counted already.
    used: AtomicU64,
    /// Since when they are not, in nanoseconds of the clock that counts.
    since: AtomicU64,
    /// Whether the first tick has come.
    ticked: AtomicBool,
}

/// The most that is counted when the first tick comes: ticks come every millisecond, and what
/// a late one leaves out is not more than it is late.
const FIRST_TICK: Duration = Duration::from_millis(2);

impl Stopwatch {
    /// The time used so far. To be asked by a tick, where the activation runs, or after it.
    pub fn used(&self) -> Duration {
        Duration::from_nanos(self.used.load(Ordering::Relaxed))
    }

    /// Counts what was used since the last time: from here on by the thread's clock.
    pub(crate) fn tick(&self) {
        let now = thread_time();
        let used = if self.ticked.swap(true, Ordering::Relaxed) {
            now.saturating_sub(self.since.load(Ordering::Relaxed))
        } else {
            let most = u64::try_from(FIRST_TICK.as_nanos()).unwrap_or(u64::MAX);
            wall_time().saturating_sub(self.since.load(Ordering::Relaxed)).min(most)
        };
        self.since.store(now, Ordering::Relaxed);
        self.used.fetch_add(used, Ordering::Relaxed);
    }

    /// Times `work` while it is polled.
    pub async fn time<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        std::future::poll_fn(|context| {
            self.since.store(self.now(), Ordering::Relaxed);
            let polled = work.as_mut().poll(context);
            // By the clock that counts now: a tick has set `since` anew.
            let used = self.now().saturating_sub(self.since.load(Ordering::Relaxed));
            self.used.fetch_add(used, Ordering::Relaxed);
            polled
        })
        .await
    }

    fn now(&self) -> u64 {
        if self.ticked.load(Ordering::Relaxed) { thread_time() } else { wall_time() }
    }
}

/// What this thread has used of a processor since it began, in nanoseconds.
fn thread_time() -> u64 {
    nanoseconds(ClockId::ThreadCPUTime)
}

/// The time since the machine started, in nanoseconds.
fn wall_time() -> u64 {
    nanoseconds(ClockId::Monotonic)
}

fn nanoseconds(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_not_the_walls() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let stopwatch = Stopwatch::default();
        let (asleep, work) = (Duration::from_millis(100), Duration::from_millis(20));
        runtime.expect("runtime").block_on(stopwatch.time(async {
            // Waits, and is not polled meanwhile.
            tokio::time::sleep(asleep).await;
            let start = thread_time();
            while u128::from(thread_time() - start) < work.as_nanos() {
                stopwatch.tick();
            }
            assert!(stopwatch.used() >= work - FIRST_TICK);
            // Is kept from its processor in the middle of a poll, and in another one.
            std::thread::sleep(asleep);
            tokio::task::yield_now().await;
            std::thread::sleep(asleep);
        }));
        let used = stopwatch.used();
        assert!(used >= work - FIRST_TICK && used < asleep, "{used:?}");
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
}
