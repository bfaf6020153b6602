//! Which addresses are dialled, and that no name leads to another.

use super::dns::{Is, NameServer};
use super::servers::{Server, last, text};
use super::{failed, fetch, fetching, got};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};

const PUBLIC: Ipv4Addr = Ipv4Addr::LOCALHOST;
const PRIVATE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// A server in public and one in private, on the same port.
fn twins(answer: fn(&str) -> Vec<u8>) -> (Server, Server) {
    let public = Server::start(answer);
    let private =
        Server::on(SocketAddr::from((PRIVATE, public.address.port())), |_| text("secret"));
    (public, private)
}

#[test]
fn a_server_that_is_granted_answers() {
    let server = Server::start(|_| text("hello"));
    let runtime = fetching(&[&server.url("")], "");
    assert_eq!(fetch(&runtime, &server.url("/a?b=c")), (got("hello"), String::new()));
    assert!(server.heard()[0].starts_with("GET /a?b=c HTTP/1.1\r\n"), "{:?}", server.heard());
}

#[test]
fn a_server_that_was_not_asked_for_is_denied_with_the_line_that_asks() {
    let (public, private) = twins(|_| text("hello"));
    let runtime = fetching(&[&public.url("")], "");
    let url = private.url("/");
    let (answer, log) = fetch(&runtime, &url);
    assert_eq!(answer, failed(&url, "HTTP-request-denied"));
    let (asked, wanted) = (public.url(""), private.url(""));
    assert_eq!(
        log,
        format!(
            "request to {wanted} denied: wow.toml does not ask for it\nhint: write \
             `http = [\"{asked}\", \"{wanted}\"]` under [capabilities] in wow.toml\n"
        )
    );
    assert_eq!(private.connections(), 0);
}

