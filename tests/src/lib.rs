//! What WOW's tests, demo and benches share: a client with the habits of
//! OpenWhisk's invoker, the program `wow` as a child process, and guests, built
//! or written in place. Knows WOW only from outside.

#![allow(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a test that cannot go on panics"
)]

pub mod client;
pub mod dev;
pub mod executor;
pub mod footprint;
pub mod guests;
pub mod hostile;
pub mod invoker;
pub mod process;
pub mod shapes;
pub mod soak;
pub mod table;
pub mod waiting;
pub mod wat;

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Ends an activation's log on each stream.
pub const SENTINEL: &str = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX";

/// The longest wait for what must happen: a test that waits longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A text that one side writes and the other waits for.
#[derive(Clone, Debug, Default)]
pub struct Buffer(Arc<(Mutex<Vec<u8>>, Condvar)>);

impl Buffer {
    /// What was written so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.0.lock().unwrap()).into_owned()
    }

    /// Forgets what was written so far.
    pub fn clear(&self) {
        self.0.0.lock().unwrap().clear();
    }

    /// Waits until what was written is as `wanted`, and gives it.
    pub fn wait(&self, wanted: impl Fn(&str) -> bool) -> String {
        let (bytes, written) = &*self.0;
        let unwanted = |bytes: &mut Vec<u8>| !wanted(&String::from_utf8_lossy(bytes));
        let (bytes, _) =
            written.wait_timeout_while(bytes.lock().unwrap(), PATIENCE, unwanted).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(wanted(&text), "this was not written in time, but: {text}");
        text
    }

    /// Waits for an activation's sentinel and takes its log, without it.
    pub fn activation(&self) -> String {
        let text = self.wait(|text| text.contains(SENTINEL));
        let (log, rest) = text.split_once(&format!("{SENTINEL}\n")).expect("a line of its own");
        *self.0.0.lock().unwrap() = rest.as_bytes().to_vec();
        log.to_owned()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.0.lock().unwrap().extend_from_slice(bytes);
        self.0.1.notify_all();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
