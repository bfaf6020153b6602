//! The contract itself: `wit/` is whole, at one version of WASI, and documented.

use wit_parser::{Resolve, WorldItem};
use wow_tests::guests::repository;

fn contract() -> (Resolve, wit_parser::PackageId) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(repository().join("wit")).unwrap();
    (resolve, package)
}

#[test]
fn the_contract_has_its_two_worlds_and_one_version_of_wasi() {
    let (resolve, package) = contract();
    assert_eq!(resolve.packages[package].name.to_string(), "wow:action@0.1.0");
    let worlds: Vec<_> = resolve.packages[package].worlds.keys().collect();
    assert_eq!(worlds, ["action", "middleware"]);
    for (_, dependency) in resolve.packages.iter().filter(|(id, _)| *id != package) {
        assert_eq!(dependency.name.namespace, "wasi");
        assert_eq!(dependency.name.version.as_ref().unwrap().to_string(), "0.2.12");
    }
}

#[test]
fn an_action_imports_nothing_but_wasi_and_a_middleware_its_handler() {
    let (resolve, package) = contract();
    for (world, own) in [("action", 0), ("middleware", 1)] {
        let world = &resolve.worlds[resolve.packages[package].worlds[world]];
        let own_imports = world.imports.values().filter(|import| match import {
            WorldItem::Interface { id, .. } => resolve.interfaces[*id].package == Some(package),
            WorldItem::Function(_) | WorldItem::Type { .. } => true,
        });
        assert_eq!(own_imports.count(), own, "{}", world.name);
        assert_eq!(world.exports.len(), 1, "{}", world.name);
    }
}

#[test]
fn every_item_of_the_contract_is_documented() {
    let (resolve, package) = contract();
    let package = &resolve.packages[package];
    assert!(package.docs.contents.is_some());
    for world in package.worlds.values() {
        assert!(resolve.worlds[*world].docs.contents.is_some(), "{}", resolve.worlds[*world].name);
    }
    for interface in package.interfaces.values().map(|id| &resolve.interfaces[*id]) {
        assert!(interface.docs.contents.is_some(), "{:?}", interface.name);
        for function in interface.functions.values() {
            assert!(function.docs.contents.is_some(), "{}", function.name);
        }
        for ty in interface.types.values() {
            assert!(resolve.types[*ty].docs.contents.is_some(), "{:?}", resolve.types[*ty].name);
        }
    }
}
