//! What is meant: defaults < file < environment < flags, read once at start and
//! refused whole if any part is wrong. `docs/operating.md` has a line for every
//! setting.

mod settings;

pub use settings::Settings;
pub(crate) use settings::table;

use crate::cache::{Bounds, Cache};
use crate::capabilities::{Mode, Policy};
use crate::cgroup;
use crate::compiler::{CompileLimits, Compiler};
use crate::confine::{self, Enforced};
use crate::library::Library;
use crate::limits::Limits;
use crate::protocol::Environment;
use anyhow::{Context as _, bail, ensure};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A configuration that cannot be wrong.
#[derive(Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where to serve what the operator asks.
    pub metrics: Option<SocketAddr>,
    /// Whether the kernel confines the process.
    pub confine: bool,
    /// The bounds of an activation.
    pub limits: Limits,
    /// Most activations at once, if that was said.
    pub instances: Option<u32>,
    /// Whether each activation's log ends with its bill.
    pub bill: bool,
    /// How long draining may take.
    pub drain: Duration,
    /// The program that compiles.
    pub compiler: PathBuf,
    /// The bounds of compiling.
    pub compile: CompileLimits,
    /// Where compiled code is kept, if anywhere.
    pub cache: Option<PathBuf>,
    /// Whether that was said, and is not only the default.
    pub cache_was_named: bool,
    /// How much of it.
    pub cache_bounds: Bounds,
    /// How long an idle action stays loaded.
    pub hibernate: Duration,
    /// What actions may reach.
    pub policy: Policy,
}

/// WebAssembly's memories end at 4 GiB.
const MOST_MEMORY: usize = 4096;

/// Most activations at once, if nothing was said.
const INSTANCES: u32 = 128;

/// A process has 128 TB of address space.
const MOST_INSTANCES: u32 = 8000;

impl Config {
    /// Reads what is meant: `typed` are the flags and the environment, `file` is
    /// below them.
    pub fn read(typed: Settings, file: Option<&Path>) -> anyhow::Result<Self> {
        let file = match file {
            Some(path) => Settings::read(path)?,
            None => Settings::default(),
        };
        Self::of(typed, file)
    }

    /// Settings, and those of `below` where they say nothing.
    pub(crate) fn of(settings: Settings, below: Settings) -> anyhow::Result<Self> {
        settings.or(below).check()
    }

    /// Opens the library of code that is configured.
    pub fn library(&self) -> anyhow::Result<Library> {
        self.library_of(self.open_cache()?)
    }

    /// A library of compiled code that is kept in `cache`.
    pub(crate) fn library_of(&self, cache: Option<Cache>) -> anyhow::Result<Library> {
        Library::open(Compiler::new(self.compiler.clone(), self.compile), cache, self.instances())
    }

    /// Most activations at once.
    pub fn instances(&self) -> u32 {
        self.instances.unwrap_or(INSTANCES)
    }

    /// Opens the cache that is configured, if any.
    pub(crate) fn open_cache(&self) -> anyhow::Result<Option<Cache>> {
        match self.cache.as_ref().map(|folder| Cache::open(folder, self.cache_bounds)) {
            // An image may have a home that nobody can write to.
            Some(Err(cause)) if !self.cache_was_named => {
                tracing::warn!("compiled code is kept in memory only: {cause:#}");
                Ok(None)
            }
            cache => cache.transpose(),
        }
    }

    /// Has the kernel confine the process to what is configured here, if it is to. What
    /// it needs must be there; a thread that runs already is not confined.
    pub(crate) fn confine(&self, cache: Option<&Cache>, folders: &[&Path]) -> anyhow::Result<()> {
        if !self.confine {
            tracing::warn!("the process is not confined: it may reach what its user may");
            return Ok(());
        }
        // An image that only runs what was compiled elsewhere has no compiler.
        let compiler = std::path::absolute(&self.compiler)?.parent().map(Path::to_owned);
        let mut read: Vec<_> = compiler.filter(|folder| folder.exists()).into_iter().collect();
        let mut write: Vec<_> = folders.iter().map(|folder| (*folder).to_owned()).collect();
        write.extend(cache.map(|cache| cache.path().to_owned()));
        for (folder, mode) in self.policy.folders() {
            if mode == Mode::ReadOnly { &mut read } else { &mut write }.push(folder.to_owned());
        }
        match confine::confine(&confine::Files { read, write })? {
            Enforced::Fully => tracing::debug!("the process is confined"),
            Enforced::Partly => {
                tracing::info!("this kernel confines the process in part: it is older")
            }
            Enforced::Not => tracing::warn!(
                "this kernel has no Landlock: it does not confine which files the process reaches"
            ),
        }
        Ok(())
    }
}

