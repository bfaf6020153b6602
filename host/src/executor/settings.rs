//! What an executor can be told beside what every host can.

use super::addresses::Range;
use crate::capabilities::Own;
use crate::cgroup;
use crate::config::{self, Config};
use anyhow::{Context as _, ensure};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// What can be set, in the file by the flag's name without its dashes.
#[derive(clap::Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// The control socket [default: /run/wow/executor.sock]
    #[arg(long, env = "WOW_SOCKET", value_name = "FILE")]
    socket: Option<PathBuf>,

    /// Where each container has its folder [default: /containers]
    #[arg(long, env = "WOW_CONTAINERS", value_name = "FOLDER")]
    containers: Option<PathBuf>,

    /// The addresses of containers [default: 127.64.0.0/10]
    #[arg(long, env = "WOW_RANGE", value_name = "NETWORK/BITS")]
    range: Option<String>,

    /// Memory of all containers' activations in MB [default: three quarters of the control group's
    /// limit, or of the machine's memory]
    #[arg(long, env = "WOW_MEMORY_TOTAL", value_name = "MB")]
    memory_total: Option<usize>,

    /// How much of each container's log stays on disk in MB [default: 64]
    #[arg(long, env = "WOW_LOG_KEPT", value_name = "MB")]
    log_kept: Option<u64>,

    /// How much of the cache is authenticated before anybody asks for it, in MB [default: 1024]
    #[arg(long, env = "WOW_READ_AHEAD", value_name = "MB")]
    read_ahead: Option<u64>,

    /// The images whose containers this executor has, patterns with commas [default: wow/*]
    #[arg(long, env = "WOW_IMAGES", value_name = "PATTERNS", value_delimiter = ',')]
    images: Option<Vec<String>>,

    /// Where to serve the endpoints of WOW's ancestor [default: nowhere]
    #[arg(long, env = "WOW_ANCESTOR", value_name = "ADDRESS:PORT")]
    ancestor: Option<SocketAddr>,
}

/// The settings' names in a file.
const KEYS: [&str; 8] = [
    "socket",
    "containers",
    "range",
    "memory-total",
    "log-kept",
    "read-ahead",
    "images",
    "ancestor",
];

/// A configuration that cannot be wrong.
pub(crate) struct Executor {
    pub(crate) host: Config,
    pub(crate) socket: PathBuf,
    pub(crate) containers: PathBuf,
    pub(crate) range: Range,
    /// In bytes.
    pub(crate) memory: usize,
    /// In bytes.
    pub(crate) log_kept: u64,
    /// In bytes.
    pub(crate) read_ahead: u64,
    pub(crate) images: Vec<String>,
    pub(crate) ancestor: Option<SocketAddr>,
}

impl Executor {
    /// What guests must not reach, whatever the operator opened: where this process
    /// listens, and its containers. Those with a port of their own are on the last of
    /// the networks.
    pub(crate) fn own(&self, mut listeners: Vec<SocketAddr>) -> Own {
        listeners.extend(self.ancestor);
        Own { listeners, containers: vec![self.range.into(), PUBLISHED.into()], ..Own::nothing() }
    }

