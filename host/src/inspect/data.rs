//! An inspection for programs; `docs/inspect.md` says what each key is.

use super::Inspection;
use super::exports::Entry;
use super::imports::asks;
use super::package::Packaged;
use crate::component::Shape;
use crate::typed::{self, DIALECT};
use serde_json::{Map, Value, json};

/// Keys of the platform in a call's parameters, which are nobody's parameters.
const CONTEXT: &str = "__ow_";

impl Inspection {
    /// What `wow inspect --json` prints.
    pub fn json(&self) -> Value {
        let (package, grant) = Packaged::json(self.package.as_ref());
        let asks = asks(&self.imports);
        let asks = asks.iter().map(|[key, _, when]| json!({ "key": key, "when": when }));
        json!({
            "shape": self.shape().map(key),
            "refusal": self.refusal().map(|refusal| refusal.to_string()),
            "size": self.size,
            "functions": self.entries.iter().map(function).collect::<Vec<_>>(),
            "types": self.types.iter()
                .map(|types| json!({ "interface": types.interface, "wit": types.wit }))
                .collect::<Vec<_>>(),
            "imports": self.imports.iter()
                .map(|import| json!({
                    "name": import.name,
                    "capability": import.capability.name(),
                    "problem": import.problem,
                }))
                .collect::<Vec<_>>(),
            "capabilities": asks.collect::<Vec<_>>(),
            "package": package,
            "grant": grant,
        })
    }

    /// What `wow inspect --schema` prints: for each function, by its whole name, the
    /// JSON Schemas of its `input`, its `output` and its own `error`.
    pub fn schema(&self) -> Value {
        let schemas = self.entries.iter().filter_map(|entry| {
            let schemas = match entry.shape.as_ref().ok()? {
                Shape::Typed(function) => typed(function),
                Shape::Json | Shape::Program => untyped(),
                Shape::Http => web(),
            };
            Some((entry.export.to_string(), schemas))
        });
        schemas.collect::<Map<_, _>>().into()
    }
}

fn function(entry: &Entry) -> Value {
    json!({
        "name": entry.export.to_string(),
        "interface": entry.export.interface,
        "function": entry.export.function,
        "wit": entry.wit,
        "shape": entry.shape.as_ref().ok().map(key),
        "problem": entry.shape.as_ref().err().map(ToString::to_string),
    })
}

fn typed(function: &typed::Function) -> Value {
    let mut schemas = json!({
        "input": function.input_schema(CONTEXT),
        "output": function.output_schema(),
    });
    if let Some(error) = function.error_schema() {
        schemas["error"] = error;
    }
    schemas
}

/// What every action takes and gives, whatever else it says.
fn untyped() -> Value {
    let either = json!({ "$schema": DIALECT, "type": ["object", "array"] });
    let error = json!({
        "$schema": DIALECT, "type": "object", "properties": { "error": true }, "required": ["error"],
    });
    json!({ "input": either, "output": either, "error": error })
}

/// A request and a response as OpenWhisk's web actions have them.
fn web() -> Value {
    let response = json!({
        "$schema": DIALECT,
        "type": "object",
        "properties": {
            "statusCode": { "type": "integer", "minimum": 100, "maximum": 599 },
            "headers": { "type": "object" },
            "body": true,
        },
        "required": ["statusCode"],
    });
    json!({ "input": { "$schema": DIALECT, "type": "object" }, "output": response })
}

fn key(shape: &Shape) -> &'static str {
    match shape {
        Shape::Json => "json",
        Shape::Typed(_) => "typed",
        Shape::Http => "http",
        Shape::Program => "program",
    }
}
