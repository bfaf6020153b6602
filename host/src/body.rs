//! A request's body as one piece of memory. Knows HTTP's frames, not what they say.

use crate::Error;
use crate::pages;
use anyhow::Context as _;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use memmap2::MmapMut;
use std::time::Duration;

/// The largest body: OpenWhisk accepts 48 MB of base64 for the code (`Exec.scala`)
/// and some for the environment.
pub(crate) const LARGEST_BODY: usize = 80 << 20;
/// The longest wait for it.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads a body that may have at most [`LARGEST_BODY`] bytes.
pub(crate) async fn read(body: Incoming) -> Result<Bytes, Error> {
    tokio::time::timeout(READ_TIMEOUT, collect(body)).await.unwrap_or_else(|_| {
        let seconds = READ_TIMEOUT.as_secs();
        Err(Error::BadRequest(format!("the body did not come within {seconds} s")))
    })
}

async fn collect(mut body: Incoming) -> Result<Bytes, Error> {
    // Without a Content-Length nothing is announced and it grows.
    let length = body.size_hint().exact();
    let announced = length.unwrap_or(0).try_into().unwrap_or(usize::MAX);
    if announced > LARGEST_BODY {
        return Err(too_large());
    }
    let mut memory = Memory::default();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|e| Error::BadRequest(format!("the body broke off: {e}")))?;
        let Ok(data) = frame.into_data() else { continue };
        // Most bodies are one frame: there is nothing to put together.
        if length == Some(data.len() as u64) {
            return Ok(data);
        }
        memory.append(&data, announced)?;
    }
    Ok(memory.whole())
}

/// What has come so far.
enum Memory {
    Heap(BytesMut),
    Pages { pages: MmapMut, filled: usize },
}

impl Default for Memory {
    fn default() -> Self {
        Self::Heap(BytesMut::new())
    }
}

impl Memory {
    fn append(&mut self, data: &[u8], announced: usize) -> Result<(), Error> {
        if let Self::Heap(heap) = self
            && heap.is_empty()
            && let Some(pages) = pages::take(announced).context("no memory for a body")?
        {
            *self = Self::Pages { pages, filled: 0 };
        }
        match self {
            Self::Heap(heap) => {
                if data.len() > LARGEST_BODY - heap.len() {
                    return Err(too_large());
                }
                if heap.is_empty() {
                    heap.reserve(announced);
                }
                heap.extend_from_slice(data);
                Ok(())
            }
            Self::Pages { pages, filled } => {
                // hyper sees to it that no body is longer than its Content-Length.
                let room = pages.get_mut(*filled..*filled + data.len()).ok_or_else(too_large)?;
                room.copy_from_slice(data);
                *filled += data.len();
                Ok(())
            }
        }
    }

    fn whole(self) -> Bytes {
        match self {
            Self::Heap(heap) => heap.freeze(),
            Self::Pages { pages, filled } => pages::share(pages, filled),
        }
    }
}

fn too_large() -> Error {
    Error::TooLarge { limit: LARGEST_BODY }
}
