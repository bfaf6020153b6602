//! What is meant: defaults < file < environment < flags, read once at start and
//! refused whole if any part is wrong. `docs/operating.md` has a line for every
//! setting.

use crate::cache::{Bounds, Cache};
use crate::capabilities::{Mode, Policy};
use crate::cgroup;
use crate::compiler::{CompileLimits, Compiler};
use crate::confine::{self, Enforced};
use crate::library::Library;
use crate::limits::Limits;
use crate::protocol::Environment;
use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What can be set, in the file by the flag's name without its dashes.
#[derive(clap::Args, Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Where to listen [default: 0.0.0.0:8080]
    #[arg(long, env = "WOW_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,

    /// Where to serve /metrics, /healthz and /readyz [default: nowhere]
    #[arg(long, env = "WOW_METRICS", value_name = "ADDRESS:PORT")]
    pub metrics: Option<SocketAddr>,

    /// Confine the process to the files and system calls that it needs [default: on]
    #[arg(long, env = "WOW_CONFINE", num_args = 0..=1, default_missing_value = "true")]
    pub confine: Option<bool>,

    /// Memory of an activation in MB [default: the control group's limit less 16 MB, or 256]
    #[arg(long, env = "WOW_MEMORY", value_name = "MB")]
    pub memory: Option<usize>,

    /// Where control groups are mounted [default: /sys/fs/cgroup]
    #[arg(long, env = "WOW_CGROUP_ROOT", value_name = "FOLDER")]
    pub cgroup_root: Option<PathBuf>,

    /// Most activations at once [default: 256]
    #[arg(long, env = "WOW_INSTANCES", value_name = "N")]
    pub instances: Option<u32>,

    /// Time limit in ms where the platform sets no deadline [default: 60000]
    #[arg(long, env = "WOW_TIMEOUT", value_name = "MS")]
    pub timeout: Option<u64>,

    /// CPU time limit in ms [default: the time limit]
    #[arg(long, env = "WOW_CPU_TIME", value_name = "MS")]
    pub cpu_time: Option<u64>,

    /// Size limit of an activation's log in MB [default: 10]
    #[arg(long, env = "WOW_LOGSIZE", value_name = "MB")]
    pub logsize: Option<usize>,

    /// Size limit of a result in bytes [default: 1048576]
    #[arg(long, env = "WOW_RESULT_SIZE", value_name = "BYTES")]
    pub result_size: Option<usize>,

    /// Write what an activation took as the last line of its log [default: off]
    #[arg(long, env = "WOW_BILL", num_args = 0..=1, default_missing_value = "true")]
    pub bill: Option<bool>,

    /// How long running activations may take to end after SIGTERM, in ms [default: 60000]
    #[arg(long, env = "WOW_DRAIN", value_name = "MS")]
    pub drain: Option<u64>,

    /// The compiler [default: wow-compile beside this program]
    #[arg(long, env = "WOW_COMPILE", value_name = "FILE")]
    pub compiler: Option<PathBuf>,

    /// Memory of one compilation in MB of address space [default: 4096]
    #[arg(long, env = "WOW_COMPILE_MEMORY", value_name = "MB")]
    pub compile_memory: Option<u64>,

    /// CPU time of one compilation in seconds [default: 60]
    #[arg(long, env = "WOW_COMPILE_TIME", value_name = "S")]
    pub compile_time: Option<u64>,

    /// Most compilations at once [default: the number of processors]
    #[arg(long, env = "WOW_COMPILE_JOBS", value_name = "N")]
    pub compile_jobs: Option<usize>,

    /// Where compiled code is kept, or `none` [default: ~/.cache/wow]
    #[arg(long, env = "WOW_CACHE", value_name = "FOLDER")]
    pub cache: Option<PathBuf>,

    /// Size limit of the cache in MB [default: 4096]
    #[arg(long, env = "WOW_CACHE_SIZE", value_name = "MB")]
    pub cache_size: Option<u64>,

    /// How many days code stays in the cache unused [default: 30]
    #[arg(long, env = "WOW_CACHE_AGE", value_name = "DAYS")]
    pub cache_age: Option<u64>,

    /// How long an idle action stays loaded, in ms [default: 60000]
    #[arg(long, env = "WOW_HIBERNATE", value_name = "MS")]
    pub hibernate: Option<u64>,

    /// A TOML file that says what actions may reach [default: nothing]
    #[arg(long, env = "WOW_POLICY", value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

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
    /// Most activations at once.
    pub instances: u32,
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
        Library::open(Compiler::new(self.compiler.clone(), self.compile), cache, self.instances)
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
    fn read(path: &Path) -> anyhow::Result<Self> {
        let wrong = || format!("the configuration {} is wrong", path.display());
        table(path)?.try_into().with_context(wrong)
    }

    /// These settings, and those of `below` where they say nothing.
    fn or(self, below: Self) -> Self {
        Self {
            listen: self.listen.or(below.listen),
            metrics: self.metrics.or(below.metrics),
            confine: self.confine.or(below.confine),
            memory: self.memory.or(below.memory),
            cgroup_root: self.cgroup_root.or(below.cgroup_root),
            instances: self.instances.or(below.instances),
            timeout: self.timeout.or(below.timeout),
            cpu_time: self.cpu_time.or(below.cpu_time),
            logsize: self.logsize.or(below.logsize),
            result_size: self.result_size.or(below.result_size),
            bill: self.bill.or(below.bill),
            drain: self.drain.or(below.drain),
            compiler: self.compiler.or(below.compiler),
            compile_memory: self.compile_memory.or(below.compile_memory),
            compile_time: self.compile_time.or(below.compile_time),
            compile_jobs: self.compile_jobs.or(below.compile_jobs),
            cache: self.cache.or(below.cache),
            cache_size: self.cache_size.or(below.cache_size),
            cache_age: self.cache_age.or(below.cache_age),
            hibernate: self.hibernate.or(below.hibernate),
            policy: self.policy.or(below.policy),
        }
    }

    fn check(self) -> anyhow::Result<Config> {
        let group = cgroup::memory(self.cgroup_root.as_deref().unwrap_or(cgroup::ROOT.as_ref()));
        let memory = memory(self.memory, group)?;
        let instances = self.instances.unwrap_or(256);
        ensure!(
            (1..=MOST_INSTANCES).contains(&instances),
            "instances is {instances}: each takes 12 GB of address space, of which there is for 1 to \
             {MOST_INSTANCES}"
        );
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
        let compile = CompileLimits {
            memory: self.compile_memory.unwrap_or(4096) << 20,
            time: Duration::from_secs(self.compile_time.unwrap_or(60)),
            jobs: self.compile_jobs.unwrap_or_else(processors),
        };
        ensure!(compile.memory >= 256 << 20, "compile-memory is below 256 MB: nothing compiles");
        ensure!(!compile.time.is_zero(), "compile-time is 0 s: nothing compiles");
        ensure!(compile.jobs > 0, "compile-jobs is 0: nothing compiles");
        let cache_size = self.cache_size.unwrap_or(4096);
        ensure!(cache_size > 0, "cache-size is 0 MB: use `--cache none` for no cache");
        Ok(Config {
            listen: self.listen.unwrap_or((Ipv4Addr::UNSPECIFIED, 8080).into()),
            metrics: self.metrics,
            confine: self.confine.unwrap_or(true),
            instances,
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

/// What a configuration file says.
pub(crate) fn table(path: &Path) -> anyhow::Result<toml::Table> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("the configuration {} is wrong", path.display()))
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

/// How many processors this process may use.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

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
