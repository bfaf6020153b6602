//! Components into one component, with wac's graph: what one imports, another
//! exports. Bytes in, bytes out; knows neither files nor the host.

mod named;
mod sequence;
mod wit;

use crate::component::unversioned;
use crate::error::LoadError;
use crate::listing::{MOST_LISTED, listed};
use crate::package;
use std::fmt::Write as _;
use std::ops::Range;
use wac_graph::types::{ItemKind, Package, SubtypeChecker, Types, are_semver_compatible};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId, Processor};

/// What a JSON action exports, and a middleware imports as well (`wit/action.wit`).
const HANDLER: &str = "wow:action/handler@0.1.0";

/// A component that becomes part of another.
#[derive(Clone, Debug)]
pub struct Part {
    /// What the user calls it.
    pub name: String,
    /// The component itself.
    pub bytes: Vec<u8>,
}

/// What parts became.
#[derive(Debug)]
pub struct Composition {
    /// The component.
    pub bytes: Vec<u8>,
    /// What it still imports and no host offers, for who composes it further.
    pub open: Vec<String>,
}

/// Parts each around the next: what one imports is taken from the nearest after it
/// that exports it. What the first exports, the whole does.
///
/// # Errors
///
/// Which two do not fit, with the types of both.
pub fn around(parts: &[Part]) -> Result<Composition, LoadError> {
    let mut graph = Graph::new(parts)?;
    for outer in 0..parts.len() {
        for (import, wanted) in graph.imports(outer) {
            let mut after = outer + 1..parts.len();
            let found = after.find_map(|inner| {
                let exports = graph.exports(inner).into_iter();
                let export = pick(exports, &import)?;
                Some((inner, export))
            });
            if let Some((inner, (export, offered))) = found {
                let offer = Offer { inner, export: &export, offered };
                graph.plug(outer, &import, wanted, &offer)?;
            }
        }
    }
    if let Some(idle) = (1..parts.len()).find(|part| !graph.used[*part]) {
        return Err(graph.idle(idle));
    }
    for (name, _) in graph.exports(0) {
        let node = graph.alias(0, &name)?;
        graph.graph.export(node, &name).map_err(|e| broken(&e))?;
    }
    graph.finish()
}

/// JSON actions one after another: the outcome of one is the parameters of the next,
/// and an error ends it.
///
/// # Errors
///
/// Which part is no JSON action, and what it is.
pub fn sequence(parts: &[Part]) -> Result<Composition, LoadError> {
    if !(2..=sequence::MOST_ELEMENTS).contains(&parts.len()) {
        return Err(LoadError::new(format!(
            "a sequence has 2 to {} actions, this one {}",
            sequence::MOST_ELEMENTS,
            parts.len()
        ))
        .hint("a sequence is an action too, and can be an element of another"));
    }
    let mut all =
        vec![Part { name: "the sequencer".to_owned(), bytes: sequence::component(parts.len()) }];
    all.extend_from_slice(parts);
    let mut graph = Graph::new(&all)?;
    for (element, Part { name, .. }) in all.iter().enumerate().skip(1) {
        let import = sequence::step(element);
        let wanted = graph.imports(0).into_iter().find(|(name, _)| *name == import);
        let export = pick(graph.exports(element).into_iter(), HANDLER);
        let (Some((_, wanted)), Some((export, offered))) = (wanted, export) else {
            return Err(graph.no_json_action(element));
        };
        if let Some((open, _)) = pick(graph.imports(element).into_iter(), HANDLER) {
            return Err(LoadError::new(format!(
                "{name} imports `{open}`: it is a middleware, and there is no action inside it"
            ))
            .hint(format!("put one there first: `wow compose {name} ACTION -o OUT`")));
        }
        let offer = Offer { inner: element, export: &export, offered };
        graph.plug(0, &import, wanted, &offer)?;
    }
    let node = graph.alias(0, HANDLER)?;
    graph.graph.export(node, HANDLER).map_err(|e| broken(&e))?;
    graph.finish()
}

/// The item of that name, or else of a compatible version of it.
fn pick(
    items: impl Iterator<Item = (String, ItemKind)> + Clone,
    name: &str,
) -> Option<(String, ItemKind)> {
    let exact = items.clone().find(|(other, _)| other == name);
    exact.or_else(|| items.into_iter().find(|(other, _)| are_semver_compatible(other, name)))
}

/// What a part exports that another imports.
struct Offer<'a> {
    inner: usize,
    export: &'a str,
    offered: ItemKind,
}