impl Settings {
    fn check(self) -> anyhow::Result<Config> {
        let group = cgroup::memory(self.cgroup_root.as_deref().unwrap_or(cgroup::ROOT.as_ref()));
        let memory = memory(self.memory, group)?;
        if let Some(instances) = self.instances {
            ensure!(
                (1..=MOST_INSTANCES).contains(&instances),
                "instances is {instances}: each takes 12 GB of address space, of which there is for \
                 1 to {MOST_INSTANCES}"
            );
        }
        ensure!(self.cpu_time != Some(0), "cpu-time is 0 ms: nothing could run");
        let timeout = self.timeout.unwrap_or(60_000);
        ensure!(timeout > 0, "timeout is 0 ms: nothing could run");
        let logsize = self.logsize.unwrap_or(10);
        ensure!(
            logsize <= 1024,
            "logsize is {logsize} MB: a log is held in memory, at most 1024 MB"
        );
        let result = self.result_size.unwrap_or(1 << 20);
        ensure!(
            (2..=1 << 30).contains(&result),
            "result-size is {result} bytes: it is 2 (`{{}}`) to 1073741824 bytes"
        );
        ensure!(self.compile_jobs != Some(0), "compile-jobs is 0: nothing compiles");
        let compile = CompileLimits {
            memory: self.compile_memory.unwrap_or(4096) << 20,
            time: Duration::from_secs(self.compile_time.unwrap_or(60)),
            jobs: self.compile_jobs.and_then(NonZeroUsize::new),
        };
        ensure!(compile.memory >= 256 << 20, "compile-memory is below 256 MB: nothing compiles");
        ensure!(!compile.time.is_zero(), "compile-time is 0 s: nothing compiles");
        let cache_size = self.cache_size.unwrap_or(4096);
        ensure!(cache_size > 0, "cache-size is 0 MB: use `--cache none` for no cache");
        Ok(Config {
            listen: self.listen.unwrap_or((Ipv4Addr::UNSPECIFIED, 8080).into()),
            metrics: self.metrics,
            confine: self.confine.unwrap_or(true),
            instances: self.instances,
            bill: self.bill.unwrap_or(false),
            limits: Limits {
                memory,
                timeout: Duration::from_millis(timeout),
                cpu: self.cpu_time.map(Duration::from_millis),
                result,
                log: logsize << 20,
            },
            drain: Duration::from_millis(self.drain.unwrap_or(60_000)),
            compiler: compiler(self.compiler)?,
            compile,
            cache_was_named: self.cache.is_some(),
            cache: match self.cache {
                Some(none) if none.as_os_str() == "none" => None,
                Some(folder) => Some(folder),
                None => default_cache(),
            },
            cache_bounds: Bounds {
                bytes: cache_size << 20,
                age: Duration::from_secs(self.cache_age.unwrap_or(30) * 24 * 60 * 60),
            },
            hibernate: Duration::from_millis(self.hibernate.unwrap_or(60_000)),
            policy: match &self.policy {
                Some(file) => Policy::read(file)?,
                None => Policy::default(),
            },
        })
    }
}

