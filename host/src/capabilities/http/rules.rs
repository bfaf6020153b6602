//! Whether a request may be made. One function decides, and every request passes
//! it: before its server's name is looked up, with the addresses that were found,
//! and with the address of a connection that is used again. Pure: it neither looks
//! up nor connects.

use super::address::{self, Special};
use super::server::{Host, Server, Target};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// Which servers an action may speak to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Servers {
    /// What its `wow.toml` asks for.
    pub(crate) asked: Vec<Server>,
    /// What the operator's policy allows it.
    pub(crate) allowed: Vec<Server>,
}

/// What is this host's own: no policy opens it.
#[derive(Clone, Debug)]
pub struct Own {
    /// Where it listens.
    pub listeners: Vec<SocketAddr>,
    /// The addresses of its containers.
    pub containers: Vec<IpNet>,
    /// Whether an address belongs to this machine.
    pub is_here: fn(IpAddr) -> bool,
}

/// What holds for every action of a host.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The networks that the operator opened.
    pub(crate) open: Vec<IpNet>,
    pub(crate) own: Own,
}

/// Why a request is not made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// No line of `wow.toml` names the server.
    NotAsked,
    /// One does, and the policy does not allow it.
    NotAllowed,
    /// The server's addresses are not to be reached; the first of them and why.
    Address(IpAddr, &'static str),
    /// It is a metadata service.
    Metadata(IpAddr),
    /// It is this host itself.
    Own,
}

impl Rules {
    /// Of the addresses `found` of a target's host those that may be dialled, in
    /// their order; at least one. `None` is before anything was looked up.
    pub(crate) fn decide(
        &self,
        servers: &Servers,
        target: &Target,
        found: Option<&[IpAddr]>,
    ) -> Result<Vec<SocketAddr>, Refusal> {
        if !servers.asked.iter().any(|server| server.is(target)) {
            return Err(Refusal::NotAsked);
        }
        if !servers.allowed.iter().any(|server| server.is(target)) {
            return Err(Refusal::NotAllowed);
        }
        let literal = match target.host {
            Host::Address(address) => Some([address]),
            Host::Name(_) => None,
        };
        let found = literal.as_ref().map(<[IpAddr; 1]>::as_slice).or(found);
        let Some(found) = found else { return Ok(Vec::new()) };
        let mut may = Vec::new();
        let mut first = None;
        for address in found.iter().copied().map(address::canonical) {
            match self.address(SocketAddr::new(address, target.port)) {
                Ok(address) => may.push(address),
                Err(refusal) => first = first.or(Some(refusal)),
            }
        }
        match first {
            Some(refusal) if may.is_empty() => Err(refusal),
            _ => Ok(may),
        }
    }

    fn address(&self, at: SocketAddr) -> Result<SocketAddr, Refusal> {
        if self.own.holds(at) {
            return Err(Refusal::Own);
        }
        let address = at.ip();
        match address::special(address) {
            Some(special) if !address::opened(address, special, &self.open) => Err(match special {
                Special::Metadata => Refusal::Metadata(address),
                Special::Never(what) | Special::Closed(what) => Refusal::Address(address, what),
            }),
            _ => Ok(at),
        }
    }
}

impl Own {
    /// A host that listens nowhere.
    pub fn nothing() -> Self {
        Self { listeners: Vec::new(), containers: Vec::new(), is_here }
    }

    fn holds(&self, at: SocketAddr) -> bool {
        let listens = |listener: &SocketAddr| {
            let here = listener.ip().is_unspecified() || at.ip().is_unspecified();
            listener.port() == at.port()
                && (address::canonical(listener.ip()) == at.ip() || here && (self.is_here)(at.ip()))
        };
        self.listeners.iter().any(listens)
            || self.containers.iter().any(|net| net.contains(&at.ip()))
    }
}

