//! What a package says of itself: its `wow.toml`. Knows what an action may ask for,
//! not what it gets. `docs/capabilities.md` has every key, but those of `[build]`, which
//! `docs/projects.md` has.

use crate::capabilities::{Mode, Server};
use crate::error::LoadError;
use crate::keys;
use crate::limits::{Allowance, Limits};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The file's name in an archive, at its top.
pub const NAME: &str = "wow.toml";

/// The only version of the schema that there is.
const VERSION: u32 = 1;

/// A package without `wow.toml` asks for nothing.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Manifest {
    version: Option<u32>,
    action: ActionTable,
    /// What it asks for.
    pub capabilities: Ask,
    /// The bounds that it sets itself.
    pub limits: Lower,
    /// How the package is made of its sources; nothing to whoever runs it.
    pub build: Option<Build>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct ActionTable {
    main: Option<String>,
}

/// How a project becomes a package. Paths are below the folder of the file.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// What has to be done once, before the first build.
    pub setup: Option<Setup>,
    /// The command that builds, for the shell.
    pub command: String,
    /// What the command writes: a component, or a core module that becomes one.
    pub component: PathBuf,
    /// Where the package is put.
    #[serde(default = "package")]
    pub package: PathBuf,
    /// The files and folders that the package is made of; if there are none, all in the project.
    #[serde(default)]
    pub sources: Vec<PathBuf>,
}

/// A command that is not run again while what it makes is there.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, expecting = "a table of `command` and `makes`")]
pub struct Setup {
    /// For the shell.
    pub command: String,
    /// What it writes last.
    pub makes: PathBuf,
}

fn package() -> PathBuf {
    PathBuf::from("build/action.zip")
}

/// What an action asks for.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Ask {
    /// The servers that it makes requests to.
    pub http: Vec<Server>,
    /// The operator's volumes, by name.
    pub files: BTreeMap<String, Mode>,
    /// A private folder for each activation.
    pub tmp: bool,
}

/// Bounds below the platform's, in the units of the host's own settings.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Lower {
    memory: Option<usize>,
    timeout: Option<u64>,
    cpu_time: Option<u64>,
    logsize: Option<usize>,
    result_size: Option<usize>,
}

impl Manifest {
    /// Reads the text of a `wow.toml`.
    pub fn read(text: &[u8]) -> Result<Self, LoadError> {
        let Ok(text) = std::str::from_utf8(text) else {
            return Err(LoadError::new(format!("{NAME} is not UTF-8")));
        };
        let manifest: Self = keys::read(text).map_err(|wrong| {
            let error = LoadError::new(format!("{NAME}, {wrong}"));
            match wrong.hint {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })?;
        match manifest.version {
            Some(VERSION) => {}
            Some(other) => {
                return Err(LoadError::new(format!(
                    "{NAME} is of version {other}, this host reads version {VERSION}"
                )));
            }
            None => {
                return Err(LoadError::new(format!("{NAME} does not say its version"))
                    .hint(format!("begin it with `version = {VERSION}`")));
            }
        }
        if let Some(open) = manifest.capabilities.http.iter().find(|server| server.is_open()) {
            return Err(LoadError::new(format!("{NAME} asks for `{open}`, which names no server"))
                .hint("name each, or all below a domain: `https://*.example.com`"));
        }
        manifest.limits.check()?;
        Ok(manifest)
    }

    /// The function that the package names, if it does.
    pub fn own_main(&self) -> Option<&str> {
        self.action.main.as_deref()
    }

    /// Whether there is a `wow.toml`.
    pub fn is_there(&self) -> bool {
        self.version.is_some()
    }

    /// The function to run: what the platform names, or where it names none what the
    /// package does.
    pub fn main<'a>(&'a self, named: &'a str) -> &'a str {
        match &self.action.main {
            Some(main) if named == "main" => main,
            _ => named,
        }
    }
}

impl Lower {
    fn check(&self) -> Result<(), LoadError> {
        let zero = [
            ("memory", self.memory == Some(0)),
            ("timeout", self.timeout == Some(0)),
            ("cpu-time", self.cpu_time == Some(0)),
            ("result-size", self.result_size.is_some_and(|bytes| bytes < 2)),
        ];
        match zero.iter().find(|(_, is_zero)| *is_zero) {
            Some((key, _)) => Err(LoadError::new(format!(
                "`{key}` in [limits] of {NAME} is too small for anything to run"
            ))),
            None => Ok(()),
        }
    }

    /// Those that it sets: key, number, unit.
    pub fn set(&self) -> impl Iterator<Item = (&'static str, u64, &'static str)> {
        let count = |count: Option<usize>| count.map(|count| count as u64);
        let rows = [
            ("memory", count(self.memory), "MB"),
            ("timeout", self.timeout, "ms"),
            ("cpu-time", self.cpu_time, "ms"),
            ("logsize", count(self.logsize), "MB"),
            ("result-size", count(self.result_size), "bytes"),
        ];
        rows.into_iter().filter_map(|(key, bound, unit)| Some((key, bound?, unit)))
    }

