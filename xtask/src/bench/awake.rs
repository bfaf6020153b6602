//! Keeps the processors from halting while something is measured.
//!
//! A processor with nothing to do halts, and in a virtual machine it is the hypervisor that wakes
//! it again, several times in a first call (`docs/decisions/0017-…`). So the benches ask the kernel
//! to have them poll instead, for all that is compared alike, by its interface for who cannot wait
//! (`Documentation/power/pm_qos_interface.rst`), as `cyclictest` does. It ends with the process
//! that asked.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

/// Who holds it open with a number of microseconds has processors that wake sooner.
const LATENCY: &str = "/dev/cpu_dma_latency";

static HELD: Mutex<Option<File>> = Mutex::new(None);

/// Keeps them awake from now on.
pub(crate) fn keep() -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(LATENCY)?;
    file.write_all(&0_i32.to_ne_bytes())?;
    *HELD.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
    Ok(())
}

/// Lets them halt while `work` is done, whether or not they were kept awake before.
pub(crate) fn halting<T>(work: impl FnOnce() -> T) -> T {
    // Closed here, not when the work is done.
    let were_awake = HELD.lock().unwrap_or_else(PoisonError::into_inner).take().is_some();
    let done = work();
    if were_awake && let Err(cause) = keep() {
        eprintln!("== the processors halt again: {LATENCY}: {cause}");
    }
    done
}
