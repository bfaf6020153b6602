//! The command line from outside: what is on stdout, what on stderr, the status.

use serde_json::{Value, json};
use std::process::Output;
use wow_tests::guests;
use wow_tests::process::wow;

fn run(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = wow().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// What `wow run` says, without the bill on stderr.
fn wow_run(guest: &str, arguments: &[&str]) -> (i32, String, String) {
    let path = guests::path(guest);
    let (status, stdout, mut stderr) = run(&[&["run", path.to_str().unwrap()], arguments].concat());
    let start = stderr.rfind("bill: cpu ").unwrap_or_else(|| panic!("no bill: {stderr}"));
    let end = start + stderr[start..].find('\n').unwrap() + 1;
    stderr.replace_range(start..end, "");
    (status, stdout, stderr)
}

#[test]
fn a_result_is_on_stdout_and_nothing_else_is() {
    let (status, stdout, stderr) = wow_run("hello.rust", &["-p", "name", "Ada"]);
    assert_eq!(
        (status, stdout.as_str(), stderr.as_str()),
        (0, "{\"greeting\":\"Hello, Ada!\"}\n", "")
    );
}

#[test]
fn a_value_is_json_or_else_text() {
    let (status, stdout, stderr) =
        wow_run("echo.rust", &["-p", "n", "-7", "-p", "t", "7 a", "-p", "l", "[1]"]);
    assert_eq!((status, stdout.as_str()), (0, "{\"l\":[1],\"n\":-7,\"t\":\"7 a\"}\n"));
    assert_eq!(stderr, "hello stdout\nhello stderr\n", "what the action prints is for people");
}

#[test]
fn flags_win_over_the_parameter_file() {
    let file = std::env::temp_dir().join(format!("wow-params-{}.json", std::process::id()));
    std::fs::write(&file, r#"{"a": 1, "b": 40}"#).unwrap();
    let arguments = ["-P", file.to_str().unwrap(), "-p", "a", "2"];
    let (status, stdout, stderr) = wow_run("add.rust", &arguments);
    std::fs::remove_file(&file).unwrap();
    assert_eq!((status, stdout.as_str(), stderr.as_str()), (0, "{\"sum\":42}\n", ""));
}

#[test]
fn an_application_error_is_a_result_and_status_1() {
    let (status, stdout, stderr) = wow_run("add.rust", &["-p", "a", "two", "-p", "b", "40"]);
    assert_eq!((status, stderr.as_str()), (1, ""));
    assert!(stdout.starts_with("{\"error\":\"invalid parameters: "), "{stdout}");
}

#[test]
fn a_typed_action_runs_the_function_that_main_names() {
    let (status, stdout, stderr) =
        wow_run("calc.rust", &["--main", "add", "-p", "a", "2", "-p", "b", "40"]);
    assert_eq!((status, stdout.as_str(), stderr.as_str()), (0, "{\"sum\":42}\n", ""));
    let exact = ["--main", "add", "-p", "a", "9007199254740993.0", "-p", "b", "0"];
    assert_eq!(wow_run("calc.rust", &exact).1, "{\"sum\":9007199254740993}\n");
    let wrong = wow_run("calc.rust", &["--main", "add", "-p", "a", "two", "-p", "b", "40"]);
    let error = r#"{"error":"/a: expected s64, got the string \"two\""}"#;
    assert_eq!(wrong, (1, format!("{error}\n"), String::new()));
    let calc = guests::path("calc.rust");
    let (status, stdout, stderr) = run(&["run", calc.to_str().unwrap()]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    let sentence = "error: the component has several functions: `add`, `average`, `reverse`, \
                    `acme:calc/geometry@1.0.0#measure`\n\nhint: say which with `--main`\n";
    assert_eq!(stderr, sentence);
}

#[test]
fn a_component_is_inspected_without_a_compiler() {
    let calc = guests::path("calc.rust");
    let inspect = |arguments: &[&str]| {
        let mut command = wow();
        command.env("WOW_COMPILE", "/no/such/compiler").arg("inspect").arg(&calc).args(arguments);
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    };
    let (status, stdout, stderr) = inspect(&[]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    let size = std::fs::metadata(&calc).unwrap().len();
    let start = format!(
        "typed action\n{size} bytes\n\nfunctions\n  add: func(a: s64, b: s64) -> result<sum, string>\n"
    );
    assert!(stdout.starts_with(&start), "{stdout}");
    let (status, stdout, _) = inspect(&["--main", "add", "--schema"]);
    let schema: Value = serde_json::from_str(&stdout).unwrap();
    let (least, most) = (i64::MIN, i64::MAX);
    let integer = json!({ "type": "integer", "minimum": least, "maximum": most });
    let dialect = "https://json-schema.org/draft/2020-12/schema";
    let expected = json!({ "add": {
        "input": {
            "$schema": dialect,
            "oneOf": [
                {
                    "type": "object",
                    "properties": { "a": integer, "b": integer },
                    "required": ["a", "b"],
                    "patternProperties": { "^__ow_": true },
                    "additionalProperties": false,
                },
                { "type": "array", "prefixItems": [integer, integer], "minItems": 2, "maxItems": 2 },
            ],
        },
        "output": {
            "$schema": dialect,
            "type": "object",
            "properties": { "sum": integer },
            "required": ["sum"],
            "additionalProperties": false,
        },
        "error": {
            "$schema": dialect,
            "type": "object",
            "properties": { "error": { "type": "string" } },
            "required": ["error"],
            "additionalProperties": false,
        },
    }});
    assert_eq!((status, schema), (0, expected));
    let document: Value = serde_json::from_str(&inspect(&["--openapi"]).1).unwrap();
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/add.json", "/average.json", "/measure.json", "/reverse.json"]);
    let json: Value = serde_json::from_str(&inspect(&["--json"]).1).unwrap();
    assert_eq!((&json["shape"], &json["refusal"]), (&json!("typed"), &Value::Null));
    let (status, stdout, stderr) = inspect(&["--main", "mul"]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(
        stderr.starts_with("error: the action has no function `mul`: it has `add`, "),
        "{stderr}"
    );
}

#[test]
fn what_is_no_component_cannot_be_inspected() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let (status, stdout, stderr) = run(&["inspect", manifest]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(stderr.contains("Cargo.toml: the code is not a component: "), "{stderr}");
    assert_eq!(run(&["inspect", "no-such-file.wasm"]).0, 1);
}

#[test]
fn a_trap_is_status_1_with_a_sentence() {
    let (status, stdout, stderr) = wow_run("panic.rust", &["-p", "message", "boom"]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(stderr.contains("\nerror: the action trapped: panicked at "), "{stderr}");
}

#[test]
fn limits_are_flags() {
    let (status, stdout, stderr) =
        wow_run("sleep.rust", &["-t", "200", "-p", "milliseconds", "60000"]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert_eq!(stderr, "error: The action exceeded its time limits of 200 milliseconds.\n");
    let (status, _, stderr) = wow_run("panic.rust", &["-m", "16", "-p", "memory_mb", "64"]);
    assert_eq!(status, 1);
    assert!(stderr.contains("its limit is 16 MB\nhint: raise it with "), "{stderr}");
}

#[test]
fn a_mistake_of_the_user_is_status_1() {
    let missing = run(&["run", "no-such-file.wasm"]);
    let sentence = "error: cannot read no-such-file.wasm: No such file or directory (os error 2)\n";
    assert_eq!(missing, (1, String::new(), sentence.to_owned()));
    assert_eq!(run(&["run"]).0, 1);
    assert_eq!(run(&["fly"]).0, 1);
    let (status, stdout, stderr) = run(&["runtime", "--memory", "0"]);
    let sentence = "error: memory is 0 MB: a WebAssembly memory has 1 to 4096 MB\n";
    assert_eq!((status, stdout.as_str(), stderr.as_str()), (1, "", sentence));
}

#[test]
fn help_is_on_stdout_and_status_0() {
    for arguments in [&["--help"][..], &["inspect", "--help"], &["run", "--help"]] {
        let (status, stdout, stderr) = run(arguments);
        assert_eq!((status, stderr.as_str()), (0, ""));
        assert!(stdout.contains("Usage: wow"), "{stdout}");
    }
}
