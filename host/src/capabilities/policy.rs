//! The operator's policy: what actions may have at most. Reads its file; knows
//! neither what an action asks for nor how it is opened. `docs/capabilities.md` has
//! every key.

use super::http::{EgressSettings, EgressTable, Server};
use crate::keys;
use anyhow::{Context as _, anyhow, bail, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The only version of the schema that there is.
const VERSION: u32 = 1;

/// A policy that cannot be wrong. Without a file it allows nothing.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Where it was read.
    pub(super) file: Option<PathBuf>,
    pub(super) on_refusal: OnRefusal,
    pub(super) rules: Vec<Rule>,
    pub(super) volumes: BTreeMap<String, Volume>,
    /// Where activations' own directories are made.
    pub(super) scratch: Option<PathBuf>,
    pub(super) egress: EgressSettings,
}

/// What becomes of an action that asks for more than it may have.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OnRefusal {
    /// Its `/init` fails.
    #[default]
    Fail,
    /// It is loaded, and denied what it may not have when it uses it.
    Deny,
}

/// What some actions may have. All that match an action add up.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Rule {
    /// Full names; none is every action, one without a name too.
    actions: Option<Vec<Pattern>>,
    /// Namespaces of callers; none is every caller.
    callers: Option<Vec<String>>,
    pub(super) http: Vec<Server>,
    pub(super) files: BTreeMap<String, Mode>,
    pub(super) tmp: Option<Quota>,
}

/// What may be done to a volume.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Reading.
    ReadOnly,
    /// Reading and writing.
    ReadWrite,
}

/// A folder of the host that has a name for actions.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    /// The name.
    pub name: String,
    /// Where it is, without symbolic links.
    pub path: PathBuf,
    /// The most that may be done to it.
    pub mode: Mode,
}

/// The bounds of a private folder.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Lengths of all its files together.
    pub bytes: u64,
    /// Files, directories and links.
    pub entries: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    version: u32,
    #[serde(default)]
    on_refusal: OnRefusal,
    #[serde(default)]
    grant: Vec<Rule>,
    #[serde(default)]
    volumes: BTreeMap<String, VolumeTable>,
    scratch: Option<PathBuf>,
    #[serde(default)]
    egress: EgressTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VolumeTable {
    path: PathBuf,
    mode: Mode,
}

/// A pattern over full names: `/owner/action`, `/owner/package/action`. `*` stands
/// for one part, at the end for all that follow.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(try_from = "String")]
struct Pattern(Vec<String>);

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |why| format!("`{text}` is not a pattern of actions: {why}");
        let parts = text.strip_prefix('/').ok_or_else(|| wrong("it begins with `/owner/`"))?;
        let parts: Vec<_> = parts.split('/').map(str::to_owned).collect();
        if !(2..=3).contains(&parts.len()) || parts.iter().any(String::is_empty) {
            return Err(wrong("it is `/owner/action`, `/owner/package/action` or `/owner/*`"));
        }
        if parts.iter().any(|part| part.contains('*') && part != "*") {
            return Err(wrong("`*` stands for a whole part"));
        }
        Ok(Self(parts))
    }
}

impl Pattern {
    fn is(&self, name: &str) -> bool {
        let Some(name) = name.strip_prefix('/') else { return false };
        let parts: Vec<_> = name.split('/').collect();
        let open = self.0.last().is_some_and(|last| last == "*");
        let fits = if open { parts.len() >= self.0.len() } else { parts.len() == self.0.len() };
        let same = |(pattern, part): (&String, &&str)| pattern == "*" || pattern == part;
        fits && self.0.iter().zip(&parts).all(same)
    }
}

impl Rule {
    /// Whether it is about an action, called by a namespace.
    pub(super) fn is_for(&self, name: Option<&str>, caller: Option<&str>) -> bool {
        let action = match &self.actions {
            None => true,
            Some(patterns) => {
                name.is_some_and(|name| patterns.iter().any(|pattern| pattern.is(name)))
            }
        };
        let called = match &self.callers {
            None => true,
            Some(callers) => {
                caller.is_some_and(|caller| callers.iter().any(|allowed| allowed == caller))
            }
        };
        action && called
    }
}

