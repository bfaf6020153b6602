//! A server as `wow.toml` and the policy write it, and as a request names it.
//! `https://api.example.com`, `https://*.example.org:8443`, `http://10.0.0.7`; a policy
//! may say `https://*` or `http://10.0.0.7:*` too.

use super::address::canonical;
use serde::Deserialize;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Servers of one scheme and port, by name.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub struct Server {
    pub(super) scheme: Scheme,
    pub(super) hosts: Hosts,
    /// `None` is every port: `:*`.
    pub(super) port: Option<u16>,
}

/// The two that there are.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// Which hosts a [`Server`] stands for.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Hosts {
    /// Every one: `*`.
    All,
    /// Those below a domain, however deep, and not the domain itself: `*.example.org`.
    Below(String),
    /// One.
    One(Host),
}

/// One host.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Host {
    /// In lower case, without a dot at its end.
    Name(String),
    /// IPv4 within IPv6 is IPv4 here.
    Address(IpAddr),
}

/// The server that a request is for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Target {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host,
    pub(crate) port: u16,
}

impl Scheme {
    fn read(text: &str) -> Option<Self> {
        match text {
            "http" => Some(Self::Http),
            "https" => Some(Self::Https),
            _ => None,
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Server {
    /// Whether a request's target is one of these.
    pub(crate) fn is(&self, target: &Target) -> bool {
        let host = match (&self.hosts, &target.host) {
            (Hosts::All, _) => true,
            (Hosts::One(host), target) => host == target,
            (Hosts::Below(domain), Host::Name(name)) => {
                name.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
            }
            (Hosts::Below(_), Host::Address(_)) => false,
        };
        let port = self.port.is_none_or(|port| port == target.port);
        host && port && self.scheme == target.scheme
    }

    /// Whether it is every host or every port: a ceiling, and nothing to ask for.
    pub(crate) fn is_open(&self) -> bool {
        self.hosts == Hosts::All || self.port.is_none()
    }

    /// Whether all that `other` stands for is one of these.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let ports = self.port.is_none() || self.port == other.port;
        self.hosts.cover(&other.hosts) && ports && self.scheme == other.scheme
    }

    /// What both stand for, if that is anything.
    pub(crate) fn and(&self, other: &Self) -> Option<Self> {
        let hosts = if self.hosts.cover(&other.hosts) {
            &other.hosts
        } else if other.hosts.cover(&self.hosts) {
            &self.hosts
        } else {
            return None;
        };
        let port = self.port.or(other.port);
        let ports = self.port.is_none_or(|own| other.port.is_none_or(|port| port == own));
        let (scheme, hosts) = (self.scheme, hosts.clone());
        (ports && scheme == other.scheme).then_some(Self { scheme, hosts, port })
    }
}

impl Hosts {
    /// Whether all of `other` are some of these.
    fn cover(&self, other: &Self) -> bool {
        let below = |domain: &str, name: &str| {
            name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
        };
        match (self, other) {
            (Self::All, _) => true,
            (Self::Below(domain), Self::Below(other)) => other == domain || below(domain, other),
            (Self::Below(domain), Self::One(Host::Name(name))) => below(domain, name),
            (Self::One(host), Self::One(other)) => host == other,
            (_, Self::All | Self::Below(_) | Self::One(_)) => false,
        }
    }
}

impl TryFrom<String> for Server {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |why: &str| format!("`{text}` is not a server: {why}");
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| wrong("it begins with `https://` or `http://`"))?;
        let scheme = Scheme::read(scheme)
            .ok_or_else(|| wrong("its scheme is `https` or `http`, in lower case"))?;
        if rest.contains(['/', '?', '#']) {
            return Err(wrong("a server is granted whole, without a path"));
        }
        if rest.contains('@') {
            return Err(wrong(USERINFO));
        }
        let (rest, all_ports) = rest.strip_suffix(":*").map_or((rest, false), |rest| (rest, true));
        let (host, port) = split(rest).ok_or_else(|| wrong("its port is not one"))?;
        let port = if all_ports { None } else { Some(port.unwrap_or_else(|| scheme.port())) };
        let hosts = match host.strip_prefix("*.") {
            _ if host == "*" => Hosts::All,
            Some(domain) => match read_host(domain).map_err(|why| wrong(&why))? {
                Host::Name(domain) => Hosts::Below(domain),
                Host::Address(_) => return Err(wrong("an address has nothing below it")),
            },
            None if host.contains('*') => {
                return Err(wrong("`*` stands only for a whole start, as in `*.example.org`"));
            }
            None => Hosts::One(read_host(host).map_err(|why| wrong(&why))?),
        };
        Ok(Self { scheme, hosts, port })
    }
}

