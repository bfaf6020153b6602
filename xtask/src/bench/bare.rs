//! The bare server as a child process.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use wow_tests::Buffer;

/// A hyper server that reads what it is sent and gives one answer.
pub(crate) struct Bare {
    pub(crate) address: SocketAddr,
    child: Child,
}

/// What it answers, to whatever it is sent.
pub(crate) const ANSWER: &str = r#"{"ok":true}"#;

/// Its name in tables.
pub(crate) const NAME: &str = "a bare hyper server";

impl Bare {
    pub(crate) fn start(program: &Path) -> Self {
        let mut child = Command::new(program)
            .arg(ANSWER)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the bare server starts");
        let stdout = Buffer::default();
        let (mut pipe, mut writer) = (child.stdout.take().expect("piped"), stdout.clone());
        std::thread::spawn(move || std::io::copy(&mut pipe, &mut writer));
        let line = stdout.wait(|text| text.ends_with('\n'));
        Self { address: line.trim().parse().expect("an address"), child }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
