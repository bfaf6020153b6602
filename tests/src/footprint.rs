//! What a process holds, as the kernel counts it (`proc(5)`).

use crate::{PATIENCE, client};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

/// What a process holds at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Footprint {
    /// Resident memory in KiB: the sum over all mappings, which is exact, where
    /// `status` is not.
    pub resident: u64,
    /// Open file descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
}

impl Footprint {
    /// What the process holds now.
    pub fn of(id: u32) -> io::Result<Self> {
        Ok(Self {
            resident: number(&format!("/proc/{id}/smaps_rollup"), "Rss:")?,
            descriptors: fs::read_dir(format!("/proc/{id}/fd"))?.count().try_into().unwrap(),
            threads: number(&format!("/proc/{id}/status"), "Threads:")?,
        })
    }

    /// What a server holds that has all its threads: it starts one for a connection that finds all
    /// others with one, up to one a processor. `address` is one of its own.
    pub fn at_work(address: SocketAddr, id: u32) -> io::Result<Self> {
        let processors = thread::available_parallelism()?.get();
        let half = || client::send(address, b"POST /run HTTP/1.1\r\n");
        let open: Vec<_> = (0..2 * processors).map(|_| half()).collect::<Result<_, _>>()?;
        // Those before it were accepted.
        client::get(address, "/")?;
        let full = Self::of(id)?;
        let left = full.descriptors.saturating_sub(open.len().try_into().expect("some"));
        drop(open);
        let start = Instant::now();
        loop {
            let now = Self::of(id)?;
            if now.descriptors <= left {
                return Ok(now);
            }
            if start.elapsed() > PATIENCE / 3 {
                return Err(io::Error::other(format!(
                    "it has {now:?}, and not {left} descriptors"
                )));
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until the process holds no more than before, but for so many KiB: what
    /// an activation held is given back after its answer.
    pub fn settles(before: &Self, id: u32, slack: u64) {
        let start = Instant::now();
        loop {
            let now = Self::of(id).expect("the process is alive");
            if now.is_within(before, slack) {
                return;
            }
            assert!(start.elapsed() < PATIENCE / 3, "it held {before:?}, and now {now:?}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether this is no more than `before`, but for so many KiB.
    pub fn is_within(&self, before: &Self, slack: u64) -> bool {
        self.resident <= before.resident + slack
            && self.descriptors <= before.descriptors
            && self.threads <= before.threads
    }
}

/// The number after a field's name.
fn number(file: &str, field: &str) -> io::Result<u64> {
    let text = fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("{file} has no {field}")))
}
