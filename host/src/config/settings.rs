//! What can be set: one field for a flag, an environment variable and a key of the
//! file. `docs/operating.md` has a line for each.

use anyhow::Context as _;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

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

    /// Most activations at once [default: 128; 20 for `wow runtime` without `__OW_ALLOW_CONCURRENT=true`]
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

impl Settings {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let wrong = || format!("the configuration {} is wrong", path.display());
        table(path)?.try_into().with_context(wrong)
    }

    /// These settings, and those of `below` where they say nothing.
    pub(super) fn or(self, below: Self) -> Self {
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
}

/// What a configuration file says.
pub(crate) fn table(path: &Path) -> anyhow::Result<toml::Table> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("the configuration {} is wrong", path.display()))
}
