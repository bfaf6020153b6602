//! A host's name to its addresses: once for a connection, by a resolver of our own.
//! Knows no rules.

use super::server::Host;
use super::settings::EgressSettings;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;
use std::time::Duration;
use wasmtime_wasi_http::Error;

/// How long one name server has to answer, and how often all are asked.
const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;

/// The names that are remembered, each for as long as its owner says.
const CACHED: u64 = 1024;

/// Where names are looked up.
pub(super) struct Resolver {
    /// What the operator answers himself.
    hosts: BTreeMap<String, Vec<IpAddr>>,
    /// His name servers; none are the system's.
    servers: Vec<SocketAddr>,
    /// Built for the first name: most actions look up none.
    dns: OnceLock<Result<TokioResolver, String>>,
}

impl Resolver {
    pub(super) fn new(settings: &EgressSettings) -> Self {
        Self {
            hosts: settings.hosts.clone(),
            servers: settings.resolvers.clone(),
            dns: OnceLock::new(),
        }
    }

    /// All addresses of a host; not one is an error, and why in words.
    pub(super) async fn addresses(&self, host: &Host) -> Result<Vec<IpAddr>, (Error, String)> {
        let name = match host {
            Host::Address(address) => return Ok(vec![*address]),
            Host::Name(name) => name,
        };
        if let Some(addresses) = self.hosts.get(name) {
            return Ok(addresses.clone());
        }
        let dns = self.dns.get_or_init(|| self.build()).as_ref();
        let dns = dns.map_err(|why| {
            tracing::error!("names cannot be looked up: {why}");
            (failed("SERVFAIL"), "the host has no name server".to_owned())
        })?;
        // With the dot at its end it is the whole name: no search list of this host's is tried.
        match dns.lookup_ip(format!("{name}.")).await {
            Ok(found) => Ok(found.iter().collect()),
            Err(NetError::Timeout) => Err((Error::DnsTimeout, format!("no answer about `{name}`"))),
            Err(NetError::Dns(DnsError::NoRecordsFound(_))) => {
                Err((failed("NXDOMAIN"), format!("there is no address of `{name}`")))
            }
            Err(cause) => Err((failed("SERVFAIL"), format!("`{name}` was not found: {cause}"))),
        }
    }

    fn build(&self) -> Result<TokioResolver, String> {
        let runtime = TokioRuntimeProvider::default();
        let mut builder = if self.servers.is_empty() {
            TokioResolver::builder(runtime).map_err(|error| error.to_string())?
        } else {
            let servers = self.servers.iter().map(server).collect();
            let config = ResolverConfig::from_parts(None, Vec::new(), servers);
            TokioResolver::builder_with_config(config, runtime)
        };
        let options: &mut ResolverOpts = builder.options_mut();
        options.timeout = PATIENCE;
        options.attempts = ATTEMPTS;
        options.cache_size = CACHED;
        if !self.servers.is_empty() {
            options.use_hosts_file = ResolveHosts::Never;
        }
        builder.build().map_err(|error| error.to_string())
    }
}

fn server(address: &SocketAddr) -> NameServerConfig {
    let at = |mut connection: ConnectionConfig| {
        connection.port = address.port();
        connection
    };
    let connections = vec![at(ConnectionConfig::udp()), at(ConnectionConfig::tcp())];
    NameServerConfig::new(address.ip(), true, connections)
}

fn failed(rcode: &str) -> Error {
    Error::DnsError { rcode: Some(rcode.to_owned()), info_code: None }
}