/// Whether an address belongs to this machine: the kernel lets a socket have it. In
/// doubt it does.
pub(crate) fn is_here(address: IpAddr) -> bool {
    match std::net::UdpSocket::bind((address, 0)) {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::AddrNotAvailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(asked: &[&str], allowed: &[&str]) -> Servers {
        let read = |texts: &[&str]| {
            let read = |text: &&str| Server::try_from((*text).to_owned()).expect("a server");
            texts.iter().map(read).collect()
        };
        Servers { asked: read(asked), allowed: read(allowed) }
    }

    fn rules(open: &[&str]) -> Rules {
        let own = Own {
            listeners: vec!["0.0.0.0:8080".parse().expect("an address")],
            containers: vec!["10.201.0.0/16".parse().expect("a net")],
            is_here: |address| address.is_loopback() || address == IpAddr::from([10, 0, 0, 1]),
        };
        Rules { open: open.iter().map(|net| net.parse().expect("a net")).collect(), own }
    }

    fn decide(rules: &Rules, url: &str, found: &[&str]) -> Result<Vec<String>, Refusal> {
        let servers = servers(&["http://*", "http://*:8080"], &["http://*", "http://*:8080"]);
        let target = Target::read(&url.parse().expect("a URI")).expect("a target");
        let found: Vec<IpAddr> = found.iter().map(|text| text.parse().expect("an IP")).collect();
        let may = rules.decide(&servers, &target, Some(&found))?;
        Ok(may.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_server_must_be_asked_for_and_allowed() {
        let target = |text: &str| Target::read(&text.parse().expect("a URI")).expect("a target");
        let (a, b) = (target("https://a.example/"), target("https://b.example/"));
        let both = servers(&["https://a.example"], &["https://*.example", "https://a.example"]);
        assert_eq!(rules(&[]).decide(&both, &a, None), Ok(vec![]));
        assert_eq!(rules(&[]).decide(&both, &b, None), Err(Refusal::NotAsked));
        let asked = servers(&["https://a.example"], &["https://b.example"]);
        assert_eq!(rules(&[]).decide(&asked, &a, None), Err(Refusal::NotAllowed));
        assert_eq!(rules(&[]).decide(&Servers::default(), &a, None), Err(Refusal::NotAsked));
    }

    #[test]
    fn e_03_of_mixed_answers_only_the_public_ones_are_dialled() {
        let mixed = ["127.0.0.1", "1.1.1.1", "::ffff:10.0.0.9", "2606:4700::1"];
        let may = decide(&rules(&[]), "http://a.example/", &mixed);
        assert_eq!(may, Ok(vec!["1.1.1.1:80".to_owned(), "[2606:4700::1]:80".to_owned()]));
        let loopback = Refusal::Address([127, 0, 0, 1].into(), "a loopback address");
        assert_eq!(decide(&rules(&[]), "http://a.example/", &mixed[..1]), Err(loopback));
    }

    #[test]
    fn a_literal_address_is_what_is_dialled() {
        let may = decide(&rules(&[]), "http://1.1.1.1/", &["8.8.8.8"]);
        assert_eq!(may, Ok(vec!["1.1.1.1:80".to_owned()]));
    }

    #[test]
    fn i_11_the_hosts_own_listeners_stay_closed_whatever_is_opened() {
        let open = rules(&["0.0.0.0/0", "::/0"]);
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "10.0.0.1"] {
            let refused = decide(&open, "http://a.example:8080/", &[address]);
            assert_eq!(refused, Err(Refusal::Own), "{address}");
        }
        assert_eq!(decide(&open, "http://a.example/", &["10.201.3.4"]), Err(Refusal::Own));
        let may = decide(&open, "http://a.example:8080/", &["10.0.0.2"]);
        assert_eq!(may, Ok(vec!["10.0.0.2:8080".to_owned()]));
        let unspecified = |url| decide(&open, url, &["0.0.0.0"]);
        assert_eq!(unspecified("http://a.example:8080/"), Err(Refusal::Own));
        let never = Refusal::Address([0, 0, 0, 0].into(), "an unspecified address");
        assert_eq!(unspecified("http://a.example/"), Err(never));
    }

    #[test]
    fn e_02_a_metadata_service_is_refused_by_name() {
        let metadata = IpAddr::from([169, 254, 169, 254]);
        let name = "http://metadata.google.internal/";
        let refused = decide(&rules(&["169.254.0.0/16"]), name, &["169.254.169.254"]);
        assert_eq!(refused, Err(Refusal::Metadata(metadata)));
        assert!(decide(&rules(&["169.254.169.254/32"]), name, &["169.254.169.254"]).is_ok());
    }

    #[test]
    fn an_address_of_this_machine_is_known() {
        assert!(is_here([127, 0, 0, 1].into()));
        assert!(is_here([127, 3, 2, 1].into()));
        assert!(!is_here([192, 0, 2, 1].into()));
    }
}
