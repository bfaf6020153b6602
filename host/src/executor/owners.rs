//! The invokers that containers belong to: when one has ended, whatever ended it, its
//! containers are orphans.

use super::Executor;
use anyhow::{Context as _, bail};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::collections::HashSet;
use std::fs;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The processes that are watched.
#[derive(Default)]
pub(super) struct Owners(Mutex<HashSet<u32>>);

impl Owners {
    /// Adds one; `false` if it is watched already.
    fn add(&self, owner: u32) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(owner)
    }

    fn forget(&self, owner: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&owner);
    }
}

/// Watches a process for the containers that name it as their owner; `caller` is who
/// said so, if the kernel could tell.
pub(super) fn watch(executor: &Arc<Executor>, owner: u32, caller: Option<i32>) {
    if !executor.owners.add(owner) {
        return;
    }
    let process = match open(owner, caller) {
        Ok(process) => process,
        Err(cause) => {
            // Not a reason to refuse the container: OpenWhisk cleans up when its invoker is back.
            tracing::warn!(owner, "an invoker cannot be watched, its orphans stay: {cause:#}");
            return executor.owners.forget(owner);
        }
    };
    let executor = Arc::clone(executor);
    tokio::spawn(async move {
        if let Some(process) = process
            // Readable when the process has ended (`pidfd_open(2)`).
            && let Err(cause) = process.readable().await
        {
            tracing::warn!(owner, %cause, "an invoker is no longer watched");
            return executor.owners.forget(owner);
        }
        executor.owners.forget(owner);
        executor.reap(owner);
    });
}

/// The process, or nothing if it has ended.
fn open(owner: u32, caller: Option<i32>) -> anyhow::Result<Option<AsyncFd<OwnedFd>>> {
    // In another namespace the number is another process's.
    let caller = caller.filter(|caller| *caller > 0).context("its process is not visible here")?;
    let namespace = |process: &str| fs::read_link(format!("/proc/{process}/ns/pid"));
    // Of another user's process the kernel does not tell: mostly it is the same.
    if let (Ok(theirs), Ok(ours)) = (namespace(&caller.to_string()), namespace("self"))
        && theirs != ours
    {
        bail!("it is in another process namespace");
    }
    let id = i32::try_from(owner).ok().and_then(Pid::from_raw).context("it is no process id")?;
    let process = match pidfd_open(id, PidfdFlags::empty()) {
        Err(Errno::SRCH) => return Ok(None),
        process => process.context("it cannot be opened")?,
    };
    #[expect(
        deprecated,
        reason = "its replacement is unsafe, for those whose descriptor others may close: this is ours"
    )]
    let process = AsyncFd::with_interest(process, Interest::READABLE);
    process.map(Some).context("cannot wait for it")
}
