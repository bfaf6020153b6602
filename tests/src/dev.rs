//! `wow dev` as a child process, in a project of its own.

use crate::Buffer;
use crate::client::{self, Reply};
use crate::process::{Ending, collect};
use std::net::SocketAddr;
use std::process::{Command, ExitStatus, Stdio};

/// `wow dev` on a free port of the loopback address.
pub struct Dev {
    /// What it says, and what its action prints.
    pub stderr: Buffer,
    child: Ending,
}

/// What it says when it serves another version.
const SERVED: &str = " is served: POST http://";

impl Dev {
    /// Starts it; `wow` has its folder and its environment.
    pub fn start(wow: &mut Command) -> Self {
        let mut child = wow
            .args(["dev", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("wow starts");
        let stderr = collect(child.stderr.take().expect("piped"));
        Self { stderr, child: Ending(child) }
    }

    /// Waits until it serves another version, and takes what it said: where it listens, the text.
    pub fn served(&self) -> (SocketAddr, String) {
        let text = self.said(SERVED);
        let (_, address) = text.rsplit_once(SERVED).expect("waited for it");
        (address.trim_end_matches("/\n").parse().expect("an address"), text)
    }

    /// Waits for whole lines with `part` in the last, and takes them.
    pub fn said(&self, part: &str) -> String {
        let is_last = |text: &str| text.lines().last().is_some_and(|line| line.contains(part));
        let text = self.stderr.wait(|text| text.ends_with('\n') && is_last(text));
        self.stderr.clear();
        text
    }

    /// Posts JSON as a person does.
    pub fn post(address: SocketAddr, body: &str) -> Reply {
        client::post(address, "/", body.as_bytes()).expect("a reply")
    }

    /// Presses Ctrl-C, and waits until it has ended.
    pub fn interrupt(mut self) -> ExitStatus {
        self.child.signal("-INT");
        self.child.wait()
    }
}
