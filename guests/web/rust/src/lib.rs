//! Answers HTTP requests: says what it got, and by its path does what a server does
//! now and then, or should not.

mod responses;

use responses::{respond, respond_with};
use serde_json::{Map, Value, json};
use std::io::Read as _;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{ErrorCode, IncomingRequest, Method, ResponseOutparam};

struct Web;

wasip2::http::proxy::export!(Web);

impl Guest for Web {
    fn handle(request: IncomingRequest, to: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        match path {
            "/picture" => respond(to, 200, &[("content-type", "image/png")], b"\x89PNG\r\n"),
            "/cookies" => respond(to, 204, &[("set-cookie", "a=1"), ("set-cookie", "b=2")], b""),
            "/missing" => respond(to, 404, &[("content-type", "text/plain")], b"not here"),
            "/work" => {
                respond(to, 202, &[], b"accepted");
                println!("worked on after the response");
            }
            "/trailers" => respond_with(to, &[], responses::trailers),
            "/never" => drop(to),
            "/error" => ResponseOutparam::set(to, Err(ErrorCode::InternalError(Some("no".into())))),
            "/panic" => {
                respond(to, 200, &[], b"fine");
                panic!("after the response");
            }
            "/endless" => respond_with(to, &[], responses::endless),
            "/dropped" => respond_with(to, &[], drop),
            "/forgotten" => respond_with(to, &[], std::mem::forget),
            "/short" => respond_with(to, &[("content-length", "10")], responses::short),
            _ => {
                respond(to, 200, &[("content-type", "application/json")], &echo(&request, &target))
            }
        }
    }
}

/// What came, but for the names that every client sends otherwise.
fn echo(request: &IncomingRequest, target: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let incoming = request.consume().expect("nobody took it before");
    incoming.stream().expect("nobody took it before").read_to_end(&mut body).expect("it is there");
    let headers: Map<_, _> = (request.headers().entries().into_iter())
        .map(|(name, value)| (name, Value::from(String::from_utf8_lossy(&value))))
        .collect();
    json!({
        "method": method(&request.method()),
        "target": target,
        "authority": request.authority(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
        "length": body.len(),
    })
    .to_string()
    .into_bytes()
}

fn method(method: &Method) -> &str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Other(other) => other,
        _ => "another",
    }
}
