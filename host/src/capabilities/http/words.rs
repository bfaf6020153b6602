//! What the developer reads about a request that was not made: what was tried, which
//! rule was against it, and the line that would change it.

use super::rules::{Refusal, Servers};
use super::server::Target;
use crate::listing::listed;
use crate::logs::Logs;
use crate::manifest;

/// Writes to an activation's log.
pub(super) struct Words(Logs);

impl Words {
    pub(super) fn new(logs: &Logs) -> Self {
        Self(logs.clone())
    }

    /// A request of an action that asks for no server at all.
    pub(super) fn nothing_asked(&self, uri: &http::Uri) {
        match Target::read(uri) {
            Ok(target) => self.refusal(&target, &Refusal::NotAsked, &Servers::default(), None),
            Err(why) => self.unreadable(uri, &why),
        }
    }

    /// A request whose URL names no server.
    pub(super) fn unreadable(&self, uri: &http::Uri, why: &str) {
        // Without the path: a password may stand in it.
        let host = uri.authority().map_or("", |authority| {
            let text = authority.as_str();
            text.rsplit_once('@').map_or(text, |(_, host)| host)
        });
        self.0.denial(&format!("request to `{host}` refused: {why}"));
    }

    /// A request that the rules refuse.
    pub(super) fn refusal(
        &self,
        target: &Target,
        refusal: &Refusal,
        servers: &Servers,
        action: Option<&str>,
    ) {
        let who = action.unwrap_or("an action without a name");
        let (why, hint) = match refusal {
            Refusal::NotAsked => {
                (format!("{} does not ask for it", manifest::NAME), ask(target, servers))
            }
            Refusal::NotAllowed => (
                format!(
                    "the operator's policy allows {who} {}{}",
                    if servers.allowed.is_empty() { "" } else { "only " },
                    listed(&servers.allowed, "no server")
                ),
                format!("the operator adds `http = [\"{target}\"]` to a [[grant]] of the policy"),
            ),
            Refusal::Address(address, what) => (
                format!("its address {address} is {what}"),
                "the operator can add its network to `open` in [egress] of the policy".to_owned(),
            ),
            Refusal::Metadata(address) => (
                format!("its address {address} is that of a metadata service"),
                "only its very address in `open` in [egress] of the policy opens one".to_owned(),
            ),
            Refusal::Own => (
                "it is this host itself".to_owned(),
                "nothing opens it; another action is invoked through OpenWhisk's API".to_owned(),
            ),
        };
        self.0.denial(&format!("request to {target} denied: {why}\nhint: {hint}"));
    }

    /// A request that is over a limit, which has a key in the policy.
    pub(super) fn limit(&self, target: &Target, why: &str, key: &str) {
        let hint = format!("the operator can raise `{key}` in [egress] of the policy");
        self.0.denial(&format!("request to {target} failed: {why}\nhint: {hint}"));
    }

    /// A request that was allowed and failed.
    pub(super) fn failure(&self, target: &Target, why: &str) {
        self.0.denial(&format!("request to {target} failed: {why}"));
    }
}

/// The line that asks for a server.
fn ask(target: &Target, servers: &Servers) -> String {
    let mut all: Vec<_> = servers.asked.iter().map(|server| format!("\"{server}\"")).collect();
    all.push(format!("\"{target}\""));
    format!("write `http = [{}]` under [capabilities] in {}", all.join(", "), manifest::NAME)
}
