use super::*;
use wow_tests::wat;

fn part(name: &str, bytes: Vec<u8>) -> Part {
    Part { name: name.to_owned(), bytes }
}

fn echo() -> Part {
    part("echo.wasm", wat::action(wat::ECHO))
}

fn middleware() -> Part {
    part("middleware.wasm", wat::middleware(wat::PASS))
}

/// A component that exports and imports what its text says.
fn text(name: &str, text: &str) -> Part {
    part(name, wat::assemble(&format!("(component {text})")))
}

/// A component around `acme:calc/math` with a function `add` of some type.
fn calculator(ty: &str) -> Part {
    text(
        "bill.wasm",
        &format!(
            r#"(import "acme:calc/math@1.0.0" (instance $math
                 (export "add" (func {ty})) (export "sub" (func (param "a" s64) (result s64)))))
               (export "total" (func $math "add"))"#
        ),
    )
}

/// A component that has a function under the names that are given.
fn math(names: &str, ty: &str, functions: &[&str]) -> Part {
    let export = |name: &&str| format!(r#"(export "{name}" (func $f))"#);
    text(
        "math.wasm",
        &format!(
            r#"(core module $m (func (export "f") (param i64) (result i64) local.get 0))
               (core instance $m (instantiate $m))
               (func $f {ty} (canon lift (core func $m "f")))
               (instance $i {}) (export "{names}" (instance $i))"#,
            functions.iter().map(export).collect::<String>()
        ),
    )
}

const ONE: &str = r#"(param "a" s64) (result s64)"#;

/// The names that a component imports.
fn imports(bytes: &[u8]) -> Vec<String> {
    let mut types = Types::new();
    let package = Package::from_bytes("it", None, bytes, &mut types).expect("a component");
    types[package.ty()].imports.keys().cloned().collect()
}

fn refusal(composed: Result<Composition, LoadError>) -> String {
    composed.expect_err("refused").to_string()
}

#[test]
fn the_embedded_sequencer_is_its_text() {
    let assembled = wat::assemble(include_str!("sequencer.wat"));
    assert!(
        include_bytes!("sequencer.wasm")[..] == assembled,
        "assemble it anew: `wasm-tools parse`"
    );
}

#[test]
fn of_two_patch_versions_of_wasi_the_higher_is_left() {
    let print = "(call $print (i32.const 0) (local.get $p) (local.get $l))";
    let new = wat::wasi_text(&format!("{print} {}", wat::ECHO));
    let old = new.replace("@0.2.12", "@0.2.3");
    for order in [[&old, &new], [&new, &old]] {
        let parts = order.map(|text| part("print.wasm", wat::assemble(text)));
        let Composition { bytes, open } = sequence(&parts).expect("composed");
        let imports = imports(&bytes);
        assert_eq!(imports.len(), 7, "{imports:?}");
        assert!(imports.iter().all(|name| name.ends_with("@0.2.12")), "{imports:?}");
        assert_eq!(open, Vec::<String>::new());
    }
}

#[test]
fn a_component_that_is_there_twice_is_embedded_once() {
    let large = part("large.wasm", wat::large(300));
    let size = |parts: &[Part]| sequence(parts).expect("composed").bytes.len();
    let (two, four) = (size(&vec![large.clone(); 2]), size(&vec![large.clone(); 4]));
    assert!(four < two + large.bytes.len() / 10, "{two} and {four} of {}", large.bytes.len());
}

#[test]
fn what_is_still_imported_is_said_and_can_be_composed_later() {
    let half = around(&[middleware(), middleware()]).expect("composed");
    assert_eq!(half.open, [HANDLER]);
    let whole = around(&[part("half.wasm", half.bytes), echo()]).expect("composed");
    assert_eq!((imports(&whole.bytes), whole.open), (vec![], vec![]));
}

#[test]
fn an_interface_of_anybodys_is_plugged_by_a_compatible_version() {
    for name in ["acme:calc/math@1.0.0", "acme:calc/math@1.7.3"] {
        let whole = around(&[calculator(ONE), math(name, ONE, &["add", "sub", "more"])]);
        assert_eq!(imports(&whole.expect("composed").bytes), Vec::<String>::new());
    }
}

#[test]
fn what_does_not_fit_is_told_with_the_types_of_both() {
    let record = r#"(param "a" s64) (param "b" (tuple (option u8) (list string) (result string)))
                    (result (result s64 (error bool)))"#;
    insta::assert_snapshot!(refusal(around(&[
        calculator(record),
        math("acme:calc/math@1.0.0", ONE, &["add", "sub"])
    ])));
}

#[test]
fn a_function_that_is_missing_is_named() {
    insta::assert_snapshot!(refusal(around(&[
        calculator(ONE),
        math("acme:calc/math@1.0.0", ONE, &["add"])
    ])));
}

#[test]
fn who_imports_nothing_to_plug_is_told_what_there_is() {
    let version_2 = math("acme:calc/math@2.0.0", ONE, &["add", "sub"]);
    let refusals = [
        refusal(around(&[echo(), echo()])),
        refusal(around(&[calculator(ONE), version_2])),
        refusal(around(&[middleware(), echo(), echo()])),
        refusal(around(&[echo(), middleware()])),
    ];
    insta::assert_snapshot!(refusals.join("\n\n---\n\n"));
}

#[test]
fn an_element_that_is_no_json_action_is_told_what_it_is() {
    let typed = wat::typed(
        "",
        r#"(func (export "f") (param i64) (result i64) local.get 0)"#,
        &wat::lift("f", ONE),
    );
    let other = math("wow:action/handler@0.1.0", ONE, &["run"]);
    let refusals = [
        refusal(sequence(&[echo(), part("typed.wasm", typed)])),
        refusal(sequence(&[middleware(), echo()])),
        refusal(sequence(&[echo(), other])),
        refusal(sequence(&[echo()])),
        refusal(sequence(&vec![echo(); 17])),
    ];
    insta::assert_snapshot!(refusals.join("\n\n---\n\n"));
}

#[test]
fn i_04_what_is_no_component_is_called_what_it_is() {
    let refusals = [
        b"\0asm\x01\0\0\0".as_slice(),
        b"\0asm\x0d\0\x01\0\x01",
        b"PK\x03\x04",
        b"\x7fELF",
        b"hello",
        b"",
    ]
    .map(|bytes| refusal(around(&[middleware(), part("inner", bytes.to_vec())])));
    insta::assert_snapshot!(refusals.join("\n\n---\n\n"));
}
