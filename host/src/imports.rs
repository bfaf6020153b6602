//! What a component imports that this host does not offer, in words.

use crate::error::LoadError;
use crate::listing::MOST_LISTED;
use wasmtime::Engine;
use wasmtime::component::Component;

/// The version of WASI that wasmtime's host implementation has. Imports of any
/// other 0.2 are compatible with it.
const WASI: &str = "0.2.12";

/// The interfaces that `capabilities::link` puts into the linker. wasmtime's linker
/// cannot be asked for them.
const OFFERED: [&str; 29] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// Why a component cannot be linked: which imports nobody offers.
pub(crate) fn unlinkable(
    engine: &Engine,
    component: &Component,
    cause: &wasmtime::Error,
) -> LoadError {
    let ty = component.component_type();
    let foreign: Vec<_> = ty.imports(engine).filter_map(|(name, _)| missing(name)).collect();
    if foreign.is_empty() {
        let sentence = format!("the component needs what this host does not offer: {cause:#}");
        return LoadError::new(sentence).hint(hint());
    }
    refusal(&foreign)
}

/// Why a component that imports these, as [`missing`] says them, is not loaded.
pub(crate) fn refusal(foreign: &[String]) -> LoadError {
    let sentence = match foreign {
        [one] => format!("the component imports {one}"),
        several => {
            let listed = several.iter().take(MOST_LISTED).map(|line| format!("\n  {line}"));
            format!(
                "the component imports what this host does not offer:{}",
                listed.collect::<String>()
            )
        }
    };
    if foreign.iter().any(|line| line.starts_with("`wow:action/handler@")) {
        return LoadError::new(sentence).hint(
            "it is a middleware: put an action inside it with `wow compose MIDDLEWARE ACTION -o OUT`",
        );
    }
    LoadError::new(sentence).hint(hint())
}

fn hint() -> String {
    format!(
        "an action may import WASI 0.2: wasi:cli, wasi:clocks, wasi:filesystem, wasi:http, wasi:io, \
         wasi:random and wasi:sockets up to {WASI}"
    )
}

/// What is wrong with an import, if this host does not offer it.
pub(crate) fn missing(import: &str) -> Option<String> {
    let (name, version) = import.split_once('@').unwrap_or((import, ""));
    if OFFERED.contains(&name) {
        let compatible = version.starts_with("0.2.") && !version.contains('-');
        return (!compatible).then(|| format!("`{import}`, of which this host has version {WASI}"));
    }
    let distance = |offered: &&str| strsim::osa_distance(offered, name);
    let near = OFFERED
        .iter()
        .copied()
        .filter(|_| name.len() <= 64)
        .min_by_key(|offered| distance(offered));
    // A fifth may be wrong: less would name any interface of the same package.
    match near.filter(|offered| distance(offered) <= name.len() / 5) {
        Some(offered) => Some(format!(
            "`{import}`, which this host does not offer; the nearest is `{offered}@{WASI}`"
        )),
        None => Some(format!("`{import}`, which this host does not offer")),
    }
}
