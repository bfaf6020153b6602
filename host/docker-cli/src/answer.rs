//! What a command says and how it ends: standard output, standard error, the
//! exit status. OpenWhisk reads all three.

use std::io::Write as _;
use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    /// Data, exactly as docker prints it.
    pub(crate) stdout: String,
    /// Words for a person, and a container's own standard error in `logs`.
    pub(crate) stderr: String,
    /// The exit status.
    pub(crate) code: u8,
}

/// Why a command did nothing.
#[derive(Debug, PartialEq)]
pub(crate) struct Failure {
    /// A sentence.
    pub(crate) words: String,
    /// The exit status.
    pub(crate) code: u8,
}

impl Failure {
    /// As most of docker's commands fail.
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self { words: words.into(), code: 1 }
    }

    /// The same failure with another status.
    pub(crate) fn with(self, code: u8) -> Self {
        Self { code, ..self }
    }
}

impl Answer {
    /// Data and success.
    pub(crate) fn data(stdout: impl Into<String>) -> Self {
        Self { stdout: stdout.into(), ..Self::default() }
    }

    /// Adds what another part of the command said.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.stdout += &other.stdout;
        self.stderr += &other.stderr;
        self.code = self.code.max(other.code);
        self
    }

    /// Says it and ends.
    pub(crate) fn give(self) -> ExitCode {
        // Who has closed a stream does not want to hear it.
        let _ = std::io::stdout().write_all(self.stdout.as_bytes());
        let _ = std::io::stdout().flush();
        let _ = std::io::stderr().write_all(self.stderr.as_bytes());
        ExitCode::from(self.code)
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        let stderr = format!("wow-docker: {}\n", failure.words);
        Self { stdout: String::new(), stderr, code: failure.code }
    }
}
