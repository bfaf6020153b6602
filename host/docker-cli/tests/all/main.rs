//! `wow-docker` from outside: what OpenWhisk types, word for word, and what it reads
//! of the answer. An executor that the test plays stands behind it, so that every
//! request can be looked at.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod asks;
mod containers;
mod executor;
mod logs;
mod passes;
mod run;
mod runc;

use executor::Executor;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// `wow-docker` as an operator installs it, its configuration beside it.
struct Installed {
    folder: TempDir,
}

/// What a command said and how it ended.
type Said = (i32, String, String);

impl Installed {
    /// For an executor, with more lines of configuration.
    fn with(executor: &Executor, more: &str) -> Self {
        let socket = executor.socket();
        Self::configured(&format!("socket = '{}'\nlog = 'LOG'\n{more}", socket.display()))
    }

    /// With a whole configuration, in which `LOG` is the file of its log.
    fn configured(text: &str) -> Self {
        let folder = TempDir::new_in(programs()).unwrap();
        let log = folder.path().join("log");
        let text = text.replace("LOG", log.to_str().unwrap());
        fs::write(folder.path().join("wow-docker.toml"), text).unwrap();
        for name in ["docker", "runc", "docker-runc"] {
            fs::hard_link(env!("CARGO_BIN_EXE_wow-docker"), folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Its configuration, as its hints name it.
    fn configuration(&self) -> String {
        self.path().join("wow-docker.toml").display().to_string()
    }

    /// Types `docker` and more.
    fn docker(&self, arguments: &[&str]) -> Said {
        self.program("docker", arguments)
    }

    fn program(&self, name: &str, arguments: &[&str]) -> Said {
        let output = Command::new(self.path().join(name)).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// What it wrote down for the operator, without the time.
    fn log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path().join("log")).unwrap_or_default();
        let lines = text.lines().map(|line| line.split_once(' ').unwrap().1.to_owned());
        lines.collect()
    }

    /// Puts a program beside it that says its name and its arguments and ends with a
    /// status, and gives its path.
    fn script(&self, name: &str, status: u8) -> String {
        let path = self.path().join(name);
        let text = format!("#!/bin/sh\necho \"{name}: $*\"\nexit {status}\n");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    /// Changes its configuration.
    fn reconfigure(&self, more: &str) {
        let path = self.path().join("wow-docker.toml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{text}\n{more}\n")).unwrap();
    }
}

/// Where the programs are: a hard link does not cross file systems.
fn programs() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_wow-docker")).parent().unwrap()
}

/// Success with nothing but data.
fn data(stdout: &str) -> Said {
    (0, stdout.to_owned(), String::new())
}

/// A failure with nothing but words.
fn words(status: i32, stderr: &str) -> Said {
    (status, String::new(), format!("wow-docker: {stderr}\n"))
}
