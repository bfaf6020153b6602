//! What an action asks for, the most that the policy allows it, and what it gets of
//! that. Opens nothing: `/init` computes it before it does, `wow inspect` to show it.

use super::http::Server;
use super::policy::{Mode, OnRefusal, Policy, Quota, Rule};
use crate::error::LoadError;
use crate::listing::listed;
use crate::manifest::{self, Ask};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Whose action it is, and who calls it: the platform's names, not the action's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Who<'a> {
    /// Its full name: `/owner/action`, `/owner/package/action`.
    pub action: Option<&'a str>,
    /// The namespace of the caller.
    pub caller: Option<&'a str>,
}

/// One capability: what is asked, what is allowed, what is granted.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<A, G> {
    /// What `wow.toml` asks for.
    pub asked: A,
    /// The most that the policy allows.
    pub allowed: G,
    /// What of the one is in the other.
    pub granted: G,
}

/// What an action gets, by capability.
#[derive(Clone, Debug)]
pub struct Share {
    /// The file that the policy was read from; none allows nothing.
    pub policy: Option<PathBuf>,
    /// The action's full name.
    pub action: Option<String>,
    /// Servers.
    pub http: Part<Vec<Server>, Vec<Server>>,
    /// The volumes that are asked for, by name.
    pub files: Vec<(String, Part<Mode, Option<Mode>>)>,
    /// The private folder, and its quota.
    pub tmp: Part<bool, Option<Quota>>,
    /// What is asked for beyond what is allowed.
    pub refusals: Vec<LoadError>,
    on_refusal: OnRefusal,
}

impl Share {
    /// Why `/init` fails, if it does: the policy can have it denied at use instead.
    pub fn failure(&self) -> Option<&LoadError> {
        self.refusals.first().filter(|_| self.on_refusal == OnRefusal::Fail)
    }
}

impl Policy {
    /// What it gives an action that asks for `ask`.
    pub fn share(&self, ask: &Ask, who: Who<'_>) -> Share {
        let action = who.action.filter(|name| name.starts_with('/'));
        let rules: Vec<_> =
            self.rules.iter().filter(|rule| rule.is_for(action, who.caller)).collect();
        let (mut share, asking) = (
            Share {
                policy: self.file.clone(),
                action: action.map(str::to_owned),
                http: http(ask, &rules),
                files: self.files(ask, &rules),
                tmp: tmp(ask, &rules),
                refusals: Vec::new(),
                on_refusal: self.on_refusal,
            },
            Asking { policy: self, action },
        );
        share.refusals = asking.refusals(&share);
        share
    }

    fn files(&self, ask: &Ask, rules: &[&Rule]) -> Vec<(String, Part<Mode, Option<Mode>>)> {
        let part = |(name, asked): (&String, &Mode)| {
            let allowed = rules.iter().filter_map(|rule| rule.files.get(name)).max().copied();
            let volume = self.volumes.get(name);
            let allowed = allowed.zip(volume).map(|(mode, volume)| mode.min(volume.mode));
            let granted = allowed.map(|allowed| allowed.min(*asked));
            (name.clone(), Part { asked: *asked, allowed, granted })
        };
        ask.files.iter().map(part).collect()
    }
}

fn http(ask: &Ask, rules: &[&Rule]) -> Part<Vec<Server>, Vec<Server>> {
    let allowed: Vec<_> = rules.iter().flat_map(|rule| rule.http.iter().cloned()).collect();
    let both = |asked: &Server| {
        let covered = allowed.iter().any(|server| server.covers(asked));
        let some: Vec<_> = if covered {
            vec![asked.clone()]
        } else {
            allowed.iter().filter_map(|server| server.and(asked)).collect()
        };
        some
    };
    let granted = ask.http.iter().flat_map(both).collect();
    Part { asked: ask.http.clone(), allowed, granted }
}

/// The largest quota that some rule allows.
fn tmp(ask: &Ask, rules: &[&Rule]) -> Part<bool, Option<Quota>> {
    let quotas = rules.iter().filter_map(|rule| rule.tmp);
    let allowed = quotas.reduce(|one, other| Quota {
        bytes: one.bytes.max(other.bytes),
        entries: one.entries.max(other.entries),
    });
    Part { asked: ask.tmp, allowed, granted: allowed.filter(|_| ask.tmp) }
}

/// Whoever asks, for what is said of it.
struct Asking<'a> {
    policy: &'a Policy,
    action: Option<&'a str>,
}