/// The memory of an activation in bytes: what was said, and no more than the
/// control group leaves after the host's own.
fn memory(said: Option<usize>, group: Option<usize>) -> anyhow::Result<usize> {
    if let Some(memory) = said {
        ensure!(
            (1..=MOST_MEMORY).contains(&memory),
            "memory is {memory} MB: a WebAssembly memory has 1 to {MOST_MEMORY} MB"
        );
    }
    let said = said.map(|memory| memory << 20);
    let Some(group) = group else { return Ok(said.unwrap_or(256 << 20)) };
    let left = group.saturating_sub(RESERVE).min(MOST_MEMORY << 20);
    let megabytes = |bytes| bytes >> 20;
    ensure!(
        left >= 1 << 20,
        "the control group has {} MB of memory: the host needs {} MB of it for itself",
        megabytes(group),
        megabytes(RESERVE)
    );
    if let Some(said) = said.filter(|said| *said > left) {
        tracing::warn!(
            "memory is {} MB, not {}: the control group has {} MB, of which the host needs {}",
            megabytes(left),
            megabytes(said),
            megabytes(group),
            megabytes(RESERVE)
        );
    }
    Ok(said.map_or(left, |said| said.min(left)))
}

/// What of the control group's memory is the host's own: itself, the loaded code,
/// requests and logs.
const RESERVE: usize = 16 << 20;

/// The user's cache folder (XDG Base Directory Specification), if there is a user.
fn default_cache() -> Option<PathBuf> {
    let absolute =
        |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    Some(caches?.join("wow"))
}

/// Finds `wow-compile`: where the setting says, else beside this program, or one
/// folder up, where cargo puts it for tests.
fn compiler(setting: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(path) = setting {
        ensure!(path.is_file(), "the compiler {} does not exist", path.display());
        return Ok(path);
    }
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    for folder in program.ancestors().skip(1).take(2) {
        let path = folder.join("wow-compile");
        if path.is_file() {
            return Ok(path);
        }
    }
    bail!(
        "there is no wow-compile beside {}\n\nhint: build it with `cargo build -p wow-compile`, or \
         name it with --compiler",
        program.display()
    )
}

/// The variables that the platform gives a container for its actions. Nothing
/// else of this process's environment ever reaches a guest.
pub fn container_environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("__OW_"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn from_file(text: &str) -> anyhow::Result<Config> {
        let mut file = tempfile::NamedTempFile::new().expect("file");
        file.write_all(text.as_bytes()).expect("write");
        let typed = Settings {
            compiler: Some(std::env::current_exe().expect("a file that exists")),
            timeout: Some(7),
            ..Settings::default()
        };
        Config::read(typed, Some(file.path()))
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let config = from_file("timeout = 9\nmemory = 64\nresult-size = 100").expect("right");
        assert_eq!(config.limits.timeout, Duration::from_millis(7));
        assert_eq!((config.limits.memory, config.limits.result), (64 << 20, 100));
        assert_eq!((config.limits.log, config.listen.port()), (10 << 20, 8080));
    }

    #[test]
    fn memory_is_what_was_said_and_fits_the_control_group() {
        let (mb, none) = (1 << 20, None);
        let found = |said, group: Option<usize>| memory(said, group).ok();
        assert_eq!(found(none, none), Some(256 * mb));
        assert_eq!(found(Some(64), none), Some(64 * mb));
        assert_eq!(found(none, Some(256 * mb)), Some(240 * mb));
        assert_eq!(found(Some(512), Some(256 * mb)), Some(240 * mb));
        assert_eq!(found(Some(64), Some(256 * mb)), Some(64 * mb));
        assert_eq!(found(none, Some(64 << 30)), Some(4096 * mb));
        assert_eq!(found(none, Some(16 * mb)), None);
    }

    #[test]
    fn a_wrong_setting_is_refused_with_its_value() {
        for (text, part) in [
            ("memory = 0", "memory is 0 MB"),
            ("memory = 5000", "memory is 5000 MB"),
            ("instances = 0", "instances is 0"),
            ("cpu-time = 0", "cpu-time is 0 ms"),
            ("memory = \"a lot\"", "invalid type: string"),
            ("memroy = 1", "unknown field `memroy`"),
            ("logsize = 4000", "logsize is 4000 MB"),
            ("result-size = 1", "result-size is 1 bytes"),
            ("compile-time = 0", "compile-time is 0 s"),
            ("listen = \"8080\"", "invalid socket address"),
        ] {
            let error = format!("{:#}", from_file(text).expect_err("wrong"));
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
