//! What an IP address is for: the registries of special addresses (RFC 6890, IANA).
//! Knows no policy.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why no stranger's request goes to an address.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Special {
    /// It names no host, or many: nothing opens it.
    Never(&'static str),
    /// A cloud's metadata service, which gives out credentials: only its very address opens it.
    Metadata,
    /// An operator may open it.
    Closed(&'static str),
}

/// What is special about an address; `None` if it is public.
///
/// IPv4 in IPv6 (`::ffff:a.b.c.d`) is what it means: callers use [`canonical`] first.
pub(crate) fn special(address: IpAddr) -> Option<Special> {
    if METADATA.contains(&address) {
        return Some(Special::Metadata);
    }
    match address {
        IpAddr::V4(address) => {
            V4.iter().find(|(net, _)| net.contains(&address)).map(|(_, special)| *special)
        }
        IpAddr::V6(address) => {
            // What a translator would make of it is what would be reached.
            if NAT64.contains(&address) {
                let [.., a, b, c, d] = address.octets();
                return special(IpAddr::V4(Ipv4Addr::new(a, b, c, d)));
            }
            if let Some((_, special)) = V6.iter().find(|(net, _)| net.contains(&address)) {
                return Some(*special);
            }
            let global = GLOBAL.contains(&address);
            (!global).then_some(Special::Closed("an address that is not in public use"))
        }
    }
}

/// IPv4 written as IPv6 is IPv4: it would be dialled as such.
pub(crate) fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(a: u16, b: u16, c: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), length)
}

/// The services that give credentials to whoever asks: AWS, Google, Azure and most
/// others; ECS; Alibaba; Azure's wire server; Oracle.
const METADATA: [IpAddr; 7] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>
const V4: [(Ipv4Net, Special); 16] = [
    (v4(0, 0, 0, 0, 8), Special::Never("an unspecified address")),
    (v4(10, 0, 0, 0, 8), Special::Closed("a private address")),
    (v4(100, 64, 0, 0, 10), Special::Closed("a carrier's shared address")),
    (v4(127, 0, 0, 0, 8), Special::Closed("a loopback address")),
    (v4(169, 254, 0, 0, 16), Special::Closed("a link-local address")),
    (v4(172, 16, 0, 0, 12), Special::Closed("a private address")),
    (v4(192, 0, 0, 0, 24), Special::Closed("an address for protocols")),
    (v4(192, 0, 2, 0, 24), Special::Closed("an address for documentation")),
    (v4(192, 88, 99, 0, 24), Special::Closed("a relay's address")),
    (v4(192, 168, 0, 0, 16), Special::Closed("a private address")),
    (v4(198, 18, 0, 0, 15), Special::Closed("an address for benchmarks")),
    (v4(198, 51, 100, 0, 24), Special::Closed("an address for documentation")),
    (v4(203, 0, 113, 0, 24), Special::Closed("an address for documentation")),
    (v4(224, 0, 0, 0, 4), Special::Never("a multicast address")),
    (v4(255, 255, 255, 255, 32), Special::Never("the broadcast address")),
    (v4(240, 0, 0, 0, 4), Special::Closed("a reserved address")),
];

/// NAT64's well-known prefix (RFC 6052): the last four bytes are the IPv4 address.
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 0, 96);

/// All of IPv6 that is routed in public.
const GLOBAL: Ipv6Net = v6(0x2000, 0, 0, 3);

/// <https://www.iana.org/assignments/iana-ipv6-special-registry>, as far as it is not
/// outside of [`GLOBAL`] and needs no word of its own.
const V6: [(Ipv6Net, Special); 13] = [
    (v6(0, 0, 0, 128), Special::Never("an unspecified address")),
    (Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), Special::Closed("a loopback address")),
    (v6(0, 0, 0, 96), Special::Closed("an IPv4 address within IPv6")),
    (v6(0x64, 0xff9b, 1, 48), Special::Closed("an IPv4 address within IPv6")),
    (v6(0x100, 0, 0, 64), Special::Closed("an address that discards")),
    (v6(0x2001, 0, 0, 23), Special::Closed("an address for protocols")),
    (v6(0x2001, 0xdb8, 0, 32), Special::Closed("an address for documentation")),
    (v6(0x2002, 0, 0, 16), Special::Closed("an IPv4 address within IPv6")),
    (v6(0x3fff, 0, 0, 20), Special::Closed("an address for documentation")),
    (v6(0xfc00, 0, 0, 7), Special::Closed("a private address")),
    (v6(0xfe80, 0, 0, 10), Special::Closed("a link-local address")),
    (v6(0xfec0, 0, 0, 10), Special::Closed("a site-local address")),
    (v6(0xff00, 0, 0, 8), Special::Never("a multicast address")),
];