    /// Refuses bounds above the platform's: nobody would hold them.
    pub fn below(&self, limits: &Limits) -> Result<(), LoadError> {
        let megabytes = |bytes: usize| (bytes >> 20) as u128;
        let bytes = |count: usize| count as u128;
        let milliseconds = |time: Duration| time.as_millis();
        let rows = [
            ("memory", self.memory.map(bytes), Some(megabytes(limits.memory)), "MB"),
            ("cpu-time", self.cpu_time.map(u128::from), limits.cpu.map(milliseconds), "ms"),
            ("logsize", self.logsize.map(bytes), Some(megabytes(limits.log)), "MB"),
            ("result-size", self.result_size.map(bytes), Some(bytes(limits.result)), "bytes"),
        ];
        for (key, asked, limit, unit) in rows {
            if let (Some(asked), Some(limit)) = (asked, limit)
                && asked > limit
            {
                return Err(LoadError::new(format!(
                    "`{key} = {asked}` in [limits] of {NAME} is above the platform's limit of \
                     {limit} {unit}"
                ))
                .hint(format!("{NAME} can only lower a limit: ask for {limit} or less")));
            }
        }
        Ok(())
    }

    /// The platform's bounds, lowered.
    pub fn apply(&self, allowance: &Allowance) -> Allowance {
        let above = allowance.limits;
        let megabytes = |asked: Option<usize>, limit: usize| {
            asked.map_or(limit, |asked| asked.saturating_mul(1 << 20).min(limit))
        };
        let limits = Limits {
            memory: megabytes(self.memory, above.memory),
            timeout: self.timeout().map_or(above.timeout, |timeout| timeout.min(above.timeout)),
            cpu: self.cpu_time.map(Duration::from_millis).into_iter().chain(above.cpu).min(),
            result: self.result_size.map_or(above.result, |result| result.min(above.result)),
            log: megabytes(self.logsize, above.log),
        };
        Allowance { limits, ledger: allowance.ledger.clone() }
    }

    /// The longest that an activation may take, whatever the platform gives it.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout.map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        memory: 256 << 20,
        timeout: Duration::from_secs(60),
        cpu: None,
        result: 1 << 20,
        log: 10 << 20,
    };

    fn refusal(text: &str) -> String {
        Manifest::read(text.as_bytes()).expect_err("refused").to_string()
    }

    #[test]
    fn a_manifest_is_read_whole() {
        let manifest = Manifest::read(
            br#"
            version = 1
            [action]
            main = "thumbnail"
            [capabilities]
            http = ["https://api.example.com"]
            files = { assets = "read-only" }
            tmp = true
            [limits]
            memory = 64
            timeout = 1000
            "#,
        )
        .expect("right");
        assert_eq!((manifest.main("main"), manifest.main("resize")), ("thumbnail", "resize"));
        assert_eq!(manifest.capabilities.http[0].to_string(), "https://api.example.com");
        assert_eq!(manifest.capabilities.files["assets"], Mode::ReadOnly);
        assert!(manifest.capabilities.tmp);
        let lowered = manifest.limits.apply(&Allowance::new(LIMITS)).limits;
        assert_eq!((lowered.memory, lowered.timeout), (64 << 20, Duration::from_secs(1)));
        assert_eq!((lowered.cpu, lowered.result, lowered.log), (None, LIMITS.result, LIMITS.log));
    }

    #[test]
    fn what_is_wrong_with_a_manifest_is_said_with_its_line() {
        let refusals: Vec<_> = [
            "",
            "version = 2",
            "version = 1\n[capabilites]",
            "version = 1\n[capabilities]\nhtpp = []",
            "version = 1\n[capabilities]\nhttp = \"https://a.example\"",
            "version = 1\n[capabilities]\nhttp = [\"a.example\"]",
            "version = 1\n[capabilities]\nhttp = [\"https://*\"]",
            "version = 1\n[capabilities]\nfiles = { etc = \"everything\" }",
            "version = 1\n[limits]\nmemory = -1",
            "version = 1\n[limits]\ncpu-time = 0",
            "version = 1\n[build]\ncomand = \"make\"",
            "version = 1\n[build]\ncommand = \"make\"",
            "version = 1\n[build]\ncommand = \"make\"\ncomponent = \"a.wasm\"\nsetup = \"npm ci\"",
            "version = 1 [",
        ]
        .map(refusal)
        .into();
        insta::assert_snapshot!(refusals.join("\n\n"));
    }

    #[test]
    fn how_a_package_is_built_is_nothing_to_whoever_runs_it() {
        let text = br#"
            version = 1
            [build]
            setup = { command = "npm install", makes = "node_modules" }
            command = "npm run build"
            component = "build/action.wasm"
        "#;
        let manifest = Manifest::read(text).expect("right");
        let build = manifest.build.clone().expect("a table");
        assert_eq!(build.setup.expect("a table").makes, PathBuf::from("node_modules"));
        assert_eq!(build.package, PathBuf::from("build/action.zip"));
        assert_eq!(Manifest { version: None, build: None, ..manifest }, Manifest::default());
    }

    #[test]
    fn a_limit_is_only_lowered() {
        let read = |text: &str| Manifest::read(text.as_bytes()).expect("right").limits;
        let lower = read("version = 1\n[limits]\nmemory = 256\ncpu-time = 5");
        assert_eq!(lower.below(&LIMITS), Ok(()));
        let more = read("version = 1\n[limits]\nmemory = 257");
        let error = more.below(&LIMITS).expect_err("more than there is").to_string();
        assert_eq!(
            error,
            "`memory = 257` in [limits] of wow.toml is above the platform's limit of 256 MB\n\n\
             hint: wow.toml can only lower a limit: ask for 256 or less"
        );
    }
}