impl Target {
    /// Whom a request's URL names. Nothing else of a request is asked: a `Host`
    /// header could name another (CVE-2024-32980).
    pub(crate) fn read(uri: &http::Uri) -> Result<Self, String> {
        let scheme = uri.scheme_str().and_then(Scheme::read).ok_or("its scheme is not HTTP's")?;
        let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
        // Before anything else: what looks like a port may be a password.
        if authority.contains('@') {
            return Err(USERINFO.to_owned());
        }
        let (host, port) = split(authority).ok_or("its port is not one")?;
        let host = read_host(host)?;
        Ok(Self { scheme, host, port: port.unwrap_or_else(|| scheme.port()) })
    }

    /// The host and, if it is not the scheme's own, the port: a `Host` header.
    pub(crate) fn authority(&self) -> String {
        if self.port == self.scheme.port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// `https://good.example@evil.example` is a server of evil.
const USERINFO: &str = "a name and a password before the host are not taken";

/// A host and a port of an authority.
fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    let end = authority.rfind(']').unwrap_or(0);
    match authority[end..].find(':') {
        None => Some((authority, None)),
        Some(colon) => {
            let (host, port) = authority.split_at(end + colon);
            let port = &port[1..];
            let plain = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            Some((host, Some(port.parse().ok().filter(|port| plain && *port != 0)?)))
        }
    }
}

/// The longest name and label of DNS (RFC 1035 §2.3.4).
const NAME: usize = 253;
const LABEL: usize = 63;

fn read_host(text: &str) -> Result<Host, String> {
    if let Some(inner) = text.strip_prefix('[') {
        let address = inner.strip_suffix(']').and_then(|inner| inner.parse::<Ipv6Addr>().ok());
        let address = address.ok_or("between brackets there is no IPv6 address")?;
        return Ok(Host::Address(canonical(address.into())));
    }
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return Ok(Host::Address(address.into()));
    }
    if !name.is_ascii() {
        return Err("a name with other letters is written in its ASCII form, `xn--…`".to_owned());
    }
    let label = |label: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=LABEL).contains(&label.len()) && label.bytes().all(known)
    };
    if name.len() > NAME || !name.split('.').all(label) {
        return Err(format!("`{}` is not a name of DNS", text.escape_default()));
    }
    // `127.1`, `2130706433`, `0x7f.1`: C libraries take them for addresses, and so may others.
    let last = name.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    if number {
        return Err(format!("the address `{name}` is not written as four decimal numbers"));
    }
    Ok(Host::Name(name))
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        match &self.hosts {
            Hosts::All => f.write_str("*")?,
            Hosts::Below(domain) => write!(f, "*.{domain}")?,
            Hosts::One(host) => write!(f, "{host}")?,
        }
        match self.port {
            None => f.write_str(":*"),
            Some(port) if port == self.scheme.port() => Ok(()),
            Some(port) => write!(f, ":{port}"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Server {
        Server::try_from(text.to_owned()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn target(text: &str) -> Result<String, String> {
        let uri = text.parse::<http::Uri>().map_err(|error| error.to_string())?;
        Target::read(&uri).map(|target| target.to_string())
    }

    #[test]
    fn e_05_a_server_is_one_or_all_below_a_domain() {
        for (rule, url, is) in [
            ("https://example.com", "https://example.com/a?b", true),
            ("https://example.com", "https://EXAMPLE.com.:443/", true),
            ("https://example.com", "http://example.com/", false),
            ("https://example.com", "https://example.com:8443/", false),
            ("https://example.com", "https://www.example.com/", false),
            ("https://example.com", "https://evil-example.com/", false),
            ("https://example.com", "https://example.com.evil.test/", false),
            ("https://*.example.com", "https://a.example.com/", true),
            ("https://*.example.com", "https://a.b.example.com/", true),
            ("https://*.example.com", "https://example.com/", false),
            ("https://*.example.com", "https://evilexample.com/", false),
            ("https://Example.COM.", "https://example.com/", true),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example/", true),
            ("http://10.0.0.7:8080", "http://10.0.0.7:8080/", true),
            ("http://10.0.0.7:8080", "http://[::ffff:10.0.0.7]:8080/", true),
            ("http://[2001:DB8::1]", "http://[2001:db8:0::1]:80/", true),
            ("https://*", "https://anything.example/", true),
            ("https://*", "http://anything.example/", false),
            ("http://a.example:*", "http://a.example:81/", true),
            ("http://a.example:*", "http://b.example:81/", false),
        ] {
            let target = Target::read(&url.parse().expect("a URI")).expect("a target");
            assert_eq!(server(rule).is(&target), is, "{rule} {url}");
        }
    }

    #[test]
    fn e_05_what_is_not_a_server_is_refused_with_the_reason() {
        let refusals: Vec<_> = [
            "example.com",
            "HTTPS://example.com",
            "ftp://example.com",
            "https://example.com/",
            "https://example.com/api",
            "https://good.example@evil.example",
            "https://exa*mple.com",
            "https://*.*.example.com",
            "https://*.10.0.0.1",
            "https://b\u{fc}cher.example",
            "https://example.com:0",
            "https://example.com:+80",
            "https://example.com:70000",
            "https://",
            "https://a..b",
            "https://127.1",
            "https://[::1%eth0]",
        ]
        .map(|text| Server::try_from(text.to_owned()).expect_err(text))
        .into();
        insta::assert_snapshot!(refusals.join("\n"));
    }

    #[test]
    fn e_01_an_address_in_disguise_is_no_target() {
        for host in ["127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.0.0.0x1"] {
            let refusal = target(&format!("http://{host}/")).expect_err(host);
            assert!(refusal.ends_with("is not written as four decimal numbers"), "{refusal}");
        }
        assert_eq!(target("http://[::ffff:127.0.0.1]/"), Ok("http://127.0.0.1".to_owned()));
    }

    #[test]
    fn e_06_a_target_is_the_urls_authority() {
        assert_eq!(target("https://A.example:443/x"), Ok("https://a.example".to_owned()));
        assert_eq!(target("http://a.example:8080"), Ok("http://a.example:8080".to_owned()));
        let userinfo = "a name and a password before the host are not taken";
        assert_eq!(target("https://good.example@evil.example/"), Err(userinfo.to_owned()));
        assert_eq!(target("https://a:b@evil.example/"), Err(userinfo.to_owned()));
        assert_eq!(target("/relative"), Err("its scheme is not HTTP's".to_owned()));
    }

    #[test]
    fn a_ceiling_covers_what_is_not_wider() {
        for (ceiling, asked, covers) in [
            ("https://*.example.com", "https://a.example.com", true),
            ("https://*.example.com", "https://*.a.example.com", true),
            ("https://*.example.com", "https://*.example.com", true),
            ("https://*.example.com", "https://example.com", false),
            ("https://*.a.example.com", "https://*.example.com", false),
            ("https://a.example.com", "https://*.example.com", false),
            ("https://*", "https://*.example.com", true),
            ("https://*", "https://*.example.com:8443", false),
            ("https://a.example", "https://*", false),
            ("https://*:*", "https://*.example.com:8443", true),
            ("https://a.example", "https://a.example:*", false),
        ] {
            assert_eq!(server(ceiling).covers(&server(asked)), covers, "{ceiling} {asked}");
        }
    }
}
