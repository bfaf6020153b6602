//! Guests written in place: a few instructions in the text format, put into a
//! component of the world `wow:action/action`, or into a typed action.
//!
//! The instructions are the body of `run`, with its parameters' address and
//! length in `$p` and `$l`. They have `$ok` and `$err`, which make its result from
//! an address and a length, and the memory's first page below 16384 to use.

/// A component that imports nothing.
///
/// # Panics
///
/// If the text is not WebAssembly.
pub fn action(run: &str) -> Vec<u8> {
    assemble(&text(run))
}

/// A component with some of WASI: `$print`, which writes bytes at an address to
/// stdout (0) or stderr (1), `$sleep` for nanoseconds, `$exit` with 0 or 1.
///
/// # Panics
///
/// If the text is not WebAssembly.
pub fn wasi_action(run: &str) -> Vec<u8> {
    assemble(&wasi_text(run))
}

/// A component around another action, which `$inside` runs: an address and a length in,
/// and the address of its result.
///
/// # Panics
///
/// If the text is not WebAssembly.
pub fn middleware(run: &str) -> Vec<u8> {
    assemble(&component(&Parts {
        imports: r#"(import "wow:action/handler@0.1.0" (instance $inside (export "run"
            (func (param "parameters" string) (result (result string (error string)))))))"#,
        instances: r#"(core func $inside (canon lower (func $inside "run")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
          (core instance $around (export "inside" (func $inside)))"#,
        with: r#"(with "around" (instance $around))"#,
        functions: r#"(import "around" "inside" (func $inside (param i32 i32 i32)))"#,
        run,
        ..Parts::default()
    }))
}

/// What a middleware does that does nothing itself: its own result is that of what is
/// inside, at the same address.
pub const PASS: &str = "(call $inside (local.get $p) (local.get $l) (i32.const 16)) (i32.const 16)";

/// Its text, for tests that change it.
pub fn wasi_text(run: &str) -> String {
    component(&Parts {
        imports: WASI_IMPORTS,
        instances: WASI_INSTANCES,
        with: WASI_WITH,
        functions: WASI_FUNCTIONS,
        run,
        ..Parts::default()
    })
}

/// A large component that imports nothing and returns its parameters: so many
/// functions of varied loops, branches, calls and stores, of 350 bytes on average,
/// that nobody calls.
///
/// # Panics
///
/// Never: the text is WebAssembly.
pub fn large(functions: u32) -> Vec<u8> {
    let mut text = String::new();
    let mut random = 1;
    for number in 0..functions {
        text += &format!("(func $f{number} (param $a i32) (param $b i32) (result i32)");
        text += "(local $i i32) (local $s i32) (local $x i64)";
        for _ in 0..8 + next(&mut random) % 16 {
            text += &statement(next(&mut random) % 6, next(&mut random), number);
        }
        text += "(local.get $s))\n";
    }
    assemble(&component(&Parts { functions: &text, run: ECHO, ..Parts::default() }))
}

/// A statement of one of six kinds, in function `number` of [`large`].
fn statement(kind: u32, random: u32, number: u32) -> String {
    let (offset, callee) = (random % 4096, random.checked_rem(number).unwrap_or(0));
    match kind {
        0 => format!(
            "(local.set $s (i32.add (i32.mul (local.get $a) (i32.const {random})) (local.get $s)))"
        ),
        1 => format!(
            "(local.set $i (i32.const {offset})) (loop $next (local.set $s (i32.xor (local.get $s) \
             (i32.load8_u offset={offset} (i32.and (local.get $i) (i32.const 1023))))) \
             (br_if $next (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"
        ),
        2 => format!(
            "(if (i32.lt_s (local.get $a) (i32.const {random})) \
             (then (local.set $s (call $f{callee} (local.get $b) (local.get $s)))) \
             (else (i32.store offset={offset} (local.get $b) (local.get $s))))"
        ),
        3 => format!(
            "(local.set $x (i64.rotl (i64.xor (local.get $x) (i64.extend_i32_u (local.get $s))) \
             (i64.const {offset}))) (local.set $b (i32.wrap_i64 (local.get $x)))"
        ),
        4 => format!(
            "(block $c (block $b (block $a (br_table $a $b $c (i32.and (local.get $b) (i32.const 3)))) \
             (local.set $s (i32.const {random}))) (local.set $a (i32.shr_u (local.get $s) (i32.const 3))))"
        ),
        _ => format!(
            "(local.set $s (select (i32.load offset={offset} (local.get $a)) \
             (i32.const {random}) (i32.eqz (local.get $b))))"
        ),
    }
}

/// The next number of a generator (Numerical Recipes' constants), so that the
/// component is the same everywhere. The lowest bits are not random.
fn next(state: &mut u32) -> u32 {
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    *state >> 8
}

