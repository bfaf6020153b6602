//! A stream into a file of the activation's own directory: what is written counts
//! against the quota first.

use super::quota::Share;
use crate::logs::Logs;
use bytes::Bytes;
use rustix::io::Errno;
use std::io;
use std::sync::Arc;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynOutputStream, OutputStream, Pollable, StreamError, StreamResult};

/// Writes to `stream` what `share` has room for.
pub(super) struct Counted {
    pub(super) stream: DynOutputStream,
    pub(super) share: Arc<Share>,
    /// Where the next byte goes; none at the end, wherever that is.
    pub(super) position: Option<u64>,
    /// Whether the last write may still be under way. One that is when the stream is
    /// dropped counts as such for good.
    pub(super) writing: bool,
    pub(super) path: String,
    pub(super) logs: Logs,
}

#[async_trait]
impl OutputStream for Counted {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let room = match self.position {
            Some(position) => self.share.write(position, length),
            None => self.share.append(length),
        };
        if let Err(exhausted) = room {
            self.logs.denial(&format!("write {} denied: `/tmp` is full: {exhausted}", self.path));
            // What wasmtime-wasi makes `insufficient-space` of.
            let full = io::Error::from_raw_os_error(Errno::NOSPC.raw_os_error());
            return Err(StreamError::LastOperationFailed(full.into()));
        }
        self.position = self.position.map(|position| position.saturating_add(length));
        if !std::mem::replace(&mut self.writing, true) {
            self.share.begin();
        }
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.stream.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        let permit = self.stream.check_write()?;
        // The stream takes more only when it is done with what it has.
        if permit > 0 && std::mem::replace(&mut self.writing, false) {
            self.share.finish();
        }
        Ok(permit)
    }

    async fn cancel(&mut self) {
        self.stream.cancel().await;
    }
}

#[async_trait]
impl Pollable for Counted {
    async fn ready(&mut self) {
        self.stream.ready().await;
    }
}