    /// The folders that it writes to, made if they are not there.
    pub(crate) fn folders(&self) -> anyhow::Result<Vec<&Path>> {
        let socket = self.socket.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folders = vec![self.containers.as_path(), socket.unwrap_or(Path::new("."))];
        for folder in &folders {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Ok(folders)
    }
}

/// Where containers with a listener of their own are.
const PUBLISHED: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

impl Settings {
    /// Reads what is meant: `self` and `host` are the flags and the environment, `file`
    /// is below them.
    pub(crate) fn read(
        self,
        host: config::Settings,
        file: Option<&Path>,
    ) -> anyhow::Result<Executor> {
        let (mut below, mut file_host) = (Self::default(), config::Settings::default());
        if let Some(path) = file {
            let mut table = config::table(path)?;
            let own = KEYS.iter().filter_map(|key| table.remove_entry(*key)).collect();
            let wrong = || format!("the configuration {} is wrong", path.display());
            below = toml::Table::try_into(own).with_context(wrong)?;
            file_host = table.try_into().with_context(wrong)?;
        }
        // Of one container: what the control group has is for all of them.
        file_host.memory = file_host.memory.or(Some(256));
        let root = host.cgroup_root.clone().or_else(|| file_host.cgroup_root.clone());
        let host = Config::of(host, file_host)?;
        ensure!(
            host.listen.is_ipv4() && host.listen.ip().is_unspecified(),
            "listen is {}: one listener serves all addresses, so it is 0.0.0.0 with a port",
            host.listen
        );
        let read_ahead = self.read_ahead.or(below.read_ahead).unwrap_or(1024);
        let log_kept = self.log_kept.or(below.log_kept).unwrap_or(64);
        ensure!(log_kept > 0, "log-kept is 0 MB: OpenWhisk could read no log");
        Ok(Executor {
            host,
            socket: self.socket.or(below.socket).unwrap_or("/run/wow/executor.sock".into()),
            containers: self.containers.or(below.containers).unwrap_or("/containers".into()),
            range: self.range.or(below.range).as_deref().unwrap_or("127.64.0.0/10").parse()?,
            memory: memory(self.memory_total.or(below.memory_total), root.as_deref())?,
            log_kept: log_kept.saturating_mul(1 << 20),
            read_ahead: read_ahead.saturating_mul(1 << 20),
            ancestor: self.ancestor.or(below.ancestor),
            images: self.images.or(below.images).unwrap_or_else(|| vec!["wow/*".to_owned()]),
        })
    }
}

/// The bytes that all activations may hold together.
fn memory(said: Option<usize>, root: Option<&Path>) -> anyhow::Result<usize> {
    if let Some(said) = said {
        ensure!(said > 0, "memory-total is 0 MB: nothing could run");
        return Ok(said << 20);
    }
    let group = cgroup::memory(root.unwrap_or(cgroup::ROOT.as_ref()));
    let there = group.or_else(machine).context(
        "cannot tell how much memory there is\n\nhint: say how much guests may have with \
         --memory-total",
    )?;
    Ok(there / 4 * 3)
}

/// The machine's memory in bytes (`proc_meminfo(5)`).
fn machine() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.split_whitespace().next()?.parse::<usize>().ok().map(|kilobytes| kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn from_file(text: &str) -> anyhow::Result<Executor> {
        let mut file = tempfile::NamedTempFile::new().expect("file");
        file.write_all(text.as_bytes()).expect("write");
        let typed = config::Settings {
            compiler: Some(std::env::current_exe().expect("a file that exists")),
            ..config::Settings::default()
        };
        let own = Settings { log_kept: Some(7), ..Settings::default() };
        own.read(typed, Some(file.path()))
    }

    #[test]
    fn one_file_has_the_settings_of_host_and_executor() {
        let text = "timeout = 9\nrange = \"127.1.0.0/16\"\nlog-kept = 8\nmemory-total = 100";
        let config = from_file(text).expect("right");
        assert_eq!(config.host.limits.timeout.as_millis(), 9);
        assert_eq!(config.host.limits.memory, 256 << 20);
        assert_eq!((config.memory, config.log_kept), (100 << 20, 7 << 20));
        assert_eq!(config.range.to_string(), "127.1.0.0/16");
        assert!(from_file("").expect("right").memory > 0);
    }

    #[test]
    fn a_wrong_setting_is_refused_with_its_value() {
        for (text, part) in [
            ("range = \"127.1.0.0\"", "`127.1.0.0` is no range"),
            ("memory-total = 0", "memory-total is 0 MB"),
            ("listen = \"127.0.0.1:8080\"", "listen is 127.0.0.1:8080"),
            ("sockte = \"x\"", "unknown field `sockte`"),
            ("images = 7", "invalid type"),
        ] {
            let error = format!("{:#}", from_file(text).err().expect("wrong"));
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn every_setting_is_found_in_a_file() {
        use clap::Args as _;
        let command = Settings::augment_args(clap::Command::new("executor"));
        let flags: Vec<_> = command.get_arguments().filter_map(|flag| flag.get_long()).collect();
        assert_eq!(flags, KEYS);
    }
}