impl Policy {
    /// The folders that it names, and the most that is done to each.
    pub(crate) fn folders(&self) -> impl Iterator<Item = (&Path, Mode)> {
        let volumes = self.volumes.values().map(|volume| (volume.path.as_path(), volume.mode));
        volumes.chain(self.scratch.as_deref().map(|folder| (folder, Mode::ReadWrite)))
    }

    /// Reads a policy, refused whole if any part is wrong.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the policy {}", path.display()))?;
        let wrong = || format!("the policy {} is wrong", path.display());
        let file: File = keys::read(&text)
            .map_err(|wrong| match &wrong.hint {
                Some(hint) => anyhow!("{wrong}\n\nhint: {hint}"),
                None => anyhow!("{wrong}"),
            })
            .with_context(wrong)?;
        file.check(path).with_context(wrong)
    }
}

impl File {
    fn check(self, path: &Path) -> anyhow::Result<Policy> {
        ensure!(
            self.version == VERSION,
            "it is of version {}, this host reads version {VERSION}",
            self.version
        );
        let volumes = volumes(self.volumes)?;
        for name in self.grant.iter().flat_map(|rule| rule.files.keys()) {
            ensure!(volumes.contains_key(name), "a [[grant]] names `{name}`, which is no volume");
        }
        let tmp = self.grant.iter().any(|rule| rule.tmp.is_some());
        ensure!(
            !tmp || self.scratch.is_some(),
            "a [[grant]] allows `tmp`, and `scratch` names no folder for it"
        );
        if let Some(scratch) = &self.scratch {
            ensure!(scratch.is_absolute(), "the path `scratch` is not absolute");
        }
        Ok(Policy {
            file: Some(path.to_owned()),
            on_refusal: self.on_refusal,
            rules: self.grant,
            volumes,
            scratch: self.scratch,
            egress: self.egress.check()?,
        })
    }
}

