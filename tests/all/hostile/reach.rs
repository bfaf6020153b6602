//! Guests that reach for what they were not granted; `egress` has those that were.

use super::{harmless, silent, strike};
use crate::code;
use serde_json::json;
use wow_tests::process::Runtime;

#[test]
fn g_09_a_request_to_a_server_that_never_answers_is_denied_before_it_is_made() {
    let tarpit = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    tarpit.set_nonblocking(true).unwrap();
    let address = tarpit.local_addr().unwrap();
    let runtime = Runtime::start();
    assert_eq!(runtime.init(&code("fetch.rust")), (200, json!({ "ok": true })));
    let answer = runtime.run(&json!({ "url": format!("http://{address}/") }));
    assert_eq!(
        answer,
        (200, json!({ "error": format!("cannot fetch `http://{address}/`: HTTP-request-denied") }))
    );
    let unasked = tarpit.accept().map(drop).map_err(|e| e.kind());
    assert_eq!(unasked, Err(std::io::ErrorKind::WouldBlock), "nobody came");
    let denied = format!(
        "request to http://{address} denied: wow.toml does not ask for it\nhint: write `http = [\"http://{address}\"]` under [capabilities] in wow.toml\n"
    );
    assert_eq!(runtime.log(), (String::new(), denied));
}

#[test]
fn g_18_a_hundred_thousand_sockets_are_each_refused() {
    assert_eq!(strike("g-18-sockets", &[], &harmless()), silent());
}

#[test]
fn g_18_and_g_19_there_is_no_directory_to_open_or_fill() {
    assert_eq!(strike("g-18-files", &[], &harmless()), silent());
}
