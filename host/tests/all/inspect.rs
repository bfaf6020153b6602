//! What a component is, from its bytes: the same as what a host that loads it sees.

use crate::library;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::fd::AsRawFd as _;
use std::time::Duration;
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;
use wow::cache::{Bounds, Cache};
use wow::inspect::Inspection;
use wow::typed::Function;
use wow_tests::guests;
use wow_tests::wat::{self, lift};

const BOUNDS: Bounds = Bounds { bytes: 1 << 30, age: Duration::from_secs(24 * 60 * 60) };

fn inspected(component: &[u8]) -> Inspection {
    Inspection::of(component).unwrap_or_else(|e| panic!("{e}"))
}

/// Every type that JSON has, in one function, by way of aliases. A world in WIT imports
/// types of its own.
fn every_type() -> Vec<u8> {
    let types = r#"
        (type $byte u8)
        (type $record' (record (field "first-name" string) (field "age" (option $byte))))
        (import "person" (type $record (eq $record')))
        (type $enum' (enum "red" "dark-green"))
        (import "color" (type $enum (eq $enum')))
        (type $flags' (flags "read" "write" "run-it"))
        (import "rights" (type $flags (eq $flags')))
        (type $variant' (variant (case "point") (case "circle" f64) (case "many" (list $record))))
        (import "shape" (type $variant (eq $variant')))
        (type $all (tuple bool s8 u8 s16 u16 s32 u32 s64 u64 f32 f64 char string (list $byte)
            (list (list u8)) (tuple u8 string) $record $enum $flags $variant (option string)
            (option (option u8)) (result u8 (error string)) (result)))"#;
    wat::echo_list(types, "$all")
}

/// The functions that wasmtime sees in a component, once it is compiled.
fn loaded(component: Vec<u8>) -> BTreeMap<String, Function> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let cache = || Cache::open(&path, BOUNDS).unwrap();
    let library = library(Some(cache()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let name = *runtime.block_on(library.load(component)).unwrap().name();
    let file = cache().get(&name).unwrap();
    let engine = wow::engine::engine(1).unwrap();
    let component = map(&engine, &format!("/proc/self/fd/{}", file.as_raw_fd()));
    let mut functions = BTreeMap::new();
    for (name, item) in component.component_type().exports(&engine) {
        match item.ty {
            ComponentItem::ComponentFunc(function) => {
                functions.insert(name.to_owned(), Function::of(&function).unwrap());
            }
            ComponentItem::ComponentInstance(interface) if !name.starts_with("w") => {
                for (function, item) in interface.exports(&engine) {
                    if let ComponentItem::ComponentFunc(ty) = item.ty {
                        let name = format!("{name}#{function}");
                        functions.insert(name, Function::of(&ty).unwrap());
                    }
                }
            }
            _ => {}
        }
    }
    functions
}

#[expect(unsafe_code, reason = "a test that loads what its own compiler wrote")]
fn map(engine: &Engine, path: &str) -> Component {
    // SAFETY: the entry was authenticated by the cache, and `wow-compile` wrote it.
    unsafe { Component::deserialize_file(engine, path) }.unwrap()
}

/// The only test here that needs the guests.
#[test]
fn every_guest_has_the_same_types_before_and_after_it_is_loaded() {
    // A middleware is loaded with an action inside it, and has the action's types.
    let alone = guests::all().into_iter().filter(|(name, cases)| {
        let built = name.ends_with(".rust") || guests::is_built(name);
        // An engine has the same types whatever it runs, and takes seconds to compile.
        let engine = name.ends_with(".javascript") || name.ends_with(".python");
        built
            && (!engine || name.starts_with("hello."))
            && cases.iter().all(|case| case.around.is_none())
    });
    let guests = alone.map(|(name, _)| guests::read(&name));
    let mut compared = 0;
    for component in guests.chain([every_type()]) {
        let inspection = inspected(&component);
        let types: BTreeMap<_, _> =
            inspection.functions().map(|(name, function)| (name, function.clone())).collect();
        compared += types.len();
        assert_eq!(types, loaded(component));
    }
    assert!(compared >= 5, "{compared}");
}

#[test]
fn a_json_action_is_said_with_what_it_imports() {
    let inspection = inspected(&wat::action(wat::ECHO));
    let text = format!(
        "JSON action\n{} bytes\n\nfunctions\n  wow:action/handler@0.1.0#run: \
         func(parameters: string) -> result<string, string>\n\nimports nothing\n\nneeds no wow.toml\n",
        wat::action(wat::ECHO).len()
    );
    assert_eq!(inspection.to_string(), text);
    let json = inspected(&wat::wasi_action(wat::ECHO)).json();
    let capabilities: Vec<_> = json["imports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|import| import["capability"].as_str().unwrap())
        .collect();
    assert_eq!(json["shape"], "json");
    assert!(capabilities.contains(&"clock") && capabilities.contains(&"logs"), "{capabilities:?}");
}

#[test]
fn a_component_that_is_no_action_says_why() {
    let nothing = inspected(&wat::assemble("(component)"));
    assert_eq!(nothing.json()["shape"], Value::Null);
    let text = nothing.to_string();
    assert!(
        text.starts_with("not an action\nthe component is not an action: it exports nothing"),
        "{text}"
    );
    let resource = r#"(import "file" (type $file (sub resource)))"#;
    let f = r#"(func (export "f") (param i32))"#;
    let refused = inspected(&wat::typed(resource, f, &lift("f", r#"(param "u" (own $file))"#)));
    let words = "`f` cannot be called with JSON: the parameter `u` is a resource, which JSON has no value for";
    assert_eq!(refused.refusal().unwrap().to_string(), words);
    assert_eq!(refused.schema(), json!({}));
    assert!(Inspection::of(b"\0asm\x0d\0\x01\0rubbish").is_err());
}

#[test]
fn components_of_wasi_are_told_by_what_they_export() {
    let run = |version: &str| {
        wat::assemble(&format!(
            r#"(component
                (core module $m (func (export "run") (result i32) (i32.const 0)))
                (core instance $i (instantiate $m))
                (func $run (result (result)) (canon lift (core func $i "run")))
                (instance $program (export "run" (func $run)))
                (export "wasi:cli/run@{version}" (instance $program)))"#
        ))
    };
    let program = inspected(&run("0.2.3"));
    assert_eq!(program.json()["shape"], "program");
    assert_eq!(
        program.schema()["wasi:cli/run@0.2.3#run"]["input"]["type"],
        json!(["object", "array"])
    );
    let newer = inspected(&run("0.3.0"));
    let words = "the component exports `wasi:cli/run@0.3.0#run`; this host runs version 0.2.x\n\n\
                 hint: build it for WASI 0.2, ";
    let refusal = newer.refusal().unwrap().to_string();
    assert!(refusal.starts_with(words), "{refusal}");
}

#[test]
fn an_import_that_the_host_does_not_offer_is_said_with_the_nearest() {
    let component = wat::assemble(
        r#"(component
            (import "wasi:keyvalue/store@0.2.0" (instance (export "f" (func))))
            (import "wasi:clocks/wall-clok@0.2.0" (instance (export "f" (func)))))"#,
    );
    let inspection = inspected(&component);
    let refusal = inspection.refusal().unwrap().to_string();
    assert!(refusal.starts_with("the component is not an action: "), "nothing to run: {refusal}");
    let imports = inspection.json()["imports"].clone();
    assert_eq!(
        imports,
        json!([
            {
                "name": "wasi:clocks/wall-clok@0.2.0",
                "capability": "clock",
                "problem": "`wasi:clocks/wall-clok@0.2.0`, which this host does not offer; the nearest is \
                            `wasi:clocks/wall-clock@0.2.12`",
            },
            {
                "name": "wasi:keyvalue/store@0.2.0",
                "capability": "unknown",
                "problem": "`wasi:keyvalue/store@0.2.0`, which this host does not offer",
            },
        ])
    );
}

#[test]
fn an_action_that_imports_what_there_is_not_is_one_that_would_not_be_loaded() {
    let import = r#"(import "acme:db/store@1.0.0" (instance))"#;
    let add = r#"(func (export "add") (param i64 i64) (result i64) (local.get 0))"#;
    let ty = r#"(param "a" s64) (param "b" s64) (result s64)"#;
    let inspection = inspected(&wat::typed(import, add, &lift("add", ty)));
    let words = inspection.refusal().unwrap().to_string();
    let sentence =
        "the component imports `acme:db/store@1.0.0`, which this host does not offer\n\nhint: ";
    assert!(words.starts_with(sentence), "{words}");
    assert_eq!(inspection.json()["shape"], "typed");
    let text = inspection.to_string();
    assert!(
        text.starts_with(&format!("typed action\n{}", sentence.replace("\n\n", "\n"))),
        "{text}"
    );
}

#[test]
fn main_chooses_as_it_does_when_the_component_is_loaded() {
    let add = r#"(func (export "add") (param i64 i64) (result i64) (local.get 0))
        (func (export "sub") (param i64 i64) (result i64) (local.get 1))"#;
    let ty = r#"(param "a" s64) (param "b" s64) (result s64)"#;
    let component = wat::typed("", add, &(lift("add", ty) + &lift("sub", ty)));
    let names =
        |inspection: Inspection| inspection.functions().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(inspected(&component)), ["add", "sub"]);
    assert_eq!(names(inspected(&component).only("sub").ok().unwrap()), ["sub"]);
    let several =
        "the component has several functions: `add`, `sub`\n\nhint: say which with `--main`";
    assert_eq!(inspected(&component).only("main").err().unwrap().to_string(), several);
}
