//! Which address is whose: an address for each container out of a range, and the
//! container for an address. Knows no lifecycle.

use crate::container::Container;
use anyhow::{Context as _, anyhow, ensure};
use ipnet::{IpNet, Ipv4Net};
use std::collections::HashMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// A range of addresses, as `127.64.0.0/10`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    network: Ipv4Addr,
    bits: u32,
}

impl FromStr for Range {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let parts = text.split_once('/').and_then(|(network, bits)| {
            Some((network.parse::<Ipv4Addr>().ok()?, bits.parse::<u32>().ok()?))
        });
        let (network, bits) =
            parts.with_context(|| format!("`{text}` is no range, as 127.64.0.0/10 is one"))?;
        ensure!(
            (8..=29).contains(&bits),
            "the range {text} has a prefix of {bits} bits: it is 8 to 29"
        );
        let range = Self { network, bits };
        let host = network.to_bits() & (range.size() - 1);
        ensure!(
            host == 0,
            "the range {text} does not begin at its network's address\n\nhint: {}/{bits}",
            Ipv4Addr::from_bits(network.to_bits() - host)
        );
        Ok(range)
    }
}

impl From<Range> for IpNet {
    fn from(range: Range) -> Self {
        let bits = u8::try_from(range.bits).expect("8 to 29");
        Ipv4Net::new_assert(range.network, bits).into()
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.bits)
    }
}

impl Range {
    fn size(self) -> u32 {
        1 << (32 - self.bits)
    }

    /// How many containers it has addresses for: all but its first and its last.
    pub(crate) fn most(self) -> u32 {
        self.size() - 2
    }

    fn nth(self, n: u32) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.network.to_bits() + 1 + n % self.most())
    }

    /// Checks that this machine answers for the range.
    pub(crate) fn check(self) -> anyhow::Result<()> {
        for address in [self.nth(0), self.nth(self.most() - 1)] {
            UdpSocket::bind((address, 0)).with_context(|| {
                format!(
                    "{address} of the range {self} is no address of this machine\n\nhint: `ip route \
                     add local {self} dev lo`"
                )
            })?;
        }
        Ok(())
    }
}

/// All addresses that are in use.
pub(crate) struct Addresses {
    range: Range,
    port: u16,
    next: AtomicU32,
    taken: RwLock<HashMap<SocketAddr, Arc<Container>>>,
}

impl Addresses {
    /// Addresses of a range, each with this port.
    pub(crate) fn new(range: Range, port: u16) -> anyhow::Result<Self> {
        // An executor that started anew does not begin where the last one did: who still holds an
        // address of that one must not reach another's container.
        let start = getrandom::u32().map_err(|error| anyhow!("no random numbers: {error}"))?;
        let next = AtomicU32::new(start);
        Ok(Self { range, port, next, taken: RwLock::default() })
    }

    /// The range.
    pub(crate) fn range(&self) -> Range {
        self.range
    }

    /// Gives a container an address, the one whose turn it is: one that was given back
    /// comes last.
    pub(crate) fn hand_out(&self, container: &Arc<Container>) -> Option<SocketAddr> {
        let mut taken = self.taken.write().unwrap_or_else(PoisonError::into_inner);
        let free = (0..self.range.most())
            .map(|_| self.range.nth(self.next.fetch_add(1, Ordering::Relaxed)))
            .map(|address| SocketAddr::from((address, self.port)))
            .find(|address| !taken.contains_key(address))?;
        taken.insert(free, Arc::clone(container));
        Some(free)
    }

    /// Has an address of another listener mean a container.
    pub(crate) fn publish(&self, address: SocketAddr, container: &Arc<Container>) {
        let mut taken = self.taken.write().unwrap_or_else(PoisonError::into_inner);
        taken.insert(address, Arc::clone(container));
    }

    /// Takes an address back.
    pub(crate) fn take_back(&self, address: SocketAddr) {
        self.taken.write().unwrap_or_else(PoisonError::into_inner).remove(&address);
    }

    /// The container at an address.
    pub(crate) fn at(&self, address: SocketAddr) -> Option<Arc<Container>> {
        self.taken.read().unwrap_or_else(PoisonError::into_inner).get(&address).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{Allowance, Limits};
    use crate::logs::Sink;
    use std::collections::HashSet;
    use std::time::Duration;

    fn container() -> Arc<Container> {
        let limits = Limits { memory: 1, timeout: Duration::ZERO, cpu: None, result: 2, log: 0 };
        let sink = Arc::new(Sink::new(std::io::sink(), std::io::sink()));
        Arc::new(Container::new(Allowance::new(limits), [].into(), sink))
    }

    #[test]
    fn a_range_is_read_or_refused_with_its_fault() {
        let range: Range = "127.64.0.0/10".parse().expect("a range");
        assert_eq!((range.most(), range.to_string().as_str()), ((1 << 22) - 2, "127.64.0.0/10"));
        for (text, fault) in [
            ("127.64.0.0", "is no range"),
            ("127.64.0.0/x", "is no range"),
            ("::1/64", "is no range"),
            ("127.64.0.0/30", "is 8 to 29"),
            ("10.0.0.0/0", "is 8 to 29"),
            ("127.64.0.1/10", "hint: 127.64.0.0/10"),
        ] {
            let error = text.parse::<Range>().expect_err("wrong").to_string();
            assert!(error.contains(fault), "{text}: {error}");
        }
    }

    #[test]
    fn an_address_that_was_given_back_comes_last() {
        let addresses = Addresses::new("127.9.9.0/29".parse().expect("a range"), 80).expect("new");
        let container = container();
        let first = addresses.hand_out(&container).expect("free");
        addresses.take_back(first);
        let next: HashSet<_> = (0..5).filter_map(|_| addresses.hand_out(&container)).collect();
        assert_eq!(next.len(), 5);
        assert!(!next.contains(&first));
        assert!(addresses.at(first).is_none());
        assert_eq!(addresses.hand_out(&container), Some(first));
        assert_eq!(addresses.hand_out(&container), None);
        assert!(addresses.at(first).is_some());
    }
}
