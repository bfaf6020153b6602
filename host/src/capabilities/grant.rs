//! What an action gets: what its `wow.toml` asks for, as far as the operator's
//! policy allows it. Computed once, at `/init`; nothing at `/run` changes it.

use super::files::{self, Scratch};
use super::http::{Access, Egress, Own, Server, Servers};
use super::policy::{OnRefusal, Policy, Quota, Rule};
use crate::error::LoadError;
use crate::listing::listed;
use crate::manifest::{self, Ask};
use crate::protocol::Environment;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// What of the world outside the actions of a host may reach.
pub struct Outside {
    policy: Policy,
    volumes: BTreeMap<String, files::Volume>,
    scratch: Option<Arc<Scratch>>,
    egress: Arc<Egress>,
}

/// What one action may reach.
#[derive(Clone, Default)]
pub struct Grant {
    /// Servers.
    pub(crate) http: Option<Arc<Access>>,
    /// Files.
    pub files: Arc<files::Grant>,
}

impl Default for Outside {
    /// Nothing.
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            volumes: BTreeMap::new(),
            scratch: None,
            egress: Arc::new(Egress::closed()),
        }
    }
}

impl Outside {
    /// What `policy` allows, but for what is the host's `own`.
    pub fn open(policy: Policy, own: Own) -> anyhow::Result<Self> {
        let egress = Arc::new(Egress::open(&policy.egress, own)?);
        let open = |(name, volume)| Ok((String::clone(name), files::Volume::open(volume)?));
        let volumes = policy.volumes.iter().map(open).collect::<anyhow::Result<_>>()?;
        let scratch = policy.scratch.as_deref().map(Scratch::open).transpose()?;
        Ok(Self { policy, volumes, scratch: scratch.map(Arc::new), egress })
    }

    /// What an action gets that asks for `ask`. Its name and its caller are the
    /// platform's, from the environment of its `/init`.
    pub fn grant(&self, ask: &Ask, environment: &Environment) -> Result<Grant, LoadError> {
        if *ask == Ask::default() {
            return Ok(Grant::default());
        }
        let variable = |name| environment.get(name).map(String::as_str);
        let name = variable("__OW_ACTION_NAME").filter(|name| name.starts_with('/'));
        let caller = variable("__OW_NAMESPACE");
        let rules = || self.policy.rules.iter().filter(|rule| rule.is_for(name, caller));
        let asking = Asking { policy: &self.policy, name };
        let files = files::Grant {
            volumes: self.volumes(ask, &asking, rules())?,
            tmp: self.scratch.clone().zip(tmp(ask, &asking, rules())?),
        };
        Ok(Grant { http: self.http(ask, &asking, rules())?, files: Arc::new(files) })
    }

    fn http<'a>(
        &self,
        ask: &Ask,
        asking: &Asking<'_>,
        rules: impl Iterator<Item = &'a Rule>,
    ) -> Result<Option<Arc<Access>>, LoadError> {
        if ask.http.is_empty() {
            return Ok(None);
        }
        let allowed: Vec<Server> = rules.flat_map(|rule| rule.http.iter().cloned()).collect();
        let covered = |asked: &&Server| allowed.iter().any(|server| server.covers(asked));
        if let Some(more) = ask.http.iter().find(|asked| !covered(asked))
            && self.policy.on_refusal == OnRefusal::Fail
        {
            let line = format!("http = [\"{more}\"]");
            return Err(asking.refusal(&line, &listed(&allowed, "no server")));
        }
        let servers = Servers { asked: ask.http.clone(), allowed };
        let name = asking.name.map(str::to_owned);
        Ok(Some(Arc::new(Access::new(servers, name, &self.egress))))
    }

    fn volumes<'a>(
        &self,
        ask: &Ask,
        asking: &Asking<'_>,
        rules: impl Iterator<Item = &'a Rule>,
    ) -> Result<Vec<files::Volume>, LoadError> {
        let rules: Vec<_> = rules.collect();
        let mut volumes = Vec::new();
        for (name, asked) in &ask.files {
            let allowed = rules.iter().filter_map(|rule| rule.files.get(name)).max().copied();
            let volume = self.volumes.get(name);
            let ceiling = allowed.zip(volume).map(|(mode, volume)| mode.min(volume.mode));
            let mode = ceiling.map(|ceiling| ceiling.min(*asked));
            if mode != Some(*asked) && self.policy.on_refusal == OnRefusal::Fail {
                let line = format!("files = {{ {name} = \"{asked}\" }}");
                let allows = match ceiling {
                    Some(mode) => mode.to_string(),
                    None => "no such volume".to_owned(),
                };
                return Err(asking.refusal(&line, &allows));
            }
            if let (Some(mode), Some(volume)) = (mode, volume) {
                volumes.push(volume.clone().at_most(mode));
            }
        }
        Ok(volumes)
    }
}

