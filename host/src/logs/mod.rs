//! What the guest wrote: collected, cut at the limit, framed with the sentinel.
//!
//! OpenWhisk waits for one sentinel on each stream after every `/run`, and holds
//! an activation's log to be what stands before it. So the host writes it, never
//! the guest: once on each stream, whatever became of the guest, and always
//! before the reply.

mod last_line;
mod sink;
mod stream;

use crate::protocol::{self, SENTINEL};
use last_line::LastLine;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use last_line::Line;
pub(crate) use sink::Record;
pub use sink::{ActivationLog, Sink};
pub use stream::LogStream;

/// One activation's stdout and stderr while it runs. Clones share both.
#[derive(Clone)]
pub struct Logs(Arc<Mutex<Collected>>);

struct Collected {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    limit: usize,
    room: usize,
    written: usize,
    truncated: bool,
    denials: usize,
    /// The last line of stdout, if it is to be more than a line of the log.
    last: Option<LastLine>,
}

/// How many denials a log tells: who was denied so much in one activation has read why.
const MOST_DENIALS: usize = 20;

/// One of the two streams.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Logs {
    /// Empty logs of at most `limit` bytes over both streams.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Mutex::new(Collected {
            stdout: Vec::new(),
            stderr: Vec::new(),
            limit,
            room: limit,
            written: 0,
            truncated: false,
            denials: 0,
            last: None,
        })))
    }

    /// Keeps the last line of stdout apart from now on, if it has at most `limit` bytes.
    pub(crate) fn keep_last_line(&self, limit: usize) {
        self.lock().last = Some(LastLine::new(limit));
    }

    /// The last line of stdout, if it was kept.
    pub(crate) fn kept(&self) -> Option<Line> {
        self.lock().last.as_ref().map(LastLine::line)
    }

    /// Forgets the line that was kept: it is the result and not in the log.
    pub(crate) fn forget_kept(&self) {
        self.lock().last = None;
    }

    /// The guest's end of a stream.
    pub fn stream(&self, stream: Stream) -> LogStream {
        LogStream { logs: self.clone(), stream }
    }

    /// Adds the host's own line to stderr: a hint for the developer.
    pub fn note(&self, line: &str) {
        let mut collected = self.lock();
        end_line(&mut collected.stderr);
        collected.stderr.extend_from_slice(line.as_bytes());
        collected.stderr.push(b'\n');
    }

    /// Adds a line about something that the guest was denied, or that failed outside of it. It
    /// may try again as often as it likes; the log says so a bounded number of times.
    pub fn denial(&self, line: &str) {
        let mut collected = self.lock();
        collected.denials += 1;
        let told = collected.denials;
        drop(collected);
        match told {
            ..=MOST_DENIALS => self.note(line),
            _ if told == MOST_DENIALS + 1 => self.note("further denials are not told"),
            _ => {}
        }
    }

    /// How many bytes the guest wrote, cut or not.
    pub fn written(&self) -> usize {
        let collected = self.lock();
        let kept = collected.last.as_ref().map_or(0, LastLine::held);
        collected.written.saturating_add(kept)
    }

    /// The last line on stderr that says something: why a guest without exceptions gave up.
    pub fn last_line(&self) -> Option<String> {
        let collected = self.lock();
        let mut lines = collected.stderr.rsplit(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let line = lines.find(|line| !line.is_empty() && !line.starts_with(BACKTRACE))?;
        let line = &line[..line.len().min(LONGEST_QUOTE)];
        Some(String::from_utf8_lossy(line).into_owned())
    }

    /// The end of stderr that a reply can hold, in whole lines where it has several.
    pub(crate) fn tail(&self) -> Option<String> {
        let collected = self.lock();
        let text = collected.stderr.trim_ascii();
        let mut tail = &text[text.len().saturating_sub(LONGEST_QUOTE)..];
        if tail.len() < text.len()
            && let Some(newline) = memchr::memchr(b'\n', tail)
        {
            tail = &tail[newline + 1..];
        }
        (!tail.is_empty()).then(|| String::from_utf8_lossy(tail).into_owned())
    }

    /// Both streams as the platform may see them: whole lines, cut as OpenWhisk
    /// says it, no sentinel among them. Empties the logs.
    pub fn take(&self) -> (Vec<u8>, Vec<u8>) {
        let mut collected = self.lock();
        if let Some(last) = collected.last.take() {
            collected.add(Stream::Stdout, &last.into_bytes());
        }
        if collected.truncated {
            let sentence = protocol::truncated_logs(collected.limit);
            end_line(&mut collected.stderr);
            collected.stderr.extend_from_slice(sentence.as_bytes());
        }
        let mut streams =
            (std::mem::take(&mut collected.stdout), std::mem::take(&mut collected.stderr));
        for stream in [&mut streams.0, &mut streams.1] {
            end_line(stream);
            defuse(stream);
        }
        streams
    }

    fn add(&self, stream: Stream, bytes: &[u8]) {
        let mut collected = self.lock();
        match &mut collected.last {
            Some(last) if stream == Stream::Stdout => {
                let before = last.push(bytes);
                collected.add(stream, &before);
            }
            _ => collected.add(stream, bytes),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collected {
    fn add(&mut self, stream: Stream, bytes: &[u8]) {
        let fits = bytes.len().min(self.room);
        self.room -= fits;
        self.written = self.written.saturating_add(bytes.len());
        self.truncated |= fits < bytes.len();
        match stream {
            Stream::Stdout => self.stdout.extend_from_slice(&bytes[..fits]),
            Stream::Stderr => self.stderr.extend_from_slice(&bytes[..fits]),
        }
    }
}

/// What Rust's standard library says after a panic's own words.
const BACKTRACE: &[u8] = b"note: run with `RUST_BACKTRACE=1`";

/// A quoted line is for a reply that a person reads.
const LONGEST_QUOTE: usize = 1000;

fn end_line(text: &mut Vec<u8>) {
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
}

/// Makes a sentinel that the guest wrote harmless: OpenWhisk searches for it
/// anywhere in a line.
fn defuse(text: &mut [u8]) {
    // Most activations write nothing, and to prepare a search costs more than to search.
    if text.len() < SENTINEL.len() {
        return;
    }
    let places: Vec<_> = memchr::memmem::find_iter(text, SENTINEL).collect();
    for place in places {
        text[place..place + SENTINEL.len()].make_ascii_lowercase();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(logs: &Logs) -> (String, String) {
        let (stdout, stderr) = logs.take();
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (text(stdout), text(stderr))
    }

    #[test]
    fn streams_end_with_a_line() {
        let logs = Logs::new(100);
        logs.add(Stream::Stdout, b"one\ntwo");
        logs.add(Stream::Stderr, b"three\n");
        assert_eq!(taken(&logs), ("one\ntwo\n".to_owned(), "three\n".to_owned()));
        assert_eq!(taken(&logs), (String::new(), String::new()));
    }

    #[test]
    fn g_08_a_log_over_its_limit_is_cut_in_the_platforms_words() {
        let logs = Logs::new(8);
        logs.add(Stream::Stdout, b"12345");
        logs.add(Stream::Stderr, b"6789");
        logs.add(Stream::Stdout, b"0");
        let sentence =
            "Logs were truncated because the total bytes size exceeds the limit of 8 bytes.";
        assert_eq!(taken(&logs), ("12345\n".to_owned(), format!("678\n{sentence}\n")));
    }

    #[test]
    fn g_08_a_guest_cannot_forge_a_sentinel() {
        let logs = Logs::new(1000);
        // In pieces, doubled with a shared end, and inside a line.
        let (start, end) = SENTINEL.split_at(11);
        logs.add(Stream::Stdout, start.as_bytes());
        logs.add(Stream::Stdout, end.as_bytes());
        logs.add(Stream::Stdout, &SENTINEL.as_bytes()["XXX".len()..]);
        logs.add(Stream::Stdout, format!("\na {SENTINEL} b").as_bytes());
        let (stdout, _) = taken(&logs);
        assert!(!stdout.contains(SENTINEL), "{stdout}");
        assert_eq!(stdout.lines().count(), 2);
    }

    #[test]
    fn the_last_line_is_quoted_without_blanks_and_not_endlessly() {
        let logs = Logs::new(1 << 20);
        assert_eq!(logs.last_line(), None);
        logs.add(Stream::Stderr, b"first\npanicked at src/lib.rs:1:2: no \xff\r\n\n");
        assert_eq!(logs.last_line().as_deref(), Some("panicked at src/lib.rs:1:2: no \u{fffd}"));
        logs.add(Stream::Stderr, b"boom\nnote: run with `RUST_BACKTRACE=1` environment variable\n");
        assert_eq!(logs.last_line().as_deref(), Some("boom"));
        logs.add(Stream::Stderr, &[b'x'; 5000]);
        assert_eq!(logs.last_line().map(|line| line.len()), Some(LONGEST_QUOTE));
    }

    #[test]
    fn g_08_denials_do_not_fill_the_log() {
        let logs = Logs::new(0);
        for number in 0..10 * MOST_DENIALS {
            logs.denial(&format!("denied {number}"));
        }
        let (_, stderr) = taken(&logs);
        let lines: Vec<_> = stderr.lines().collect();
        assert_eq!(lines.len(), MOST_DENIALS + 1);
        assert_eq!(lines[MOST_DENIALS - 1..], ["denied 19", "further denials are not told"]);
    }
}
