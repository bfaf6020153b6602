//! HTTP actions and programs written in place, in the text format: as those of
//! [`crate::wat`], with another function exported. Their instructions have `$print`,
//! `$sleep` and `$exit`.

use crate::wat;

/// A program whose `run` is these instructions, which leave 0 (fine) or 1.
///
/// # Panics
///
/// If the text is not WebAssembly.
pub fn program(run: &str) -> Vec<u8> {
    exporting(
        &format!(r#"(func (export "start") (result i32) {run})"#),
        "",
        r#"(func $start (result (result)) (canon lift (core func $main "start")))
  (instance $cli (export "run" (func $start)))
  (export "wasi:cli/run@0.2.0" (instance $cli))"#,
    )
}

/// An HTTP action whose `handle` is these instructions. It has the request and the place
/// of the response in `$request` and `$response`, and can do nothing with them.
///
/// # Panics
///
/// If the text is not WebAssembly.
pub fn http(handle: &str) -> Vec<u8> {
    exporting(
        &format!(r#"(func (export "start") (param $request i32) (param $response i32) {handle})"#),
        r#"(import "wasi:http/types@0.2.3" (instance $types
    (export "incoming-request" (type (sub resource)))
    (export "response-outparam" (type (sub resource)))))
  (alias export $types "incoming-request" (type $request))
  (alias export $types "response-outparam" (type $response))"#,
        r#"(func $start (param "request" (own $request)) (param "response-out" (own $response))
    (canon lift (core func $main "start")))
  (instance $http (export "handle" (func $start)))
  (export "wasi:http/incoming-handler@0.2.3" (instance $http))"#,
    )
}

/// A component that exports an instance with one function of this type, which traps.
///
/// # Panics
///
/// If the text is not WebAssembly.
pub fn exports(interface: &str, function: &str) -> Vec<u8> {
    wat::typed(
        "",
        r#"(func (export "trap") unreachable)"#,
        &format!(
            r#"(func $trap (canon lift (core func $main "trap")))
  (instance $it (export "{function}" (func $trap)))
  (export "{interface}" (instance $it))"#
        ),
    )
}

fn exporting(function: &str, imports: &str, export: &str) -> Vec<u8> {
    let text = wat::wasi_text("unreachable");
    let (component, _) =
        text.split_once("  (func $run (param \"parameters\"").expect("it is there");
    let component = component.replacen("(component", &format!("(component {imports}"), 1);
    let main = format!("{function}\n    (func $result");
    wat::assemble(&format!("{}  {export})", component.replacen("(func $result", &main, 1)))
}