#[test]
fn e_01_this_machine_is_not_reached_however_it_is_written() {
    // 127.0.0.2 is not opened, and the name leads there.
    let server = Server::on(SocketAddr::from((PRIVATE, 0)), |_| text("secret"));
    let port = server.address.port();
    let hosts = ["127.0.0.2", "localhost", "[::1]", "[::ffff:127.0.0.2]", "[64:ff9b::7f00:2]"];
    let more = ["[2002:7f00:2::]", "[::127.0.0.2]", "0.0.0.0", "[::]"];
    let urls: Vec<_> =
        hosts.iter().chain(&more).map(|host| format!("http://{host}:{port}")).collect();
    let servers: Vec<_> = urls.iter().map(String::as_str).collect();
    let runtime = fetching(&servers, "[egress.hosts]\nlocalhost = [\"127.0.0.2\", \"::1\"]");
    for url in &urls {
        let (answer, log) = fetch(&runtime, url);
        assert_eq!(answer, failed(url, "destination-IP-prohibited"), "{log}");
        assert!(log.contains(" denied: its address "), "{log}");
    }
    for host in ["127.2", "2130706434", "0x7f.2", "0177.0.0.2", "0x7f000002"] {
        let url = format!("http://{host}:{port}/");
        let (answer, log) = fetch(&runtime, &url);
        assert_eq!(answer, failed(&url, "HTTP-request-URI-invalid"));
        assert!(log.contains("is not written as four decimal numbers"), "{log}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn e_02_no_metadata_service_and_no_private_network_is_reached() {
    let names = [
        ("metadata.google.internal", "169.254.169.254"),
        ("instance-data.ec2.internal", "fd00:ec2::254"),
        ("metadata.azure.internal", "168.63.129.16"),
        ("metadata.aliyun.internal", "100.100.100.200"),
        ("link-local.test", "169.254.1.1"),
        ("carrier.test", "100.64.0.1"),
        ("private.test", "10.0.0.1"),
        ("multicast.test", "224.0.0.1"),
    ];
    let hosts: String =
        names.iter().map(|(name, address)| format!("\"{name}\" = [\"{address}\"]\n")).collect();
    let urls = names.map(|(name, _)| format!("http://{name}"));
    let servers: Vec<_> = urls.iter().map(String::as_str).collect();
    let runtime = fetching(&servers, &format!("[egress.hosts]\n{hosts}"));
    for (url, (_, address)) in urls.iter().zip(names) {
        let (answer, log) = fetch(&runtime, url);
        assert_eq!(answer, failed(url, "destination-IP-prohibited"), "{log}");
        assert!(log.starts_with(&format!("request to {url} denied: its address {address} is ")));
    }
}

#[test]
fn e_03_a_name_that_turns_private_is_not_followed() {
    // The server closes each connection: the second request looks up again.
    let (public, private) = twins(|_| last("hello"));
    let names =
        NameServer::start(|_, asked| Is::At(vec![if asked == 0 { PUBLIC } else { PRIVATE }]));
    let server = format!("http://rebind.test:{}", public.address.port());
    let runtime = fetching(&[&server], &format!("resolvers = [\"{}\"]", names.address));
    assert_eq!(fetch(&runtime, &server), (got("hello"), String::new()));
    let (answer, log) = fetch(&runtime, &server);
    assert_eq!(answer, failed(&server, "destination-IP-prohibited"));
    assert_eq!(
        log,
        format!(
            "request to {server} denied: its address 127.0.0.2 is a loopback address\nhint: the \
             operator can add its network to `open` in [egress] of the policy\n"
        )
    );
    assert_eq!((public.connections(), private.connections(), names.asked()), (1, 0, 2));
}

#[test]
fn e_03_of_mixed_answers_only_the_public_address_is_dialled() {
    let (public, private) = twins(|_| last("hello"));
    let names = NameServer::start(|_, _| Is::At(vec![PRIVATE, PUBLIC, PRIVATE]));
    let server = format!("http://mixed.test:{}", public.address.port());
    let runtime = fetching(&[&server], &format!("resolvers = [\"{}\"]", names.address));
    for _ in 0..4 {
        assert_eq!(fetch(&runtime, &server), (got("hello"), String::new()));
    }
    assert_eq!((public.connections(), private.connections()), (4, 0));
}

#[test]
fn e_03_an_alias_of_a_private_name_is_denied_and_one_of_a_public_is_not() {
    let (public, private) = twins(|_| last("hello"));
    let names = NameServer::start(|name, _| match name {
        "good.test" => Is::Alias("elsewhere.test", PUBLIC),
        "bad.test" => Is::Alias("internal.test", PRIVATE),
        _ => Is::Nothing,
    });
    let port = public.address.port();
    let [good, bad, none] =
        ["good", "bad", "none"].map(|name| format!("http://{name}.test:{port}"));
    let more = format!("resolvers = [\"{}\"]", names.address);
    let runtime = fetching(&[&good, &bad, &none], &more);
    assert_eq!(fetch(&runtime, &good).0, got("hello"));
    assert_eq!(fetch(&runtime, &bad).0, failed(&bad, "destination-IP-prohibited"));
    let (answer, log) = fetch(&runtime, &none);
    assert_eq!(answer, failed(&none, "DNS-error: NXDOMAIN"));
    assert_eq!(log, format!("request to {none} failed: there is no address of `none.test`\n"));
    assert_eq!(private.connections(), 0);
}

#[test]
fn e_03_a_name_that_is_denied_is_not_looked_up() {
    let names = NameServer::start(|_, _| Is::At(vec![PUBLIC]));
    let more = format!("resolvers = [\"{}\"]", names.address);
    let runtime = fetching(&["http://other.test"], &more);
    let url = "http://secret-in-a-name.test";
    assert_eq!(fetch(&runtime, url).0, failed(url, "HTTP-request-denied"));
    assert_eq!(names.asked(), 0);
}

#[test]
fn e_04_a_redirect_is_the_answer_and_not_followed() {
    let private = Server::on(SocketAddr::from((PRIVATE, 0)), |_| text("secret"));
    let there = private.url("/");
    let location = there.clone();
    let public = Server::start(move |_| {
        format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n").into()
    });
    let runtime = fetching(&[&public.url("")], "");
    let (answer, _) = super::ask(
        &runtime,
        &json!({ "url": public.url("/"), "show": "location", "headers": { "authorization": "a" } }),
    );
    assert_eq!(answer, json!({ "status": 302, "body": "", "shown": there }));
    assert_eq!((public.connections(), private.connections()), (1, 0));
}
