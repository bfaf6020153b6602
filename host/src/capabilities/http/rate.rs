//! How fast the bodies of all activations of a host move together. What comes too
//! early waits: nothing fails of it, and a connection holds one piece meanwhile.

use bytes::Bytes;
use hyper::body::Frame;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::time::Sleep;

/// What nobody used for so long may be used at once.
const BURST: Duration = Duration::from_millis(100);

/// The bytes of a host's bodies, both ways, against the clock.
pub(super) struct Rate {
    per_second: u64,
    /// When all that was counted has had its time.
    paid: Mutex<Instant>,
}

impl Rate {
    pub(super) fn new(per_second: u64) -> Self {
        Self { per_second, paid: Mutex::new(Instant::now()) }
    }

    /// Counts bytes that are there now. How long they wait.
    fn count(&self, bytes: usize, now: Instant) -> Duration {
        let nanoseconds = bytes as u128 * 1_000_000_000 / u128::from(self.per_second.max(1));
        let time = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let start = (*paid).max(now.checked_sub(BURST).unwrap_or(now));
        // Where the clock ends nobody waits any more.
        *paid = start.checked_add(time).unwrap_or(start);
        paid.saturating_duration_since(now)
    }
}

/// A body's next piece, until its time has come.
#[derive(Default)]
pub(super) struct Turn(Option<(Frame<Bytes>, Pin<Box<Sleep>>)>);

impl Turn {
    /// Whether a piece waits.
    pub(super) fn is_taken(&self) -> bool {
        self.0.is_some()
    }

    /// Counts a piece, and gives it back in its time.
    pub(super) fn poll_pass(
        &mut self,
        rate: &Rate,
        frame: Frame<Bytes>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Frame<Bytes>>> {
        let wait = rate.count(frame.data_ref().map_or(0, Bytes::len), Instant::now());
        if wait.is_zero() {
            return Poll::Ready(Some(frame));
        }
        self.0 = Some((frame, Box::pin(tokio::time::sleep(wait))));
        self.poll(context)
    }

    /// The piece that waited, if one does.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Frame<Bytes>>> {
        if let Some((_, wait)) = &mut self.0 {
            ready!(wait.as_mut().poll(context));
        }
        Poll::Ready(self.0.take().map(|(frame, _)| frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_09_bytes_wait_for_those_that_were_counted_before_whoever_moved_them() {
        let rate = Rate::new(1000);
        let start = Instant::now() + Duration::from_secs(60);
        let wait = |bytes, ms| rate.count(bytes, start + Duration::from_millis(ms)).as_millis();
        // A tenth of a second was saved, however long nobody moved anything.
        assert_eq!([wait(100, 0), wait(100, 0), wait(0, 0), wait(50, 0)], [0, 100, 100, 150]);
        assert_eq!([wait(0, 100), wait(100, 150)], [50, 100]);
        assert_eq!([wait(100, 60_000), wait(1, 60_000)], [0, 1]);
    }

    #[test]
    fn e_09_the_smallest_rate_and_the_largest_piece_do_not_overflow() {
        let now = Instant::now();
        for rate in [Rate::new(0), Rate::new(1), Rate::new(u64::MAX)] {
            rate.count(usize::MAX, now);
            rate.count(usize::MAX, now);
            rate.count(usize::MAX, now);
        }
    }
}
