//! A container's log as Docker's `json-file` driver writes it, which is what
//! OpenWhisk's log stores read.

use super::container::time;
use crate::logs::Record;
use crate::protocol::SENTINEL;
use rustix::fs::{FallocateFlags, fallocate};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The longest piece of a line in one record, as Docker cuts them.
const PIECE: usize = 16 << 10;

/// What the kernel frees at once.
const BLOCK: u64 = 4096;

/// Most of a log that is looked through for one answer.
pub(crate) const LARGEST_WINDOW: u64 = 16 << 20;

/// Writes to the file, which is there. Opened for each activation: so many
/// containers need no descriptors, and to open it takes two microseconds.
pub(crate) struct JsonLog {
    path: PathBuf,
    /// How much of the end is kept, in bytes.
    kept: u64,
    end: u64,
    freed: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    log: &'a str,
    stream: &'a str,
    time: &'a str,
}

impl JsonLog {
    pub(crate) fn new(path: PathBuf, kept: u64) -> Self {
        Self { path, kept, end: 0, freed: 0 }
    }

    fn append(&mut self, text: &[u8]) -> io::Result<()> {
        let mut file = match OpenOptions::new().append(true).open(&self.path) {
            // The container was removed: nobody reads any more.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        file.write_all(text)?;
        self.end += text.len() as u64;
        self.free(&file);
        Ok(())
    }

    /// Gives the disk back what is older than what is kept. Readers go by the byte, so
    /// the file stays as long as it is.
    fn free(&mut self, file: &File) {
        let old = self.end.saturating_sub(self.kept) / BLOCK * BLOCK;
        // Not for every block.
        if old < self.freed + self.kept / 2 + BLOCK {
            return;
        }
        let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        if let Err(cause) = fallocate(file, hole, self.freed, old - self.freed) {
            tracing::warn!(%cause, "the old part of a container's log stays on disk");
        }
        self.freed = old;
    }
}

impl Record for JsonLog {
    fn activation(&mut self, stdout: Vec<u8>, stderr: Vec<u8>) -> io::Result<()> {
        let now = time(SystemTime::now());
        let mut text = Vec::with_capacity(256 + 2 * (stdout.len() + stderr.len()));
        for (stream, lines) in [("stdout", &stdout), ("stderr", &stderr)] {
            add(&mut text, lines, stream, &now)?;
        }
        // Both at the end: some readers stop at the first, and would miss the other stream.
        let sentinel = format!("{SENTINEL}\n");
        for stream in ["stdout", "stderr"] {
            add(&mut text, sentinel.as_bytes(), stream, &now)?;
        }
        self.append(&text)
    }

    fn say(&mut self, sentence: &str) -> io::Result<()> {
        let mut text = Vec::new();
        let sentence = format!("{sentence}\n");
        add(&mut text, sentence.as_bytes(), "stderr", &time(SystemTime::now()))?;
        self.append(&text)
    }
}

/// Adds whole lines as records.
fn add(text: &mut Vec<u8>, lines: &[u8], stream: &str, time: &str) -> io::Result<()> {
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        let mut rest = &*line;
        while !rest.is_empty() {
            // A character has four bytes at most, so there is an end in the last four.
            let end = (0..=rest.len().min(PIECE)).rev().find(|end| rest.is_char_boundary(*end));
            let (piece, others) = rest.split_at(end.unwrap_or(rest.len()));
            serde_json::to_writer(&mut *text, &Line { log: piece, stream, time })?;
            text.push(b'\n');
            rest = others;
        }
    }
    Ok(())
}