/// The parts, each instantiated once.
struct Graph<'a> {
    parts: &'a [Part],
    graph: CompositionGraph,
    packages: Vec<PackageId>,
    instances: Vec<NodeId>,
    /// Whether any other part imports something of it.
    used: Vec<bool>,
}

impl<'a> Graph<'a> {
    fn new(parts: &'a [Part]) -> Result<Self, LoadError> {
        let mut graph = CompositionGraph::new();
        let mut packages: Vec<PackageId> = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            // A component that is there twice is embedded once.
            let same = parts[..place].iter().position(|other| other.bytes == part.bytes);
            packages.push(match same {
                Some(first) => packages[first],
                None => register(&mut graph, place, part)?,
            });
        }
        let instances = packages.iter().map(|package| graph.instantiate(*package)).collect();
        Ok(Self { parts, graph, packages, instances, used: vec![false; parts.len()] })
    }

    fn imports(&self, part: usize) -> Vec<(String, ItemKind)> {
        let world = &self.types()[self.graph[self.packages[part]].ty()];
        world.imports.iter().map(|(name, kind)| (name.clone(), *kind)).collect()
    }

    fn exports(&self, part: usize) -> Vec<(String, ItemKind)> {
        let world = &self.types()[self.graph[self.packages[part]].ty()];
        world.exports.iter().map(|(name, kind)| (name.clone(), *kind)).collect()
    }

    fn types(&self) -> &Types {
        self.graph.types()
    }

    fn alias(&mut self, part: usize, export: &str) -> Result<NodeId, LoadError> {
        let instance = self.instances[part];
        self.graph.alias_instance_export(instance, export).map_err(|e| broken(&e))
    }

    /// Gives `outer` what it imports, if it has the type that `outer` wants.
    fn plug(
        &mut self,
        outer: usize,
        import: &str,
        wanted: ItemKind,
        offer: &Offer<'_>,
    ) -> Result<(), LoadError> {
        let mut seen = Default::default();
        let mut checker = SubtypeChecker::new(&mut seen);
        let fits = checker.is_subtype(offer.offered, self.types(), wanted, self.types());
        if let Err(cause) = fits {
            return Err(self.misfit(outer, import, wanted, offer, &cause));
        }
        let node = self.alias(offer.inner, offer.export)?;
        self.used[offer.inner] = true;
        let instance = self.instances[outer];
        self.graph.set_instantiation_argument(instance, import, node).map_err(|e| broken(&e))
    }

    fn finish(self) -> Result<Composition, LoadError> {
        let version = env!("CARGO_PKG_VERSION");
        let processor = Some(Processor { name: "wow compose", version });
        let options = EncodeOptions { processor, ..EncodeOptions::default() };
        let bytes = self.graph.encode(options).map_err(|e| broken(&e))?;
        let imports = self.graph.imports().map(|(name, _, _)| name.to_owned());
        let mut open: Vec<_> = imports.filter(|name| !name.starts_with("wasi:")).collect();
        open.sort();
        open.dedup();
        Ok(Composition { bytes, open })
    }

    /// Both have the interface, but not of one type.
    fn misfit(
        &self,
        outer: usize,
        import: &str,
        wanted: ItemKind,
        offer: &Offer<'_>,
        cause: &anyhow::Error,
    ) -> LoadError {
        let Part { name: outer, .. } = &self.parts[outer];
        let Part { name: inner, .. } = &self.parts[offer.inner];
        let mut sentence = format!("{inner} does not fit into {outer}: {cause:#}");
        let differences = differences(self.types(), wanted, offer.offered);
        // The sequencer's own names are nobody's.
        let import = if import.starts_with("step-") { HANDLER } else { import };
        let export = offer.export;
        for (name, verb, interface, side) in
            [(outer, "imports", import, 0), (inner, "exports", export, 1)]
        {
            let _ = write!(sentence, "\n  {name} {verb} `{interface}`");
            for difference in differences.iter().take(MOST_LISTED) {
                let _ = write!(
                    sentence,
                    "\n    {}",
                    if side == 0 { &difference.0 } else { &difference.1 }
                );
            }
        }
        LoadError::new(sentence).hint("build both with the same WIT")
    }

    /// Nobody imports anything of a part.
    fn idle(&self, inner: usize) -> LoadError {
        let Part { name, .. } = &self.parts[inner];
        let before = &self.parts[..inner];
        let subject = match before {
            [outer] => format!("{} imports nothing that {name} exports", outer.name),
            several => {
                let names: Vec<_> = several.iter().map(|part| part.name.as_str()).collect();
                format!("none of {} imports anything that {name} exports", names.join(", "))
            }
        };
        let mut sentence = subject;
        for (outer, part) in before.iter().enumerate() {
            let imports = self.imports(outer).into_iter().map(|(name, _)| name);
            let own = imports.filter(|name| !name.starts_with("wasi:"));
            let _ = write!(
                sentence,
                "\n  {} imports {}",
                part.name,
                listed(own.map(quoted), "only WASI")
            );
        }
        let exports = self.exports(inner).into_iter().map(|(name, _)| name);
        let _ = write!(sentence, "\n  {name} exports {}", listed(exports.map(quoted), "nothing"));
        LoadError::new(sentence).hint(if let Some(interface) = self.other_version(inner) {
            format!("build both with the same version of `{interface}`")
        } else if self.takes(0..inner, inner) {
            format!("each takes what it imports from the nearest after it: leave {name} out")
        } else if inner == 1 && self.takes(1..2, 0) {
            format!("the other way round they fit: `wow compose {name} {} -o OUT`", before[0].name)
        } else {
            "a middleware imports what it is around, such as `wow:action/handler`; to run actions one \
             after another use `wow compose --sequence`"
                .to_owned()
        })
    }

    /// Whether any of some parts imports what another exports.
    fn takes(&self, mut outers: Range<usize>, inner: usize) -> bool {
        let exports = self.exports(inner);
        let taken = |import: &str| pick(exports.iter().cloned(), import).is_some();
        outers.any(|outer| self.imports(outer).iter().any(|(import, _)| taken(import)))
    }

    /// An interface that a part exports, and one before it imports in a version that is
    /// not compatible.
    fn other_version(&self, inner: usize) -> Option<String> {
        let exports = self.exports(inner);
        let mut imports = (0..inner).flat_map(|outer| self.imports(outer));
        let (import, _) = imports.find(|(import, _)| {
            exports.iter().any(|(export, _)| {
                unversioned(export) == unversioned(import) && !are_semver_compatible(export, import)
            })
        })?;
        Some(unversioned(&import).to_owned())
    }

    fn no_json_action(&self, element: usize) -> LoadError {
        let Part { name, .. } = &self.parts[element];
        let exports = self.exports(element).into_iter().map(|(export, kind)| match kind {
            ItemKind::Func(_) => format!("{export}: {}", wit::item(self.types(), kind)),
            _ => export,
        });
        let exports = listed(exports.map(quoted), "nothing");
        LoadError::new(format!("{name} is not a JSON action: it exports {exports}")).hint(format!(
            "each element of a sequence exports `{HANDLER}`, as the SDKs do it: an object is handed \
             from one to the next"
        ))
    }
}