fn volumes(tables: BTreeMap<String, VolumeTable>) -> anyhow::Result<BTreeMap<String, Volume>> {
    let mut volumes: BTreeMap<String, Volume> = BTreeMap::new();
    for (name, VolumeTable { path, mode }) in tables {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        ensure!(
            name.bytes().all(plain) && !name.is_empty() && name != "tmp",
            "`{name}` cannot name a volume: lower-case letters, digits and `-` can, but not `tmp`"
        );
        ensure!(path.is_absolute(), "the path of volume `{name}` is not absolute");
        let path = path
            .canonicalize()
            .with_context(|| format!("volume `{name}`: cannot find {}", path.display()))?;
        ensure!(path.is_dir(), "volume `{name}`: {} is not a folder", path.display());
        volumes.insert(name.clone(), Volume { name, path, mode });
    }
    // Through the one that may be written, the other would be.
    for one in volumes.values() {
        let overlaps = |other: &&Volume| {
            other.mode != one.mode && other.path.starts_with(&one.path) && other.name != one.name
        };
        if let Some(other) = volumes.values().find(overlaps) {
            bail!(
                "volume `{}` ({}) lies in volume `{}` ({}): volumes of different modes do not overlap",
                other.name,
                other.mode,
                one.name,
                one.mode
            );
        }
    }
    Ok(volumes)
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReadOnly => "read-only",
            Self::ReadWrite => "read-write",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Policy> {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("policy.toml");
        std::fs::write(&path, text).expect("write");
        Policy::read(&path)
    }

    #[test]
    fn a_rule_is_for_whom_it_names() {
        let rule = |text: &str| keys::read::<Rule>(text).expect("a rule");
        let everybody = rule("");
        assert!(everybody.is_for(None, None));
        for (pattern, name, is) in [
            ("/acme/*", "/acme/hello", true),
            ("/acme/*", "/acme/images/thumbnail", true),
            ("/acme/*", "/acme", false),
            ("/acme/*", "/acmeevil/hello", false),
            ("/acme/*", "acme/hello", false),
            ("/acme/images/*", "/acme/images/thumbnail", true),
            ("/acme/images/*", "/acme/thumbnail", false),
            ("/acme/hello", "/acme/hello", true),
            ("/acme/hello", "/acme/images/hello", false),
            ("/*/images/thumbnail", "/beta/images/thumbnail", true),
            ("/*/images/thumbnail", "/beta/other/thumbnail", false),
        ] {
            let rule = rule(&format!("actions = [\"{pattern}\"]"));
            assert_eq!(rule.is_for(Some(name), None), is, "{pattern} {name}");
            assert!(!rule.is_for(None, None), "one without a name gets the default");
        }
    }

    #[test]
    fn a_caller_only_narrows() {
        let text = "actions = [\"/acme/*\"]\ncallers = [\"beta\"]";
        let rule = keys::read::<Rule>(text).expect("a rule");
        assert!(rule.is_for(Some("/acme/a"), Some("beta")));
        assert!(!rule.is_for(Some("/acme/a"), Some("acme")));
        assert!(!rule.is_for(Some("/acme/a"), None));
        assert!(!rule.is_for(Some("/beta/a"), Some("beta")));
    }

    #[test]
    fn what_is_wrong_with_a_policy_is_said_with_its_line() {
        for (text, part) in [
            ("", "line 1: missing field `version`"),
            ("version = 2", "it is of version 2, this host reads version 1"),
            (
                "version = 1\n[[grnt]]",
                "line 2: there is no key `grnt`\n\nhint: the nearest is `grant`",
            ),
            (
                "version = 1\n[[grant]]\nhttps = []",
                "line 3: there is no key `https`\n\nhint: the nearest is `http`",
            ),
            (
                "version = 1\n[[grant]]\nactions = [\"acme\"]",
                "`acme` is not a pattern of actions: it begins with `/owner/`",
            ),
            ("version = 1\n[[grant]]\nactions = [\"/acme\"]", "it is `/owner/action`"),
            ("version = 1\n[[grant]]\nactions = [\"/ac*/x\"]", "`*` stands for a whole part"),
            (
                "version = 1\n[[grant]]\nhttp = [\"https://a/b\"]",
                "a server is granted whole, without a path",
            ),
            (
                "version = 1\n[egress]\nopen = [\"10.1.2.3/8\"]",
                "`10.1.2.3/8` has bits behind its prefix; meant is `10.0.0.0/8`?",
            ),
            ("version = 1\n[egress]\nopen = [\"10.1.2.3\"]", "is not a network such as"),
            ("version = 1\n[egress]\nconnections = 0", "`connections` in [egress] is 0"),
            (
                "version = 1\n[egress.hosts]\n\"a.test\" = []",
                "`a.test` in [egress.hosts] has no address",
            ),
            (
                "version = 1\n[[grant]]\nfiles = { assets = \"read-only\" }",
                "names `assets`, which is no volume",
            ),
            (
                "version = 1\n[volumes.Etc]\npath = \"/etc\"\nmode = \"read-only\"",
                "`Etc` cannot name a volume",
            ),
            ("version = 1\n[volumes.etc]\npath = \"etc\"\nmode = \"read-only\"", "is not absolute"),
            (
                "version = 1\n[volumes.a]\npath = \"/nowhere\"\nmode = \"read-only\"",
                "cannot find /nowhere",
            ),
        ] {
            let error = format!("{:#}", read(text).expect_err(text));
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn f_02_volumes_of_different_modes_do_not_overlap() {
        let folder = tempfile::tempdir().expect("folder");
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).expect("folder");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&inner, &link).expect("link");
        let two = |a: &Path, b: &Path, mode: &str| {
            read(&format!(
                "version = 1\n[volumes.a]\npath = {a:?}\nmode = \"read-write\"\n[volumes.b]\n\
                 path = {b:?}\nmode = \"{mode}\""
            ))
        };
        for (a, b) in [(folder.path(), &*inner), (&inner, folder.path()), (&inner, &link)] {
            let error = format!("{:#}", two(a, b, "read-only").expect_err("they overlap"));
            assert!(error.ends_with("volumes of different modes do not overlap"), "{error}");
            assert!(two(a, b, "read-write").is_ok());
        }
    }
}
