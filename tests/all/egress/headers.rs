//! What of a request is the action's to say, and what is the URL's.

use super::servers::{Server, text};
use super::{ask, failed, fetch, fetching, file, got, init, package, runtime};
use serde_json::{Value, json};

#[test]
fn e_05_a_list_that_names_no_server_does_not_load() {
    let refusals: Vec<_> = [
        "https://*",
        "https://example.com:*",
        "*.example.com",
        "https://example.com/path",
        "https://good.example@evil.example",
        "https://evil*.example.com",
        "https://b\u{fc}cher.example",
    ]
    .map(|server| {
        let runtime = runtime(&super::policy(""));
        let (status, answer) = init(&runtime, &package(&[server]));
        assert_eq!(status, 502, "{answer}");
        answer["error"].as_str().unwrap().to_owned()
    })
    .into();
    for (refusal, part) in refusals.iter().zip([
        "wow.toml asks for `https://*`, which names no server\n\nhint: name each",
        "wow.toml asks for `https://example.com:*`, which names no server",
        "wow.toml, line 3: `*.example.com` is not a server: it begins with `https://`",
        "a server is granted whole, without a path",
        "a name and a password before the host are not taken",
        "`*` stands only for a whole start, as in `*.example.org`",
        "a name with other letters is written in its ASCII form",
    ]) {
        assert!(refusal.contains(part), "{refusal}");
    }
}

#[test]
fn e_05_what_is_more_than_the_policy_allows_does_not_load() {
    let policy = file("version = 1\n[[grant]]\nhttp = [\"https://*.example.org\"]");
    let runtime = runtime(&policy);
    let server = "https://evil-example.org";
    let refusal = format!(
        "`http = [\"{server}\"]` in wow.toml is more than the operator's policy allows \
         /acme/net/fetch: https://*.example.org\n\nhint: the operator adds `http = [\"{server}\"]` \
         to a [[grant]] with `actions = [\"/acme/net/fetch\"]` of {}, or the action asks for less",
        policy.path().display()
    );
    assert_eq!(init(&runtime, &package(&[server])), (502, json!({ "error": refusal })));
    // The place is free again.
    let fits = package(&["https://a.example.org"]);
    assert_eq!(init(&runtime, &fits), (200, json!({ "ok": true })));
}

#[test]
fn e_05_a_policy_may_deny_at_use_instead() {
    let server = Server::start(|_| text("secret"));
    let policy =
        file("version = 1\non-refusal = \"deny\"\n[[grant]]\nhttp = [\"https://a.example\"]");
    let runtime = runtime(&policy);
    let (asked, url) = (server.url(""), server.url("/"));
    assert_eq!(init(&runtime, &package(&[&asked])), (200, json!({ "ok": true })));
    let (answer, log) = fetch(&runtime, &url);
    assert_eq!(answer, failed(&url, "HTTP-request-denied"));
    assert_eq!(
        log,
        format!(
            "request to {asked} denied: the operator's policy allows /acme/net/fetch only \
             https://a.example\nhint: the operator adds `http = [\"{asked}\"]` to a [[grant]] of the \
             policy\n"
        )
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn e_06_the_server_is_the_urls_whatever_a_header_says() {
    let server = Server::start(|_| text("hello"));
    let port = server.address.port();
    let hosts = "[egress.hosts]\n\"api.test\" = [\"127.0.0.1\"]";
    let asked = format!("http://api.test:{port}");
    let runtime = fetching(&[&asked], hosts);
    let url = format!("http://API.test.:{port}/x");
    assert_eq!(fetch(&runtime, &url), (got("hello"), String::new()));
    let head = &server.heard()[0];
    assert!(head.contains(&format!("\r\nhost: api.test:{port}\r\n")), "{head}");
    assert_eq!(head.to_ascii_lowercase().matches("host:").count(), 1, "{head}");
    let (answer, _) = ask(&runtime, &json!({ "url": url, "headers": { "Host": "evil.test" } }));
    assert_eq!(answer, failed(&url, "the header `Host` is not the action's to set"));
    let url = format!("http://api.test:{port}@evil.test/");
    let (answer, log) = fetch(&runtime, &url);
    assert_eq!(answer, failed(&url, "HTTP-request-URI-invalid"));
    let why = "a name and a password before the host are not taken";
    assert_eq!(log, format!("request to `evil.test` refused: {why}\n"));
    assert_eq!(server.heard().len(), 1);
}

#[test]
fn e_07_headers_that_frame_a_message_are_refused_and_nothing_is_smuggled() {
    let server = Server::start(|_| text("hello"));
    let runtime = fetching(&[&server.url("")], "");
    let url = server.url("/");
    let with = |name: &str, value: &str| -> Value {
        ask(&runtime, &json!({ "url": url, "headers": { name: value } })).0
    };
    for name in [
        "Host",
        "Connection",
        "Keep-Alive",
        "Transfer-Encoding",
        "Upgrade",
        "HTTP2-Settings",
        "Proxy-Authorization",
        "Proxy-Connection",
        "Proxy-Anything",
        "TE",
        "Trailer",
        "Expect",
    ] {
        let refused = failed(&url, &format!("the header `{name}` is not the action's to set"));
        assert_eq!(with(name, "x"), refused, "{name}");
    }
    let injected = failed(&url, "the header `X-A` is not one of HTTP");
    assert_eq!(with("X-A", "a\r\nHost: evil.test"), injected);
    assert_eq!(with("X-A", "a\nb"), injected);
    let url = server.url("/ HTTP/1.1\r\nHost: evil.test\r\n\r\nGET /");
    assert_eq!(fetch(&runtime, &url).0, failed(&url, "not a URL of HTTP"));
    // More than there is, or less: the body is what it is.
    let url = server.url("/");
    let lie =
        json!({ "url": url, "method": "POST", "body": "x", "headers": { "content-length": "5" } });
    let (answer, _) = ask(&runtime, &lie);
    assert!(answer["error"].is_string(), "{answer}");
    assert!(server.heard().is_empty(), "{:?}", server.heard());
    let connect = json!({ "url": url, "method": "CONNECT" });
    assert_eq!(ask(&runtime, &connect).0, failed(&url, "HTTP-request-method-invalid"));
    let posted = json!({ "url": url, "method": "POST", "body": "x", "headers": { "X-A": "b" } });
    assert_eq!(ask(&runtime, &posted), (got("hello"), String::new()));
    assert!(server.heard()[0].contains("\r\nx-a: b\r\n"), "{:?}", server.heard());
}
