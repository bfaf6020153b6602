//! What a component imports, by capability, and what it would have to ask for.

use crate::component::unversioned;
use crate::imports::missing;
use std::fmt;
use wit_parser::{Resolve, WorldId, WorldItem};

/// One import.
pub(super) struct Import {
    pub(super) name: String,
    pub(super) capability: Capability,
    /// Why this host does not offer it, if it does not.
    pub(super) problem: Option<String>,
}

/// What an import lets an action reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Capability {
    Clock,
    Random,
    Environment,
    Logs,
    Streams,
    Exit,
    Files,
    Http,
    Sockets,
    Action,
    Unknown,
}

impl Capability {
    fn of(import: &str) -> Self {
        let name = unversioned(import);
        let (package, interface) = name.split_once('/').unwrap_or((name, ""));
        match (package, interface) {
            ("wasi:clocks", _) => Self::Clock,
            ("wasi:random", _) => Self::Random,
            ("wasi:cli", "environment") => Self::Environment,
            ("wasi:cli", "exit") => Self::Exit,
            ("wasi:cli", _) => Self::Logs,
            ("wasi:io", _) => Self::Streams,
            ("wasi:filesystem", _) => Self::Files,
            ("wasi:http", _) => Self::Http,
            ("wasi:sockets", _) => Self::Sockets,
            ("wow:action", _) => Self::Action,
            _ => Self::Unknown,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Random => "random",
            Self::Environment => "environment",
            Self::Logs => "logs",
            Self::Streams => "streams",
            Self::Exit => "exit",
            Self::Files => "files",
            Self::Http => "http",
            Self::Sockets => "sockets",
            Self::Action => "action",
            Self::Unknown => "unknown",
        }
    }

    /// What the platform says to it.
    pub(super) fn note(self) -> &'static str {
        match self {
            Self::Clock | Self::Random | Self::Streams => "always there",
            Self::Environment => "the action's own, and `__OW_*`",
            Self::Logs => "the activation's log; nothing to read",
            Self::Exit => "ends the activation: a program by its status, others as a failure",
            Self::Files => "only what `wow.toml` asks for and the operator grants",
            Self::Http => "requests only to what `wow.toml` asks for and the operator grants",
            Self::Sockets => "there, and refused",
            Self::Action => "another action: compose one in",
            Self::Unknown => "not offered",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Every import, those of one capability together.
pub(super) fn read(resolve: &Resolve, world: WorldId) -> Vec<Import> {
    let imports = resolve.worlds[world].imports.iter();
    let mut imports: Vec<_> = imports
        .filter(|(_, item)| !matches!(item, WorldItem::Type { .. }))
        .map(|(key, _)| {
            let name = resolve.name_world_key(key);
            Import { capability: Capability::of(&name), problem: missing(&name), name }
        })
        .collect();
    imports.sort_by(|a, b| (a.capability, &a.name).cmp(&(b.capability, &b.name)));
    imports
}

/// What must be in `wow.toml` if the action uses what it imports: a key, an example
/// of its value, and when it is needed.
pub(super) fn asks(imports: &[Import]) -> Vec<[&'static str; 3]> {
    let imported = |name| imports.iter().any(|import| unversioned(&import.name) == name);
    let mut asks = Vec::new();
    if imported("wasi:http/outgoing-handler") {
        asks.push(["http", r#"["https://api.example.com"]"#, "the servers that it calls"]);
    }
    if imported("wasi:filesystem/preopens") {
        asks.push([
            "files",
            r#"{ VOLUME = "read-only" }"#,
            "if it opens the operator's files; Rust's standard library imports them in any case",
        ]);
    }
    asks
}