/// The text of a component that imports nothing, for tests that change it.
pub fn text(run: &str) -> String {
    component(&Parts { run, ..Parts::default() })
}

/// A typed action: component-level `types`, the functions of a core module that
/// imports the memory, and its exports as `name, type, options` lines made by `lift`.
///
/// # Panics
///
/// If the text is not WebAssembly.
pub fn typed(types: &str, functions: &str, exports: &str) -> Vec<u8> {
    assemble(&format!(
        r#"(component
  {types}
  {LIBC}
  (core instance $libc (instantiate $libc))
  (core module $main (import "libc" "memory" (memory 1)) {functions})
  (core instance $main (instantiate $main (with "libc" (instance $libc))))
  {exports})"#
    ))
}

/// A function of a typed action: the core function `name` with a type such as
/// `(param "a" s64) (result s64)`, as `$name` and exported.
pub fn lift(name: &str, ty: &str) -> String {
    format!(
        r#"(func ${name} {ty} (canon lift (core func $main "{name}")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (export "{name}" (func ${name}))
  "#
    )
}

/// A typed action with one function, from a list in the parameter `v` to the same.
///
/// # Panics
///
/// If the text is not WebAssembly.
pub fn echo_list(types: &str, element: &str) -> Vec<u8> {
    let echo = r#"(func (export "echo") (param $p i32) (param $l i32) (result i32)
        (i32.store (i32.const 16) (local.get $p))
        (i32.store (i32.const 20) (local.get $l))
        (i32.const 16))"#;
    let ty = format!(r#"(param "v" (list {element})) (result (list {element}))"#);
    typed(types, echo, &lift("echo", &ty))
}

/// Any component or module in the text format.
///
/// # Panics
///
/// If the text is not WebAssembly.
pub fn assemble(text: &str) -> Vec<u8> {
    ::wat::parse_str(text).unwrap_or_else(|e| panic!("{e}"))
}

/// The parameters are the result.
pub const ECHO: &str = "(call $ok (local.get $p) (local.get $l))";

/// A result that is written in place.
pub fn constant(json: &str) -> String {
    let mut code = String::new();
    for (offset, byte) in json.bytes().enumerate() {
        code += &format!("(i32.store8 (i32.const {}) (i32.const {byte}))", 1024 + offset);
    }
    code + &format!("(call $ok (i32.const 1024) (i32.const {}))", json.len())
}

/// The parameters in an object with one key.
pub fn wrap(key: &str) -> String {
    let start = format!("{{\"{key}\":");
    let mut code = String::new();
    for (offset, byte) in start.bytes().enumerate() {
        code += &format!("(i32.store8 (i32.const {}) (i32.const {byte}))", 1024 + offset);
    }
    let place = 1024 + start.len();
    code + &format!(
        "(memory.copy (i32.const {place}) (local.get $p) (local.get $l))
         (i32.store8 offset={place} (local.get $l) (i32.const 0x7d))
         (call $ok (i32.const 1024) (i32.add (local.get $l) (i32.const {})))",
        start.len() + 1
    )
}

/// What stands in the places of the scaffold, each in the text format.
pub(crate) struct Parts<'a> {
    /// The component's imports.
    pub(crate) imports: &'a str,
    /// Core instances made of them.
    pub(crate) instances: &'a str,
    /// The same as arguments of the main module.
    pub(crate) with: &'a str,
    /// The main module's imports and functions.
    pub(crate) functions: &'a str,
    /// The instructions of `run`.
    pub(crate) run: &'a str,
    /// Which core function allocates what the host hands over.
    pub(crate) realloc: &'a str,
    /// More options of the lifted `run`.
    pub(crate) options: &'a str,
}

impl Default for Parts<'_> {
    fn default() -> Self {
        let realloc = "(core func $libc \"realloc\")";
        let (imports, instances, with, functions, run, options) = ("", "", "", "", "", "");
        Self { imports, instances, with, functions, run, realloc, options }
    }
}

pub(crate) fn component(parts: &Parts<'_>) -> String {
    let Parts { imports, instances, with, functions, run, realloc, options } = parts;
    format!(
        r#"(component
  {imports}
  {LIBC}
  (core instance $libc (instantiate $libc))
  {instances}
  (core module $main
    (import "libc" "memory" (memory 1))
    {functions}
    (func $result (param $case i32) (param $p i32) (param $l i32) (result i32)
      (i32.store8 (i32.const 16) (local.get $case))
      (i32.store (i32.const 20) (local.get $p))
      (i32.store (i32.const 24) (local.get $l))
      (i32.const 16))
    (func $ok (param $p i32) (param $l i32) (result i32)
      (call $result (i32.const 0) (local.get $p) (local.get $l)))
    (func $err (param $p i32) (param $l i32) (result i32)
      (call $result (i32.const 1) (local.get $p) (local.get $l)))
    (func $run (export "run") (param $p i32) (param $l i32) (result i32) {run}))
  (core instance $main (instantiate $main (with "libc" (instance $libc)) {with}))
  (func $run (param "parameters" string) (result (result string (error string)))
    (canon lift (core func $main "run")
      (memory (core memory $libc "memory")) (realloc {realloc}) {options}))
  (instance $handler (export "run" (func $run)))
  (export "wow:action/handler@0.1.0" (instance $handler)))"#
    )
}

