//! The guests of `guests/hostile`, which do what nobody should.
//!
//! A file is a whole component, or what is put into the main module of one: then it
//! has `$misbehave`, which is called when the parameters are `{}` and gives the
//! address of a result. With other parameters such a guest returns them, so that an
//! action can be hostile and well-behaved at once. `guests/hostile/README.md` has
//! the functions that such a file may call.

use crate::guests::repository;
use crate::wat::{self, Parts};
use serde_json::{Value, json};
use std::fs;

/// The `/run` at which a guest misbehaves.
pub fn hostile() -> Value {
    json!({ "value": {} })
}

/// The `/run` at which it does not. What starts before `run` cannot see the
/// parameters, but the environment: a context is only here.
pub fn calm() -> Value {
    json!({ "value": { "calm": true }, "activation_id": "calm" })
}

/// What a guest returns to [`calm`].
pub fn calm_answer() -> (u16, Value) {
    (200, json!({ "calm": true }))
}

/// A guest of the corpus by its file's name, as `g-01-loop`.
///
/// # Panics
///
/// If there is no such file, or it is not WebAssembly.
pub fn guest(name: &str) -> Vec<u8> {
    let file = repository().join("guests/hostile").join(name).with_added_extension("wat");
    let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    assemble(&text)
}

/// A component of the text of such a file.
///
/// # Panics
///
/// If the text is not WebAssembly.
pub fn assemble(text: &str) -> Vec<u8> {
    let whole = text.lines().any(|line| line.starts_with("(component"));
    if whole { wat::assemble(text) } else { wat::assemble(&scaffold(text)) }
}

fn scaffold(text: &str) -> String {
    let own = |name: &str| text.contains(&format!("(export \"{name}\")"));
    let functions = [IMPORTED, wat::WASI_FUNCTIONS, FINE, text].concat();
    wat::component(&Parts {
        imports: &[wat::WASI_IMPORTS, IMPORTS].concat(),
        instances: &[wat::WASI_INSTANCES, INSTANCES].concat(),
        with: &[wat::WASI_WITH, WITH].concat(),
        functions: &functions,
        run: RUN,
        realloc: if own("realloc") {
            r#"(core func $main "realloc")"#
        } else {
            Parts::default().realloc
        },
        options: if own("post-return") {
            r#"(post-return (core func $main "post-return"))"#
        } else {
            ""
        },
    })
}

const RUN: &str = "
  (if (i32.eq (local.get $l) (i32.const 2)) (then (return (call $misbehave))))
  (call $ok (local.get $p) (local.get $l))";

