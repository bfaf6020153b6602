//! Reads the wall clock, and the monotonic clock often enough to see it go back if it did.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use wow_action::Result;

const READINGS: usize = 1000;

#[derive(Deserialize)]
struct Input {}

#[derive(Serialize)]
struct Output {
    unix_ms: u128,
    monotonic_ms_elapsed: f64,
    monotonic_went_back: bool,
}

#[wow_action::main]
fn main(_: Input) -> Result<Output> {
    let unix_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let readings: Vec<Instant> = (0..READINGS).map(|_| Instant::now()).collect();
    Ok(Output {
        unix_ms,
        monotonic_ms_elapsed: (readings[READINGS - 1] - readings[0]).as_secs_f64() * 1000.0,
        monotonic_went_back: !readings.is_sorted(),
    })
}