/// A memory of two pages, of which the first 16384 bytes are free, and `realloc`.
const LIBC: &str = r#"(core module $libc
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 16384))
    ;; Memory is only ever taken; it ends with the activation.
    (func (export "realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
      (local $place i32)
      (local.set $place (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $place) (local.get $size)))
      (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16)))
        (then (if (i32.eq (i32.const -1) (memory.grow (i32.add (i32.const 1)
          (i32.shr_u (i32.sub (global.get $next) (i32.shl (memory.size) (i32.const 16))) (i32.const 16)))))
          (then unreachable))))
      (local.get $place)))"#;

pub(crate) const WASI_IMPORTS: &str = r#"
  (import "wasi:io/error@0.2.12" (instance $io-error (export "error" (type (sub resource)))))
  (alias export $io-error "error" (type $error))
  (import "wasi:io/streams@0.2.12" (instance $streams
    (export "output-stream" (type $output-stream (sub resource)))
    (alias outer 1 $error (type $outer-error))
    (export "error" (type $error (eq $outer-error)))
    (type $cases (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $cases)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $output-stream)) (param "contents" (list u8))
        (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $output-stream))
  (import "wasi:cli/stdout@0.2.12" (instance $stdout
    (alias outer 1 $output-stream (type $outer))
    (export "output-stream" (type $stream (eq $outer)))
    (export "get-stdout" (func (result (own $stream))))))
  (import "wasi:cli/stderr@0.2.12" (instance $stderr
    (alias outer 1 $output-stream (type $outer))
    (export "output-stream" (type $stream (eq $outer)))
    (export "get-stderr" (func (result (own $stream))))))
  (import "wasi:io/poll@0.2.12" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.12" (instance $clock
    (alias outer 1 $pollable (type $outer))
    (export "pollable" (type $pollable (eq $outer)))
    (export "now" (func (result u64)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
  (import "wasi:cli/exit@0.2.12" (instance $exit
    (export "exit" (func (param "status" (result))))))"#;

pub(crate) const WASI_INSTANCES: &str = r#"
  (core func $get-stdout (canon lower (func $stdout "get-stdout")))
  (core func $get-stderr (canon lower (func $stderr "get-stderr")))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
    (memory (core memory $libc "memory"))))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $drop-pollable (canon resource.drop $pollable))
  (core func $drop-stream (canon resource.drop $output-stream))
  (core func $exit (canon lower (func $exit "exit")))
  (core instance $host
    (export "get-stdout" (func $get-stdout))
    (export "get-stderr" (func $get-stderr))
    (export "write" (func $write))
    (export "subscribe" (func $subscribe))
    (export "block" (func $block))
    (export "drop-pollable" (func $drop-pollable))
    (export "drop-stream" (func $drop-stream))
    (export "exit" (func $exit)))"#;

pub(crate) const WASI_WITH: &str = r#"(with "host" (instance $host))"#;

pub(crate) const WASI_FUNCTIONS: &str = r#"
    (import "host" "get-stdout" (func $get-stdout (result i32)))
    (import "host" "get-stderr" (func $get-stderr (result i32)))
    (import "host" "write" (func $write (param i32 i32 i32 i32)))
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "host" "block" (func $block (param i32)))
    (import "host" "drop-pollable" (func $drop-pollable (param i32)))
    (import "host" "drop-stream" (func $drop-stream (param i32)))
    (import "host" "exit" (func $exit (param i32)))
    (func $print (param $stderr i32) (param $p i32) (param $l i32) (local $stream i32)
      (local.set $stream (if (result i32) (local.get $stderr)
        (then (call $get-stderr)) (else (call $get-stdout))))
      (call $write (local.get $stream) (local.get $p) (local.get $l) (i32.const 32))
      (call $drop-stream (local.get $stream)))
    (func $sleep (param $nanoseconds i64) (local $pollable i32)
      (local.set $pollable (call $subscribe (local.get $nanoseconds)))
      (call $block (local.get $pollable))
      (call $drop-pollable (local.get $pollable)))"#;
