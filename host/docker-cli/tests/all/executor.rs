//! The control API as the test plays it: it keeps containers by the API's rules and
//! remembers every request.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use tempfile::TempDir;

/// A request as it came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
}

#[derive(Debug, Default)]
struct State {
    requests: Vec<Request>,
    containers: Vec<Value>,
    lines: Vec<Value>,
    made: usize,
}

/// An executor that hosts nothing.
pub(crate) struct Executor {
    folder: TempDir,
    state: Arc<Mutex<State>>,
}

impl Executor {
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join("socket")).unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        // It ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &shared);
            }
        });
        Self { folder, state }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// A path at which nobody listens.
    pub(crate) fn nobody(&self) -> PathBuf {
        self.folder.path().join("nobody")
    }

    /// The requests since it was last asked.
    pub(crate) fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    /// The log that every container has.
    pub(crate) fn set_log(&self, lines: &[(&str, &str, &str)]) {
        let line = |(time, stream, log): &(&str, &str, &str)| json!({ "time": time, "stream": stream, "log": log });
        self.state.lock().unwrap().lines = lines.iter().map(line).collect();
    }
}

fn answer(stream: UnixStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let [method, path, "HTTP/1.1"] = line.trim_end().split(' ').collect::<Vec<_>>()[..] else {
        panic!("not a request: {line}");
    };
    let (method, path) = (method.to_owned(), path.to_owned());
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    let request = Request { method, path, body };
    let (status, reply) = {
        let mut state = state.lock().unwrap();
        state.requests.push(request.clone());
        reply(&mut state, &request)
    };
    let reply = reply.to_string();
    let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n\r\n", reply.len());
    let mut stream = reader.into_inner();
    stream.write_all(format!("{head}{reply}").as_bytes()).unwrap();
}

fn reply(state: &mut State, request: &Request) -> (u16, Value) {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
    match (request.method.as_str(), &parts[..]) {
        ("GET", ["health"]) => {
            (200, json!({ "state": "serving", "containers": state.containers.len() }))
        }
        ("GET", ["version"]) => (200, json!({ "version": "0.1.0" })),
        ("POST", ["containers"]) => create(state, &request.body),
        ("GET", ["containers"]) => {
            let name = query.split('&').find_map(|pair| pair.strip_prefix("name=")).unwrap_or("");
            let named = |c: &&Value| c["name"].as_str().unwrap().contains(name);
            (
                200,
                json!({ "containers": state.containers.iter().filter(named).collect::<Vec<_>>() }),
            )
        }
        (method, ["containers", key, rest @ ..]) => {
            let found = state.containers.iter().position(|container| {
                container["name"] == *key || container["id"].as_str().unwrap().starts_with(key)
            });
            let Some(place) = found else {
                return (404, json!({ "error": format!("there is no container `{key}`") }));
            };
            of_one(state, place, method, rest)
        }
        _ => (404, json!({ "error": "there is nothing" })),
    }
}

fn create(state: &mut State, body: &Value) -> (u16, Value) {
    state.made += 1;
    let id = format!("776f772d{:056x}", state.made);
    let name = body["name"].as_str().unwrap_or("nameless");
    if state.containers.iter().any(|container| container["name"] == name) {
        return (409, json!({ "error": format!("the name `{name}` is taken") }));
    }
    let published = body["publish"] == true;
    let address =
        if published { "127.0.0.1".to_owned() } else { format!("127.64.0.{}", state.made) };
    let container = json!({
        "id": id, "name": name, "image": body["image"], "state": "created", "address": address,
        "port": if published { 40_123 } else { 8080 }, "memory": body["memory"],
        "labels": body["labels"], "environment": body["environment"], "initialized": false,
        "network": body["network"].as_str().unwrap_or("bridge"),
        "created": "2026-11-21T20:22:00.123456789Z", "activations": 0, "log": "/log",
    });
    state.containers.push(container.clone());
    (201, container)
}

fn of_one(state: &mut State, place: usize, method: &str, rest: &[&str]) -> (u16, Value) {
    let container = &mut state.containers[place];
    match (method, rest) {
        ("GET", []) => (200, container.clone()),
        ("GET", ["logs"]) => (200, json!({ "lines": state.lines })),
        ("DELETE", []) => {
            state.containers.remove(place);
            (200, json!({}))
        }
        ("POST", [change @ ("pause" | "unpause")]) => {
            let wanted = if *change == "pause" { "paused" } else { "running" };
            if (container["state"] == "paused") == (wanted == "paused") {
                return (409, json!({ "error": format!("the container is {wanted} already") }));
            }
            container["state"] = json!(wanted);
            (200, json!({}))
        }
        _ => (404, json!({ "error": "there is nothing" })),
    }
}