/// The largest quota that some rule allows.
fn tmp<'a>(
    ask: &Ask,
    asking: &Asking<'_>,
    rules: impl Iterator<Item = &'a Rule>,
) -> Result<Option<Quota>, LoadError> {
    if !ask.tmp {
        return Ok(None);
    }
    let quota = rules.filter_map(|rule| rule.tmp).reduce(|one, other| Quota {
        bytes: one.bytes.max(other.bytes),
        entries: one.entries.max(other.entries),
    });
    if quota.is_none() && asking.policy.on_refusal == OnRefusal::Fail {
        return Err(asking.refusal("tmp = true", "no folder"));
    }
    Ok(quota)
}

/// Whoever asks, for what is said of it.
struct Asking<'a> {
    policy: &'a Policy,
    name: Option<&'a str>,
}

impl Asking<'_> {
    fn refusal(&self, line: &str, allows: &str) -> LoadError {
        let who = self.name.unwrap_or("an action without a name");
        let Some(file) = &self.policy.file else {
            return LoadError::new(format!(
                "`{line}` in {}: this host has no policy, which allows nothing",
                manifest::NAME
            ))
            .hint("name one with `--policy FILE`; docs/capabilities.md says what is in it");
        };
        let mut hint = format!("the operator adds `{line}` to a [[grant]]");
        if let Some(name) = self.name {
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
    use crate::capabilities::Mode;
    use crate::manifest::Manifest;

    fn outside(policy: &str) -> Outside {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("policy.toml");
        std::fs::write(&path, format!("version = 1\n{policy}")).expect("write");
        let policy = Policy::read(&path).unwrap_or_else(|error| panic!("{error:#}"));
        Outside::open(Policy { file: Some("policy.toml".into()), ..policy }, Own::nothing())
            .expect("it opens")
    }

    fn grant(outside: &Outside, ask: &str, name: Option<&str>) -> Result<Grant, String> {
        let manifest = format!("version = 1\n[capabilities]\n{ask}");
        let manifest = Manifest::read(manifest.as_bytes()).expect("a manifest");
        let named = name.map(|name| ("__OW_ACTION_NAME".to_owned(), name.to_owned()));
        let environment = named.into_iter().collect();
        outside.grant(&manifest.capabilities, &environment).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_asked_is_nothing_granted() {
        let outside = outside("[[grant]]\nhttp = [\"https://*\"]");
        let grant = grant(&outside, "", Some("/acme/a")).expect("loaded");
        assert!(grant.http.is_none() && grant.files.volumes.is_empty());
        assert!(grant.files.tmp.is_none());
    }

    #[test]
    fn what_is_asked_and_not_allowed_is_refused_with_both_lines() {
        let outside =
            outside("[[grant]]\nactions = [\"/acme/*\"]\nhttp = [\"https://*.example.org\"]");
        let ask = "http = [\"https://a.example.org\", \"https://b.example.com\"]";
        let refusals = [Some("/acme/a"), Some("/beta/a"), None]
            .map(|name| grant(&outside, ask, name).err().expect("refused"));
        insta::assert_snapshot!(refusals.join("\n\n"));
        let one = "http = [\"https://a.example.org\"]";
        assert!(grant(&outside, one, Some("/acme/images/a")).is_ok());
    }

    #[test]
    fn without_a_policy_nothing_is_allowed() {
        let none = Outside::open(Policy::default(), Own::nothing()).expect("it opens");
        let refusal = grant(&none, "http = [\"https://a.example\"]", None).err().expect("refused");
        assert_eq!(
            refusal,
            "`http = [\"https://a.example\"]` in wow.toml: this host has no policy, which allows \
             nothing\n\nhint: name one with `--policy FILE`; docs/capabilities.md says what is in it"
        );
    }

    #[test]
    fn f_07_only_the_operators_volumes_can_be_asked_for() {
        let folder = tempfile::tempdir().expect("folder");
        let policy = format!(
            "[[grant]]\nfiles = {{ assets = \"read-write\" }}\n[volumes.assets]\npath = {:?}\n\
             mode = \"read-only\"\n[volumes.other]\npath = {:?}\nmode = \"read-only\"",
            folder.path(),
            folder.path()
        );
        let outside = outside(&policy);
        let refusals = ["etc = \"read-only\"", "other = \"read-only\"", "assets = \"read-write\""]
            .map(|ask| format!("files = {{ {ask} }}"))
            .map(|ask| grant(&outside, &ask, Some("/acme/a")).err().expect("refused"))
            .join("\n\n");
        insta::assert_snapshot!(refusals);
        let granted = grant(&outside, "files = { assets = \"read-only\" }", None);
        let modes = granted
            .expect("granted")
            .files
            .volumes
            .iter()
            .map(|volume| volume.mode)
            .collect::<Vec<_>>();
        assert_eq!(modes, [Mode::ReadOnly]);
    }
}