const IMPORTS: &str = r#"
  (import "wasi:cli/environment@0.2.12" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))))
  (import "wasi:random/random@0.2.12" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (import "wasi:filesystem/types@0.2.12" (instance $files
    (export "descriptor" (type $descriptor (sub resource)))
    (export "directory-entry-stream" (type $entries (sub resource)))
    (type $codes (enum
      "access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota" "exist"
      "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted" "invalid" "io"
      "is-directory" "loop" "too-many-links" "message-size" "name-too-long" "no-device"
      "no-entry" "no-lock" "insufficient-memory" "insufficient-space" "not-directory" "not-empty"
      "not-recoverable" "unsupported" "no-tty" "no-such-device" "overflow" "not-permitted" "pipe"
      "read-only" "invalid-seek" "text-file-busy" "cross-device"))
    (export "error-code" (type $code (eq $codes)))
    (export "[method]descriptor.read-directory" (func (param "self" (borrow $descriptor))
      (result (result (own $entries) (error $code)))))))
  (alias export $files "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.12" (instance $preopens
    (alias outer 1 $descriptor (type $outer))
    (export "descriptor" (type $descriptor (eq $outer)))
    (export "get-directories" (func (result (list (tuple (own $descriptor) string)))))))
  (import "wasi:sockets/network@0.2.12" (instance $network
    (type $codes (enum "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory"
      "timeout" "concurrency-conflict" "not-in-progress" "would-block" "invalid-state"
      "new-socket-limit" "address-not-bindable" "address-in-use" "remote-unreachable"
      "connection-refused" "connection-reset" "connection-aborted" "datagram-too-large"
      "name-unresolvable" "temporary-resolver-failure" "permanent-resolver-failure"))
    (export "error-code" (type (eq $codes)))
    (type $families (enum "ipv4" "ipv6"))
    (export "ip-address-family" (type (eq $families)))))
  (alias export $network "error-code" (type $network-error))
  (alias export $network "ip-address-family" (type $family))
  (import "wasi:sockets/tcp@0.2.12" (instance $tcp (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $tcp-socket))
  (import "wasi:sockets/tcp-create-socket@0.2.12" (instance $tcp-create-socket
    (alias outer 1 $network-error (type $outer-error))
    (export "error-code" (type $error-code (eq $outer-error)))
    (alias outer 1 $family (type $outer-family))
    (export "ip-address-family" (type $family (eq $outer-family)))
    (alias outer 1 $tcp-socket (type $outer-socket))
    (export "tcp-socket" (type $socket (eq $outer-socket)))
    (export "create-tcp-socket" (func (param "address-family" $family)
      (result (result (own $socket) (error $error-code)))))))
  (import "wasi:http/types@0.2.12" (instance $http
    (export "fields" (type $fields (sub resource)))
    (type $errors (variant (case "invalid-syntax") (case "forbidden") (case "immutable")))
    (export "header-error" (type $header-error (eq $errors)))
    (export "[constructor]fields" (func (result (own $fields))))
    (export "[static]fields.from-list" (func (param "entries" (list (tuple string (list u8))))
      (result (result (own $fields) (error $header-error)))))
    (export "[method]fields.append" (func (param "self" (borrow $fields)) (param "name" string)
      (param "value" (list u8)) (result (result (error $header-error)))))
    (export "outgoing-request" (type $request (sub resource)))
    (export "outgoing-body" (type $body (sub resource)))
    (type $methods (variant (case "get") (case "head") (case "post") (case "put") (case "delete")
      (case "connect") (case "options") (case "trace") (case "patch") (case "other" string)))
    (export "method" (type $method (eq $methods)))
    (export "[constructor]outgoing-request"
      (func (param "headers" (own $fields)) (result (own $request))))
    (export "[method]outgoing-request.set-method"
      (func (param "self" (borrow $request)) (param "method" $method) (result (result))))
    (export "[method]outgoing-request.body"
      (func (param "self" (borrow $request)) (result (result (own $body)))))))"#;

const INSTANCES: &str = r#"
  (core func $get-environment (canon lower (func $environment "get-environment")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $get-random-bytes (canon lower (func $random "get-random-bytes")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $get-directories (canon lower (func $preopens "get-directories")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $read-directory (canon lower (func $files "[method]descriptor.read-directory")
    (memory (core memory $libc "memory"))))
  (core func $create-tcp-socket (canon lower (func $tcp-create-socket "create-tcp-socket")
    (memory (core memory $libc "memory"))))
  (core func $new-fields (canon lower (func $http "[constructor]fields")))
  (core func $fields-from-list (canon lower (func $http "[static]fields.from-list")
    (memory (core memory $libc "memory"))))
  (core func $append (canon lower (func $http "[method]fields.append")
    (memory (core memory $libc "memory"))))
  (type $own-resource (resource (rep i32)))
  (core func $new-own (canon resource.new $own-resource))
  (core func $new-request (canon lower (func $http "[constructor]outgoing-request")))
  (core func $set-method (canon lower (func $http "[method]outgoing-request.set-method")
    (memory (core memory $libc "memory"))))
  (core func $request-body (canon lower (func $http "[method]outgoing-request.body")
    (memory (core memory $libc "memory"))))
  (core func $now (canon lower (func $clock "now")))
  (core instance $more
    (export "realloc" (func $libc "realloc"))
    (export "get-environment" (func $get-environment))
    (export "get-random-bytes" (func $get-random-bytes))
    (export "get-directories" (func $get-directories))
    (export "read-directory" (func $read-directory))
    (export "create-tcp-socket" (func $create-tcp-socket))
    (export "new-fields" (func $new-fields))
    (export "fields-from-list" (func $fields-from-list))
    (export "append" (func $append))
    (export "new-own" (func $new-own))
    (export "new-request" (func $new-request))
    (export "set-method" (func $set-method))
    (export "request-body" (func $request-body))
    (export "now" (func $now)))"#;

const WITH: &str = r#" (with "more" (instance $more))"#;

const IMPORTED: &str = r#"
    (import "more" "realloc" (func $allocate (param i32 i32 i32 i32) (result i32)))
    (import "more" "get-environment" (func $get-environment (param i32)))
    (import "more" "get-random-bytes" (func $get-random-bytes (param i64 i32)))
    (import "more" "get-directories" (func $get-directories (param i32)))
    (import "more" "read-directory" (func $read-directory (param i32 i32)))
    (import "more" "create-tcp-socket" (func $create-tcp-socket (param i32 i32)))
    (import "more" "new-fields" (func $new-fields (result i32)))
    (import "more" "fields-from-list" (func $fields-from-list (param i32 i32 i32)))
    (import "more" "append" (func $append (param i32 i32 i32 i32 i32 i32)))
    (import "more" "new-own" (func $new-own (param i32) (result i32)))
    (import "more" "new-request" (func $new-request (param i32) (result i32)))
    (import "more" "set-method" (func $set-method (param i32 i32 i32 i32) (result i32)))
    (import "more" "request-body" (func $request-body (param i32 i32)))
    (import "more" "now" (func $now (result i64)))"#;

const FINE: &str = r#"
    (func $fine (result i32)
      (i32.store16 (i32.const 64) (i32.const 0x7d7b))
      (call $ok (i32.const 64) (i32.const 2)))"#;
