//! The last line of a stream that is not over yet. Knows bytes, not what they say.

use crate::outcome::EXCERPT;

/// Holds the last line back while it may be the last, and gives what comes before it.
pub(super) struct LastLine {
    /// The longest line in bytes that is held.
    limit: usize,
    held: Vec<u8>,
    /// The line's length so far, with its end.
    length: usize,
    /// Whether its end has come: what comes now is another line.
    ended: bool,
    /// What a line begins with that is too long to be held.
    start: Vec<u8>,
}

/// The last line.
#[derive(Debug, PartialEq)]
pub(crate) enum Line {
    Held(Vec<u8>),
    /// It was longer than the limit: its length and how it begins.
    TooLong(usize, Vec<u8>),
}

impl LastLine {
    /// Of an empty stream. A line of more than `limit` bytes is not held.
    pub(super) fn new(limit: usize) -> Self {
        let (held, start) = (Vec::new(), Vec::new());
        Self { limit, held, length: 0, ended: false, start }
    }

    /// Takes what was written, and gives what is not of the last line, or too long.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut released = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.ended {
                released.append(&mut self.held);
                self.length = 0;
            }
            self.ended = part.ends_with(b"\n");
            let fit = self.length <= self.limit;
            self.length = self.length.saturating_add(part.len());
            if self.text_length() <= self.limit {
                self.held.extend_from_slice(part);
                continue;
            }
            if fit {
                self.start.clone_from(&self.held);
                self.start.extend_from_slice(part);
                self.start.truncate(EXCERPT);
            }
            released.append(&mut self.held);
            released.extend_from_slice(part);
        }
        released
    }

    /// The last line without its end.
    pub(super) fn line(&self) -> Line {
        let text = self.held.strip_suffix(b"\n").unwrap_or(&self.held);
        match self.text_length() {
            length if length > self.limit => Line::TooLong(length, self.start.clone()),
            _ => Line::Held(text.to_vec()),
        }
    }

    /// How many bytes are held.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// What is held.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.held
    }

    fn text_length(&self) -> usize {
        self.length - usize::from(self.ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was given and what the last line is, of a stream in these pieces.
    fn split(pieces: &[&str], limit: usize) -> (String, Line) {
        let mut last = LastLine::new(limit);
        let given: Vec<_> = pieces.iter().flat_map(|piece| last.push(piece.as_bytes())).collect();
        (String::from_utf8(given).expect("text"), last.line())
    }

    fn held(line: &str) -> Line {
        Line::Held(line.as_bytes().to_vec())
    }

    #[test]
    fn the_last_line_is_held_however_it_comes() {
        for pieces in [
            &["one\ntwo\nthree\n"][..],
            &["one\n", "two\n", "three\n"],
            &["o", "ne", "\nt", "wo", "\nthree", "\n"],
            &["one\ntwo\nthr", "ee"],
        ] {
            assert_eq!(split(pieces, 100), ("one\ntwo\n".to_owned(), held("three")), "{pieces:?}");
        }
        assert_eq!(split(&[], 100), (String::new(), held("")));
        // An empty line is the last, as it is for OpenWhisk's own images.
        assert_eq!(split(&["one\n\n"], 100), ("one\n".to_owned(), held("")));
    }

    #[test]
    fn g_07_a_line_that_is_too_long_is_not_held_but_measured() {
        assert_eq!(split(&["1234\n"], 4), (String::new(), held("1234")));
        let long = Line::TooLong(7, b"12345".to_vec());
        assert_eq!(split(&["12345", "67"], 4), ("1234567".to_owned(), long));
        assert_eq!(split(&["123", "45\n"], 4).1, Line::TooLong(5, b"12345\n".to_vec()));
        // It was not the last.
        assert_eq!(split(&["123456", "7\n8"], 4), ("1234567\n".to_owned(), held("8")));
        let flood = "x".repeat(1 << 20);
        let (given, line) = split(&[&flood, &flood], 1 << 10);
        assert_eq!((given.len(), line), (2 << 20, Line::TooLong(2 << 20, vec![b'x'; EXCERPT])));
    }
}
