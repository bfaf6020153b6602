//! What a component's package asks for, what a policy allows it, and what it would
//! get: as `/init` computes it, for people and for programs.

use super::Inspection;
use crate::capabilities::{Mode, Part, Quota, Server, Share};
use crate::component;
use crate::error::LoadError;
use crate::listing::listed;
use crate::manifest::{self, Manifest};
use serde_json::{Map, Value, json};
use std::fmt::{self, Display, Formatter};

/// A `wow.toml`, and what comes of it.
pub(super) struct Packaged {
    manifest: Manifest,
    /// Under a policy, if one was named.
    share: Option<Share>,
    /// Whether another function was named than the package's own.
    pub(super) overruled: bool,
}

impl Inspection {
    /// The same in its package, under a policy.
    #[must_use]
    pub fn packaged(mut self, manifest: Manifest, share: Option<Share>) -> Self {
        let overruled = false;
        self.package = manifest.is_there().then_some(Packaged { manifest, share, overruled });
        self
    }

    /// Why the package would not be loaded, whatever its component is.
    pub(super) fn refusal_of_package(&self) -> Option<LoadError> {
        let Packaged { manifest, share, overruled } = self.package.as_ref()?;
        let main = manifest.own_main().filter(|_| !overruled).and_then(|main| {
            component::choose(self.entries.iter().map(|entry| &entry.export), main).err()
        });
        main.or_else(|| share.as_ref()?.failure().cloned())
    }

    /// Whether the package asks for a capability.
    pub(super) fn asks_for(&self, key: &str) -> bool {
        let Some(Packaged { manifest, .. }) = &self.package else { return false };
        let ask = &manifest.capabilities;
        match key {
            "http" => !ask.http.is_empty(),
            "files" => !ask.files.is_empty() || ask.tmp,
            _ => false,
        }
    }
}

impl Packaged {
    /// The keys `package` and `grant` of `wow inspect --json`.
    pub(super) fn json(package: Option<&Self>) -> (Value, Value) {
        let Some(Self { manifest, share, .. }) = package else { return (Value::Null, Value::Null) };
        let ask = &manifest.capabilities;
        let files = ask.files.iter().map(|(name, mode)| (name.clone(), text(mode)));
        let limits = manifest.limits.set().map(|(key, bound, _)| (key.to_owned(), bound.into()));
        let package = json!({
            "main": manifest.own_main(),
            "http": ask.http.iter().map(text).collect::<Vec<_>>(),
            "files": files.collect::<Map<_, _>>(),
            "tmp": ask.tmp,
            "limits": limits.collect::<Map<_, Value>>(),
        });
        (package, share.as_ref().map_or(Value::Null, granted))
    }
}

fn granted(share: &Share) -> Value {
    let servers = |servers: &[Server]| servers.iter().map(text).collect::<Vec<_>>();
    let mode = |mode: &Option<Mode>| mode.as_ref().map(text);
    let quota = |quota: &Option<Quota>| {
        quota.map(|Quota { bytes, entries }| json!({ "bytes": bytes, "entries": entries }))
    };
    let Share { http, tmp, .. } = share;
    let files = share.files.iter().map(|(name, part)| {
        let Part { asked, allowed, granted } = part;
        let part = json!({
            "asked": text(asked), "allowed": mode(allowed), "granted": mode(granted),
        });
        (name.clone(), part)
    });
    json!({
        "policy": share.policy,
        "action": share.action,
        "http": {
            "asked": servers(&http.asked),
            "allowed": servers(&http.allowed),
            "granted": servers(&http.granted),
        },
        "files": files.collect::<Map<_, _>>(),
        "tmp": { "asked": tmp.asked, "allowed": quota(&tmp.allowed), "granted": quota(&tmp.granted) },
        "refusals": share.refusals.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "loads": share.failure().is_none(),
    })
}

fn text(value: &impl Display) -> Value {
    value.to_string().into()
}

impl Display for Packaged {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { manifest, share, .. } = self;
        write!(f, "\n{}", manifest::NAME)?;
        if let Some(share) = share {
            let policy =
                share.policy.as_ref().map_or("no policy".into(), |file| file.to_string_lossy());
            let action = share.action.as_deref().unwrap_or("an action without a name");
            write!(f, " under {policy}, for {action}")?;
        }
        writeln!(f)?;
        if let Some(main) = manifest.own_main() {
            writeln!(f, "  main    {main}")?;
        }
        let limits: Vec<_> = manifest
            .limits
            .set()
            .map(|(key, bound, unit)| format!("{key} {bound} {unit}"))
            .collect();
        if !limits.is_empty() {
            writeln!(f, "  limits  {}", limits.join(", "))?;
        }
        match share {
            Some(share) => under(f, share),
            None => alone(f, manifest),
        }
    }
}

/// What is asked for, where nobody said what is allowed.
fn alone(f: &mut Formatter<'_>, manifest: &Manifest) -> fmt::Result {
    let ask = &manifest.capabilities;
    for (key, asked) in [
        ("http", listed(&ask.http, "")),
        ("files", listed(ask.files.iter().map(|(name, mode)| format!("{name} {mode}")), "")),
        ("tmp", if ask.tmp { "a private folder".to_owned() } else { String::new() }),
    ] {
        if !asked.is_empty() {
            writeln!(f, "  {key:<7} asks for {asked}")?;
        }
    }
    writeln!(f, "  what it gets of it is the operator's to say: `--policy FILE` shows it")
}

/// The same beside what is allowed and what is granted.
fn under(f: &mut Formatter<'_>, share: &Share) -> fmt::Result {
    let fails = share.failure().is_some();
    for (key, [asked, allowed, granted]) in rows(share) {
        writeln!(f, "  {key:<7} asks for {asked}\n{:10}may have {allowed}", "")?;
        if !fails {
            writeln!(f, "{:10}gets     {granted}", "")?;
        }
    }
    if fails { writeln!(f, "  it gets nothing: its `/init` fails") } else { Ok(()) }
}

/// What becomes of one volume.
type Modes = Part<Mode, Option<Mode>>;

/// Each capability that is asked for: what is asked, what allowed, what granted.
fn rows(share: &Share) -> Vec<(&'static str, [String; 3])> {
    let Share { http, files, tmp, .. } = share;
    let mut rows = Vec::new();
    if !http.asked.is_empty() {
        let parts = [&http.asked, &http.allowed, &http.granted];
        rows.push(("http", parts.map(|servers| listed(servers, "no server"))));
    }
    if !files.is_empty() {
        let modes: [fn(&Modes) -> Option<Mode>; 3] =
            [|part| Some(part.asked), |part| part.allowed, |part| part.granted];
        rows.push((
            "files",
            modes.map(|mode| {
                let named =
                    files.iter().filter_map(|(name, part)| Some(format!("{name} {}", mode(part)?)));
                listed(named, "no volume")
            }),
        ));
    }
    if tmp.asked {
        let [allowed, granted] = [tmp.allowed, tmp.granted].map(|quota| {
            quota.map_or("no folder".to_owned(), |Quota { bytes, entries }| {
                format!("{bytes} bytes, {entries} entries")
            })
        });
        rows.push(("tmp", ["a private folder".to_owned(), allowed, granted]));
    }
    rows
}
