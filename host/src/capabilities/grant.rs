//! What an action gets: its share of what the policy allows, opened. Computed once,
//! at `/init`; nothing at `/run` changes it.

use super::files::{self, Scratch};
use super::http::{Access, Egress, Own, Servers};
use super::policy::{Mode, Policy};
use super::share::{Part, Share, Who};
use crate::error::LoadError;
use crate::manifest::Ask;
use crate::protocol::Environment;
use std::collections::BTreeMap;
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

impl Grant {
    /// Whether there is anything that the action may reach.
    pub(crate) fn reaches_outside(&self) -> bool {
        self.http.is_some() || !self.files.volumes.is_empty() || self.files.tmp.is_some()
    }
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
        let (action, caller) = (variable("__OW_ACTION_NAME"), variable("__OW_NAMESPACE"));
        let share = self.policy.share(ask, Who { action, caller });
        if let Some(refusal) = share.failure() {
            return Err(refusal.clone());
        }
        let volume = |(name, part): &(String, Part<_, Option<Mode>>)| {
            Some(self.volumes.get(name)?.clone().at_most(part.granted?))
        };
        let files = files::Grant {
            volumes: share.files.iter().filter_map(volume).collect(),
            tmp: self.scratch.clone().zip(share.tmp.granted),
        };
        let Share { http: Part { asked, allowed, .. }, action, .. } = share;
        let http = (!asked.is_empty())
            .then(|| Arc::new(Access::new(Servers { asked, allowed }, action, &self.egress)));
        Ok(Grant { http, files: Arc::new(files) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert!(grant.files.tmp.is_none() && !grant.reaches_outside());
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