/// Whether an operator's list opens an address that is special as said.
pub(crate) fn opened(address: IpAddr, special: Special, open: &[IpNet]) -> bool {
    match special {
        Special::Never(_) => false,
        Special::Metadata => open.contains(&IpNet::from(address)),
        Special::Closed(_) => open.iter().any(|net| net.contains(&address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<Special> {
        special(canonical(text.parse().expect("an address")))
    }

    #[test]
    fn e_01_every_way_to_write_this_machine_is_special() {
        let loopback = Some(Special::Closed("a loopback address"));
        for text in ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"] {
            assert_eq!(said(text), loopback, "{text}");
        }
        let within = Some(Special::Closed("an IPv4 address within IPv6"));
        for text in ["2002:7f00:1::", "::7f00:1", "64:ff9b:1::7f00:1"] {
            assert_eq!(said(text), within, "{text}");
        }
        let unspecified = Some(Special::Never("an unspecified address"));
        for text in ["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0"] {
            assert_eq!(said(text), unspecified, "{text}");
        }
        assert_eq!(said("2001::1"), Some(Special::Closed("an address for protocols")), "Teredo");
    }

    #[test]
    fn e_02_metadata_services_are_known_by_their_addresses() {
        for text in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "fd00:ec2::254",
            "fd20:ce::254",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "169.254.170.2",
        ] {
            assert_eq!(said(text), Some(Special::Metadata), "{text}");
        }
    }

    #[test]
    fn e_02_what_is_not_public_is_special() {
        for (text, what) in [
            ("10.1.2.3", "a private address"),
            ("172.16.0.1", "a private address"),
            ("172.31.255.255", "a private address"),
            ("192.168.1.1", "a private address"),
            ("fd12:3456::1", "a private address"),
            ("100.64.0.1", "a carrier's shared address"),
            ("169.254.1.1", "a link-local address"),
            ("fe80::1", "a link-local address"),
            ("fec0::1", "a site-local address"),
            ("198.18.0.1", "an address for benchmarks"),
            ("203.0.113.9", "an address for documentation"),
            ("2001:db8::1", "an address for documentation"),
            ("250.0.0.1", "a reserved address"),
            ("4000::1", "an address that is not in public use"),
        ] {
            assert_eq!(said(text), Some(Special::Closed(what)), "{text}");
        }
        for text in ["224.0.0.1", "239.255.255.255", "ff02::1"] {
            assert_eq!(said(text), Some(Special::Never("a multicast address")), "{text}");
        }
        assert_eq!(said("255.255.255.255"), Some(Special::Never("the broadcast address")));
    }

    #[test]
    fn what_is_public_is_not_special() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "2606:4700:4700::1111",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn an_operator_opens_networks_but_a_metadata_service_only_by_its_address() {
        let open = |text: &str, nets: &[&str]| {
            let address = canonical(text.parse().expect("an address"));
            let nets: Vec<IpNet> = nets.iter().map(|net| net.parse().expect("a net")).collect();
            opened(address, special(address).expect("special"), &nets)
        };
        assert!(open("127.0.0.1", &["10.0.0.0/8", "127.0.0.0/8"]));
        assert!(open("::ffff:127.0.0.1", &["127.0.0.1/32"]));
        assert!(!open("127.0.0.1", &["::/0", "10.0.0.0/8"]));
        assert!(!open("169.254.169.254", &["0.0.0.0/0", "169.254.0.0/16"]));
        assert!(open("169.254.169.254", &["169.254.169.254/32"]));
        assert!(!open("0.0.0.0", &["0.0.0.0/0"]));
        assert!(!open("224.0.0.1", &["0.0.0.0/0"]));
    }
}
