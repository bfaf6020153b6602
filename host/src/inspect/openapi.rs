//! An inspection as an OpenAPI 3.1 document: how the clients of OpenWhisk's web
//! actions call each function, made a web action of its own.
//!
//! What the platform does on the way is its `WebActions.scala`: the keys of a JSON
//! body become parameters, and of an application error the client sees the value
//! alone, with 200 if that is an object or an array, else 400 and words of the
//! platform's own.

use super::Inspection;
use super::exports::Entry;
use crate::component::Shape;
use crate::component::unversioned;
use crate::typed::Function;
use serde_json::{Map, Value, json};

/// Every method that a web action answers.
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

impl Inspection {
    /// What `wow inspect --openapi` prints. An action that is not one of several
    /// functions has the name `action`.
    pub fn openapi(&self, action: &str) -> Value {
        let paths = self.entries.iter().filter_map(|entry| {
            let name = self.action_name(entry, action);
            Some(match entry.shape.as_ref().ok()? {
                Shape::Typed(function) => {
                    (format!("/{name}.json"), json!({ "post": typed(&name, entry, function) }))
                }
                Shape::Json | Shape::Program => {
                    (format!("/{name}.json"), json!({ "post": untyped(&name) }))
                }
                Shape::Http => (format!("/{name}/{{path}}"), http(&name)),
            })
        });
        json!({
            "openapi": "3.1.0",
            "info": { "title": action, "version": "0.1.0" },
            "servers": [{
                "url": "https://{host}/api/v1/web/{namespace}/{package}",
                "variables": {
                    "host": { "default": "localhost", "description": "OpenWhisk's API host" },
                    "namespace": { "default": "guest" },
                    "package": { "default": "default" },
                },
            }],
            "paths": paths.collect::<Map<_, _>>(),
            "components": { "schemas": { "Refusal": {
                "description": "what OpenWhisk says of an error that is no JSON object or array",
                "type": "object",
                "properties": { "error": { "type": "string" }, "code": { "type": "string" } },
                "required": ["error"],
            } } },
        })
    }

    /// A function is called by its name, or with its interface if that means several.
    fn action_name(&self, entry: &Entry, action: &str) -> String {
        let function = &entry.export.function;
        let alike = self.entries.iter().filter(|other| other.export.function == *function);
        match (&entry.shape, &entry.export.interface) {
            (Ok(Shape::Typed(_)), Some(interface)) if alike.count() > 1 => {
                let name = unversioned(interface);
                format!("{}-{function}", name.rsplit_once('/').map_or(name, |(_, bare)| bare))
            }
            (Ok(Shape::Typed(_)), _) => function.clone(),
            _ => action.to_owned(),
        }
    }
}

fn typed(name: &str, entry: &Entry, function: &Function) -> Value {
    let outcome = bare(function.output_schema());
    let answer = match function.error_schema().and_then(structured) {
        Some(error) => json!({ "anyOf": [outcome, error] }),
        None => outcome,
    };
    json!({
        "operationId": name,
        "summary": format!("{}: {}", entry.export, entry.wit),
        "requestBody": body(bare(function.parameters_schema()), true),
        "responses": responses(answer),
    })
}

fn untyped(name: &str) -> Value {
    json!({
        "operationId": name,
        "requestBody": body(json!({ "type": "object" }), false),
        "responses": responses(json!({ "type": ["object", "array"] })),
    })
}

fn http(name: &str) -> Value {
    let operation = |method: &&str| {
        let responses = json!({ "default": { "description": "what the component answers" } });
        let id = format!("{method}-{name}");
        ((*method).to_owned(), json!({ "operationId": id, "responses": responses }))
    };
    let mut item: Map<_, _> = METHODS.iter().map(operation).collect();
    let path =
        json!({ "name": "path", "in": "path", "required": true, "schema": { "type": "string" } });
    item.insert("parameters".to_owned(), json!([path]));
    item.into()
}

fn body(schema: Value, required: bool) -> Value {
    json!({ "required": required, "content": { "application/json": { "schema": schema } } })
}

fn responses(answer: Value) -> Value {
    let json = |schema| json!({ "application/json": { "schema": schema } });
    json!({
        "200": { "description": "the outcome", "content": json(answer) },
        "400": {
            "description": "an error of the action, or parameters that do not fit",
            "content": json(json!({ "$ref": "#/components/schemas/Refusal" })),
        },
    })
}

/// The error's own value, if the platform hands it on: an object or an array.
fn structured(mut error: Value) -> Option<Value> {
    let value = error["properties"]["error"].take();
    let scalar = value.get("enum").is_some()
        || value.get("const").is_some()
        || value["type"].as_str().is_some_and(|ty| !["object", "array"].contains(&ty));
    (!scalar).then(|| json!({ "type": ["object", "array"], "allOf": [value] }))
}

/// A schema as a part of a document, which says the dialect itself.
fn bare(mut schema: Value) -> Value {
    if let Some(keys) = schema.as_object_mut() {
        keys.remove("$schema");
    }
    schema
}
