//! Connections that say too much, too little, or nothing.

use super::{LATEST, RESERVE, calm, calm_answer, error, head, loaded, settles, settles_within};
use crate::code;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};
use wow_tests::client::{receive, send};
use wow_tests::footprint::Footprint;
use wow_tests::process::{Runtime, wow};
use wow_tests::wat;

fn echo() -> Runtime {
    loaded(&wat::action(wat::ECHO), &[])
}

#[test]
fn i_11_a_guest_cannot_reach_its_own_host() {
    let runtime = Runtime::start();
    assert_eq!(runtime.init(&code("fetch.rust")), (200, json!({ "ok": true })));
    for path in ["init", "run"] {
        let url = format!("http://{}/{path}", runtime.address);
        let denied = json!({ "error": format!("cannot fetch `{url}`: HTTP-request-denied") });
        assert_eq!(runtime.run(&json!({ "url": url })), (200, denied));
    }
}

#[test]
fn i_12_a_body_that_announces_too_much_is_refused_before_it_comes() {
    let runtime = echo();
    let before = Footprint::at_work(runtime.address, runtime.id()).unwrap();
    for path in ["/init", "/run"] {
        let reply = receive(send(runtime.address, &head(path, 1 << 30)).unwrap()).unwrap();
        assert_eq!(reply.whole(), (413, error("the body is larger than 83886080 bytes")));
    }
    settles(&runtime, &before);
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
}

#[test]
fn i_12_a_body_without_an_end_is_refused_at_the_limit() {
    let runtime = echo();
    let endless = || {
        let head = b"POST /run HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut stream = send(runtime.address, head).unwrap();
        let chunk = [&b"100000\r\n"[..], &vec![b' '; 1 << 20], b"\r\n"].concat();
        // Until it is refused: then the host reads no more.
        for _ in 0..200 {
            if stream.write_all(&chunk).is_err() {
                break;
            }
        }
        receive(stream)
    };
    let refusal = (413, error("the body is larger than 83886080 bytes"));
    assert_eq!(endless().unwrap().whole(), refusal);
    let before = Footprint::at_work(runtime.address, runtime.id()).unwrap();
    assert_eq!(endless().unwrap().whole(), refusal);
    settles(&runtime, &before);
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
}

#[test]
fn i_12_a_body_that_lies_about_its_length_is_refused() {
    let runtime = echo();
    let answer = |request: &[u8]| {
        let mut stream = send(runtime.address, request).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        (text.lines().next().unwrap_or_default().to_owned(), body.unwrap_or_default())
    };
    let refused = "HTTP/1.1 400 Bad Request".to_owned();
    let broken = error("the body broke off: error reading a body from connection").to_string();
    // It ends before it should; its length is said in two ways.
    let short = [&head("/run", 100)[..], b"{}"].concat();
    assert_eq!(answer(&short), (refused.clone(), broken.clone()));
    let both = b"POST /run HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}";
    assert_eq!(answer(both), (refused.clone(), broken));
    // What is not even HTTP is answered by hyper, with no body.
    for lie in [
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: -2",
        "Transfer-Encoding: nonsense",
    ] {
        let request = format!("POST /run HTTP/1.1\r\nHost: h\r\n{lie}\r\n\r\n{{}}");
        assert_eq!(answer(request.as_bytes()), (refused.clone(), String::new()), "{lie}");
    }
    // It goes on when it should have ended: the rest is no request.
    let long = [&head("/run", 2)[..], b"{}GARBAGE\r\n\r\n"].concat();
    let first = receive(send(runtime.address, &long).unwrap()).unwrap();
    assert_eq!(first.whole(), (200, json!({})));
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
}

#[test]
fn i_12_a_hundred_thousand_headers_are_refused() {
    let runtime = echo();
    let headers = "A: b\r\n".repeat(100_000);
    let request = format!("POST /run HTTP/1.1\r\nHost: h\r\n{headers}\r\n");
    let mut stream = TcpStream::connect(runtime.address).unwrap();
    // It may be refused before all is sent.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 431");
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
}

#[test]
fn i_14_two_requests_in_one_piece_are_both_answered() {
    let runtime = echo();
    let one = [&head("/run", 17)[..], br#"{"value":{"n":1}}"#].concat();
    let stream = send(runtime.address, &one.repeat(2)).unwrap();
    let mut replies = BufReader::new(stream);
    for _ in 0..2 {
        let mut reply = Vec::new();
        while !reply.ends_with(b"{\"n\":1}") {
            assert_ne!(replies.read_until(b'}', &mut reply).unwrap(), 0, "it ended");
        }
        assert!(reply.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
}

#[test]
fn i_14_who_says_nothing_or_half_of_it_is_let_go_after_thirty_seconds() {
    let runtime = echo();
    let before = Footprint::at_work(runtime.address, runtime.id()).unwrap();
    let start = Instant::now();
    let silent: Vec<_> = (0..1000).map(|_| send(runtime.address, b"").unwrap()).collect();
    let half_a_head = send(runtime.address, b"POST /run HTTP/1.1\r\nHost").unwrap();
    let half_a_body = send(runtime.address, &[&head("/run", 100), &b"{"[..]].concat()).unwrap();
    // Others are answered meanwhile.
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
    let reply = receive(half_a_body).unwrap().whole();
    assert_eq!(reply, (400, error("the body did not come within 30 s")));
    for mut stream in silent.into_iter().chain([half_a_head]) {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 408 "), "{text}");
    }
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    settles_within(&runtime, &before, RESERVE);
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
}

#[test]
fn i_14_more_connections_than_descriptors_keep_nobody_out() {
    let mut program = Command::new("prlimit");
    program.arg("--nofile=128").arg(wow().get_program());
    let runtime = super::runtime(program, &[]);
    assert_eq!(super::init(&runtime, &wat::action(wat::ECHO)).0, 200);
    let idle: Vec<_> = (0..200).map(|_| send(runtime.address, b"").unwrap()).collect();
    let start = Instant::now();
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
    assert!(start.elapsed() < LATEST, "{:?}", start.elapsed());
    drop(idle);
}
