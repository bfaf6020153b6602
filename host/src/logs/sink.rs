//! Where logs go: one activation's in one piece, framed with the sentinels.

use super::Logs;
use crate::protocol::SENTINEL;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Where activations' logs go. One activation's lines and its sentinels are
/// written in one piece, so that two activations never mix.
pub struct Sink(Mutex<Box<dyn Record>>);

/// Where logs are written: two streams, or a file.
pub(crate) trait Record: Send {
    /// Writes one activation's log, whole lines, and its sentinels.
    fn activation(&mut self, stdout: Vec<u8>, stderr: Vec<u8>) -> io::Result<()>;

    /// Writes a line on stderr that belongs to no activation.
    fn say(&mut self, sentence: &str) -> io::Result<()>;
}

struct Streams<O, E> {
    stdout: O,
    stderr: E,
}

impl<O: Write + Send, E: Write + Send> Record for Streams<O, E> {
    fn activation(&mut self, mut stdout: Vec<u8>, mut stderr: Vec<u8>) -> io::Result<()> {
        for stream in [&mut stdout, &mut stderr] {
            stream.extend_from_slice(SENTINEL.as_bytes());
            stream.push(b'\n');
        }
        self.stdout.write_all(&stdout)?;
        self.stdout.flush()?;
        self.stderr.write_all(&stderr)?;
        self.stderr.flush()
    }

    fn say(&mut self, sentence: &str) -> io::Result<()> {
        self.stderr.write_all(format!("{sentence}\n").as_bytes())?;
        self.stderr.flush()
    }
}

impl Sink {
    /// A sink of any two writers.
    pub fn new(stdout: impl Write + Send + 'static, stderr: impl Write + Send + 'static) -> Self {
        Self::of(Streams { stdout, stderr })
    }

    /// A sink of anything that records logs.
    pub(crate) fn of(record: impl Record + 'static) -> Self {
        Self(Mutex::new(Box::new(record)))
    }

    /// The process's own streams, which the platform collects.
    pub fn process() -> Self {
        Self::new(io::stdout(), io::stderr())
    }

    /// Writes a sentence for the developer that belongs to no activation.
    pub fn say(&self, sentence: &str) {
        self.write(|record| record.say(sentence));
    }

    fn write(&self, write: impl FnOnce(&mut dyn Record) -> io::Result<()>) {
        let mut record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Blocks on purpose: a reader that does not keep up slows its own container down,
        // and a line that is lost would cost the platform its two seconds of waiting.
        if let Err(cause) = write(&mut **record) {
            tracing::warn!(%cause, "an activation's log is lost");
        }
    }
}

/// The log of one activation. Dropped, it is written with its sentinels: also
/// when the activation panicked or its client went away.
pub struct ActivationLog {
    logs: Logs,
    sink: Arc<Sink>,
    last: Option<String>,
}

impl ActivationLog {
    /// An empty log of at most `limit` bytes over both streams.
    pub fn open(sink: &Arc<Sink>, limit: usize) -> Self {
        Self { logs: Logs::new(limit), sink: Arc::clone(sink), last: None }
    }

    /// What the activation writes to.
    pub fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Has `line` be the last on stderr, whatever was cut before it.
    pub fn end_with(&mut self, line: &impl fmt::Display) {
        self.last = Some(line.to_string());
    }

    /// Writes the log and its sentinels.
    pub fn close(self) {}
}

impl Drop for ActivationLog {
    fn drop(&mut self) {
        let (stdout, mut stderr) = self.logs.take();
        if let Some(line) = &self.last {
            stderr.extend_from_slice(line.as_bytes());
            stderr.push(b'\n');
        }
        self.sink.write(|record| record.activation(stdout, stderr));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::Stream;

    #[test]
    fn a_log_is_written_once_with_both_sentinels() {
        let (out, err) = (Shared::default(), Shared::default());
        let sink = Arc::new(Sink::new(out.clone(), err.clone()));
        let log = ActivationLog::open(&sink, 100);
        log.logs().stream(Stream::Stdout).logs.add(Stream::Stdout, b"hello");
        log.close();
        sink.say("refused");
        assert_eq!(out.text(), format!("hello\n{SENTINEL}\n"));
        assert_eq!(err.text(), format!("{SENTINEL}\nrefused\n"));
    }

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Shared {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("lock").clone()).expect("text")
        }
    }

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("lock").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
