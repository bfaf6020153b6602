//! The invokers that containers belong to: when one has ended, whatever ended it, its
//! containers are orphans.

use super::Executor;
use anyhow::{Context as _, bail};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::collections::HashSet;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The processes that are watched.
#[derive(Default)]
pub(super) struct Owners(Mutex<HashSet<u32>>);

/// Watches a process for the containers that name it as their owner; `caller` is who
/// said so, if the kernel could tell.
pub(super) fn watch(executor: &Arc<Executor>, owner: u32, caller: Option<i32>) {
    let watched = |executor: &Executor| {
        let Owners(owners) = &executor.owners;
        owners.lock().unwrap_or_else(PoisonError::into_inner).insert(owner)
    };
    if !watched(executor) {
        return;
    }
    let opened = open(owner, caller);
    let executor = Arc::clone(executor);
    let forget = move |executor: &Executor| {
        let Owners(owners) = &executor.owners;
        owners.lock().unwrap_or_else(PoisonError::into_inner).remove(&owner);
    };
    let process = match opened {
        Ok(process) => process,
        Err(cause) => {
            // Not a reason to refuse the container: OpenWhisk cleans up when its invoker is back.
            tracing::warn!(owner, "an invoker cannot be watched, its orphans stay: {cause:#}");
            return forget(&executor);
        }
    };
    tokio::spawn(async move {
        // Readable when the process has ended (`pidfd_open(2)`).
        let ended = process.readable().await.map(drop);
        forget(&executor);
        match ended {
            Ok(()) => executor.reap(owner),
            Err(cause) => tracing::warn!(owner, %cause, "an invoker is no longer watched"),
        }
    });
}

fn open(owner: u32, caller: Option<i32>) -> anyhow::Result<AsyncFd<std::os::fd::OwnedFd>> {
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
    let process = pidfd_open(id, PidfdFlags::empty()).context("there is no such process")?;
    #[expect(
        deprecated,
        reason = "its replacement is unsafe, for those whose descriptor others may close: this is ours"
    )]
    AsyncFd::with_interest(process, Interest::READABLE).context("cannot wait for it")
}
