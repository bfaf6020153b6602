//! How requests leave the host: the `[egress]` of the operator's policy.

use super::budget::Bounds;
use anyhow::ensure;
use ipnet::IpNet;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// What the operator said of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct EgressSettings {
    pub(crate) open: Vec<IpNet>,
    pub(crate) resolvers: Vec<SocketAddr>,
    pub(crate) hosts: BTreeMap<String, Vec<IpAddr>>,
    /// The certificates of the operator's bundle, in place of the public ones.
    pub(crate) roots: Option<PathBuf>,
    pub(crate) bounds: Bounds,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct EgressTable {
    open: Vec<Network>,
    resolvers: Vec<Resolver>,
    hosts: BTreeMap<String, Vec<IpAddr>>,
    ca_bundle: Option<PathBuf>,
    connections: Option<usize>,
    idle_connections: Option<usize>,
    activation_connections: Option<usize>,
    activation_requests: Option<u32>,
    activation_sent: Option<u64>,
    activation_received: Option<u64>,
    bytes_per_second: Option<u64>,
    connect_timeout: Option<u64>,
    idle_timeout: Option<u64>,
}

/// `10.0.0.0/8`. One with bits behind its prefix is a mistake, of one kind or the other.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Network(IpNet);

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let net: IpNet =
            text.parse().map_err(|_| format!("`{text}` is not a network such as `10.0.0.0/8`"))?;
        if net.addr() != net.network() {
            return Err(format!(
                "`{text}` has bits behind its prefix; meant is `{}`?",
                net.trunc()
            ));
        }
        Ok(Self(net))
    }
}

/// A name server, at DNS' port if it says none.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Resolver(SocketAddr);

impl TryFrom<String> for Resolver {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let address = text.parse().or_else(|_| text.parse().map(|ip: IpAddr| (ip, 53).into()));
        address.map(Self).map_err(|_| format!("`{text}` is not the address of a name server"))
    }
}

impl EgressTable {
    /// Refuses it whole if any part is wrong.
    pub(crate) fn check(self) -> anyhow::Result<EgressSettings> {
        let default = Bounds::default();
        let time = |ms: Option<u64>, default| ms.map_or(default, Duration::from_millis);
        let bounds = Bounds {
            connections: self.connections.unwrap_or(default.connections),
            idle: self.idle_connections.unwrap_or(default.idle),
            connections_each: self.activation_connections.unwrap_or(default.connections_each),
            requests: self.activation_requests.unwrap_or(default.requests),
            sent: self.activation_sent.unwrap_or(default.sent),
            received: self.activation_received.unwrap_or(default.received),
            per_second: self.bytes_per_second.unwrap_or(default.per_second),
            connect_time: time(self.connect_timeout, default.connect_time),
            idle_time: time(self.idle_timeout, default.idle_time),
        };
        // tokio's semaphores count no further.
        let most = usize::MAX >> 3;
        for (key, count) in [
            ("connections", bounds.connections),
            ("activation-connections", bounds.connections_each),
        ] {
            ensure!((1..=most).contains(&count), "`{key}` in [egress] is {count}: it is 1 or more");
        }
        ensure!(bounds.per_second > 0, "`bytes-per-second` in [egress] is 0: it is 1 or more");
        ensure!(!bounds.connect_time.is_zero(), "`connect-timeout` in [egress] is 0 ms");
        Ok(EgressSettings {
            open: self.open.into_iter().map(|network| network.0).collect(),
            resolvers: self.resolvers.into_iter().map(|resolver| resolver.0).collect(),
            hosts: hosts(self.hosts)?,
            roots: self.ca_bundle,
            bounds,
        })
    }
}

fn hosts(table: BTreeMap<String, Vec<IpAddr>>) -> anyhow::Result<BTreeMap<String, Vec<IpAddr>>> {
    let lower = |(name, addresses): (String, Vec<IpAddr>)| {
        ensure!(!addresses.is_empty(), "`{name}` in [egress.hosts] has no address");
        Ok((name.trim_end_matches('.').to_ascii_lowercase(), addresses))
    };
    table.into_iter().map(lower).collect()
}