impl Asking<'_> {
    fn refusals(&self, share: &Share) -> Vec<LoadError> {
        let covered =
            |asked: &&Server| share.http.allowed.iter().any(|server| server.covers(asked));
        let mut refusals = Vec::new();
        for more in share.http.asked.iter().filter(|asked| !covered(asked)) {
            let line = format!("http = [\"{more}\"]");
            refusals.push(self.refusal(&line, &listed(&share.http.allowed, "no server")));
        }
        for (name, part) in share.files.iter().filter(|(_, part)| part.granted != Some(part.asked))
        {
            let line = format!("files = {{ {name} = \"{}\" }}", part.asked);
            let allows = part.allowed.map(|mode| mode.to_string());
            let allows = allows.unwrap_or_else(|| "no such volume".to_owned());
            refusals.push(self.refusal(&line, &allows));
        }
        if share.tmp.asked && share.tmp.granted.is_none() {
            refusals.push(self.refusal("tmp = true", "no folder"));
        }
        refusals
    }

    fn refusal(&self, line: &str, allows: &str) -> LoadError {
        let who = self.action.unwrap_or("an action without a name");
        let Some(file) = &self.policy.file else {
            return LoadError::new(format!(
                "`{line}` in {}: this host has no policy, which allows nothing",
                manifest::NAME
            ))
            .hint("name one with `--policy FILE`; docs/capabilities.md says what is in it");
        };
        let mut hint = format!("the operator adds `{line}` to a [[grant]]");
        if let Some(name) = self.action {
            let _ = write!(hint, " with `actions = [\"{name}\"]`");
        }
        let _ = write!(hint, " of {}, or the action asks for less", file.display());
        LoadError::new(format!(
            "`{line}` in {} is more than the operator's policy allows {who}: {allows}",
            manifest::NAME
        ))
        .hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    fn share(policy: &str, ask: &str) -> Share {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("policy.toml");
        let data = folder.path().join("data");
        std::fs::create_dir(&data).expect("folder");
        let volume = format!("[volumes.data]\npath = {data:?}\nmode = \"read-only\"");
        std::fs::write(&path, format!("version = 1\nscratch = \"/s\"\n{policy}\n{volume}"))
            .expect("write");
        let policy = Policy::read(&path).unwrap_or_else(|error| panic!("{error:#}"));
        let manifest = format!("version = 1\n[capabilities]\n{ask}");
        let ask = Manifest::read(manifest.as_bytes()).expect("a manifest").capabilities;
        policy.share(&ask, Who { action: Some("/acme/a"), caller: None })
    }

    fn texts(servers: &[Server]) -> Vec<String> {
        servers.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_granted_is_in_both() {
        let policy = "on-refusal = \"deny\"\n[[grant]]\nhttp = [\"https://*.example.org\", \
                      \"http://a.example.net:*\"]\nfiles = { data = \"read-write\" }\n\
                      [[grant]]\ntmp = { bytes = 1, entries = 9 }\n\
                      [[grant]]\ntmp = { bytes = 9, entries = 1 }";
        let ask = "http = [\"https://a.example.org\", \"https://example.org\", \
                   \"http://*.example.net:81\", \"http://a.example.net\"]\n\
                   files = { data = \"read-write\" }\ntmp = true";
        let share = share(policy, ask);
        let granted = ["https://a.example.org", "http://a.example.net:81", "http://a.example.net"];
        assert_eq!(texts(&share.http.granted), granted);
        let read = Some(Mode::ReadOnly);
        let data = Part { asked: Mode::ReadWrite, allowed: read, granted: read };
        assert_eq!(share.files, [("data".to_owned(), data)]);
        let quota = Some(Quota { bytes: 9, entries: 9 });
        assert_eq!(share.tmp, Part { asked: true, allowed: quota, granted: quota });
        // It is loaded all the same, and denied what it may not have when it uses it.
        assert_eq!((share.refusals.len(), share.failure()), (3, None));
    }

    #[test]
    fn what_is_not_asked_for_is_not_granted() {
        let policy = "[[grant]]\nhttp = [\"https://*\"]\nfiles = { data = \"read-only\" }\n\
                      tmp = { bytes = 1, entries = 1 }";
        let share = share(policy, "");
        assert_eq!((share.http.granted, share.tmp.granted), (Vec::new(), None));
        assert!(share.files.is_empty() && share.refusals.is_empty());
        assert!(share.tmp.allowed.is_some() && !share.http.allowed.is_empty());
    }
}