/// The records from one time to another, both included, as a JSON array, oldest
/// first. Reads the end of a file that is longer than [`LARGEST_WINDOW`].
pub(crate) fn window(
    path: &Path,
    since: Option<SystemTime>,
    until: Option<SystemTime>,
) -> io::Result<String> {
    #[derive(Deserialize)]
    struct Time<'a> {
        #[serde(borrow)]
        time: Cow<'a, str>,
    }
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(LARGEST_WINDOW);
    file.seek(SeekFrom::Start(start))?;
    let mut text = Vec::new();
    file.take(LARGEST_WINDOW).read_to_end(&mut text)?;
    // Times of this form sort as texts.
    let (since, until) = (since.map(time), until.map(time));
    let mut lines = String::from("[");
    for line in text.split(|byte| *byte == b'\n') {
        // What was cut at the front, or given back to the disk, is not JSON.
        let Ok(line) = serde_json::from_slice::<&RawValue>(line) else { continue };
        let Ok(Time { time }) = serde_json::from_str(line.get()) else { continue };
        let early = since.as_deref().is_some_and(|since| *time < *since);
        let late = until.as_deref().is_some_and(|until| *time > *until);
        if !early && !late {
            lines += if lines.len() == 1 { "" } else { "," };
            lines += line.get();
        }
    }
    lines.push(']');
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::os::unix::fs::MetadataExt as _;
    use std::time::{Duration, UNIX_EPOCH};

    fn log(kept: u64) -> (tempfile::TempDir, PathBuf, JsonLog) {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("json.log");
        File::create(&path).expect("file");
        (folder, path.clone(), JsonLog::new(path, kept))
    }

    fn records(path: &Path) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(path).expect("text");
        let record = |line: &str| {
            let value: Value = serde_json::from_str(line).expect("JSON");
            let field = |name: &str| value[name].as_str().expect("text").to_owned();
            let time = field("time");
            assert!(time.ends_with('Z') && time.len() == 30, "{time}");
            (field("stream"), field("log"))
        };
        text.lines().map(record).collect()
    }

    #[test]
    fn a_record_is_a_line_and_both_sentinels_are_last() {
        let (_folder, path, mut log) = log(1 << 20);
        log.activation(b"one\n\"two\"\xff\n".to_vec(), b"three\n".to_vec()).expect("written");
        log.say("refused").expect("written");
        let sentinel = format!("{SENTINEL}\n");
        let expected = [
            ("stdout", "one\n"),
            ("stdout", "\"two\"\u{fffd}\n"),
            ("stderr", "three\n"),
            ("stdout", &sentinel),
            ("stderr", &sentinel),
            ("stderr", "refused\n"),
        ];
        assert_eq!(records(&path), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn a_long_line_is_cut_where_docker_cuts_it_and_never_in_a_character() {
        let (_folder, path, mut log) = log(1 << 20);
        let line = "x".to_owned() + &"\u{2744}".repeat(10_000) + "\n";
        log.activation(line.clone().into_bytes(), Vec::new()).expect("written");
        let records = records(&path);
        let pieces: Vec<_> = records.iter().map(|(_, log)| log.as_str()).collect();
        assert_eq!(pieces[..2].concat(), line);
        assert_eq!(pieces.iter().map(|piece| piece.len()).max(), Some(PIECE));
    }

    #[test]
    fn what_is_old_is_given_back_and_the_file_stays_as_long_as_it_is() {
        let (_folder, path, mut log) = log(64 << 10);
        let line = "x".repeat(1000) + "\n";
        for _ in 0..1000 {
            log.activation(line.clone().into_bytes(), Vec::new()).expect("written");
        }
        let file = std::fs::metadata(&path).expect("file");
        assert!(file.len() > 1_000_000, "{} bytes", file.len());
        assert!(file.blocks() * 512 < 128 << 10, "{} bytes on disk", file.blocks() * 512);
        let lines: Vec<Value> =
            serde_json::from_str(&window(&path, None, None).expect("read")).expect("JSON");
        assert!((100..400).contains(&lines.len()), "{} lines are left", lines.len());
    }

    #[test]
    fn a_window_has_both_its_ends() {
        let (_folder, path, mut log) = log(1 << 20);
        let second = |n| UNIX_EPOCH + Duration::from_secs(n);
        for n in 1..=4 {
            let mut text = Vec::new();
            add(&mut text, format!("{n}\n").as_bytes(), "stdout", &time(second(n))).expect("added");
            log.append(&text).expect("written");
        }
        let lines = window(&path, Some(second(2)), Some(second(3))).expect("read");
        let expected = r#"[{"log":"2\n","stream":"stdout","time":"1970-01-01T00:00:02.000000000Z"},{"log":"3\n","stream":"stdout","time":"1970-01-01T00:00:03.000000000Z"}]"#;
        assert_eq!(lines, expected);
        assert_eq!(window(&path, Some(second(5)), None).expect("read"), "[]");
    }

    #[test]
    fn the_log_of_a_container_that_was_removed_is_lost_in_silence() {
        let (folder, _path, mut log) = log(1 << 20);
        drop(folder);
        log.activation(Vec::new(), Vec::new()).expect("no error");
    }
}