fn register(
    graph: &mut CompositionGraph,
    place: usize,
    part: &Part,
) -> Result<PackageId, LoadError> {
    let Part { name, bytes } = part;
    let of_part = |e: &dyn std::fmt::Display| LoadError::new(format!("{name}: {e}"));
    if bytes.starts_with(b"PK") {
        return Err(of_part(&"it is a zip archive, and components are composed")
            .hint("take the `action.wasm` out of it, and give the result its `wow.toml`"));
    }
    package::from_bytes(bytes.clone()).map_err(|e| of_part(&e))?;
    let named = named::named(bytes, name);
    let package = Package::from_bytes(&format!("part-{place}"), None, named, graph.types_mut())
        .map_err(|e| LoadError::new(format!("{name} is not a valid component: {e:#}")))?;
    graph.register_package(package).map_err(|e| broken(&e))
}

/// What differs between two items, on the first's side and on the second's. Of
/// interfaces, what both or only the first have.
fn differences(types: &Types, wanted: ItemKind, offered: ItemKind) -> Vec<(String, String)> {
    let (ItemKind::Instance(wanted), ItemKind::Instance(offered)) = (wanted, offered) else {
        return vec![(wit::item(types, wanted), wit::item(types, offered))];
    };
    let offered = &types[offered].exports;
    let items = types[wanted].exports.iter().map(|(name, wanted)| {
        let offered = match offered.get(name) {
            Some(offered) => format!("{name}: {}", wit::item(types, *offered)),
            None => format!("no `{name}`"),
        };
        (format!("{name}: {}", wit::item(types, *wanted)), offered)
    });
    items.filter(|(wanted, offered)| wanted != offered).collect()
}

fn quoted(name: String) -> String {
    format!("`{name}`")
}

/// What fits each with each, and not all together.
fn broken(cause: &(dyn std::error::Error + 'static)) -> LoadError {
    let mut sentence = format!("the components cannot be composed: {cause}");
    let mut source = cause.source();
    while let Some(cause) = source {
        let _ = write!(sentence, ": {cause}");
        source = cause.source();
    }
    LoadError::new(sentence)
}

#[cfg(test)]
mod tests;
