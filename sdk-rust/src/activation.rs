//! What the platform tells of the activation, as OpenWhisk's `__OW_*` variables.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The activation in which the function runs.
///
/// Outside of the platform, in a test or in `wow run`, little of this is
/// known. What the platform always tells is then an empty string; what it
/// need not tell is an `Option`.
///
/// ```
/// use std::time::Duration;
/// use wow_action::Activation;
///
/// let activation = Activation::current();
/// println!("activation {} of {}", activation.id, activation.action_name);
/// if activation.remaining().is_some_and(|left| left < Duration::from_secs(5)) {
///     println!("no time for the long way");
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Activation {
    /// 32 hexadecimal digits, under which the platform keeps the record and the log.
    pub id: String,
    /// The namespace of the caller, which need not be the owner of the action.
    pub namespace: String,
    /// The full name of the action: `/owner/package/action`.
    pub action_name: String,
    /// The version of the action, such as `0.0.7`.
    pub action_version: Option<String>,
    /// When the platform gives up. The host ends the activation shortly before.
    pub deadline: Option<SystemTime>,
    /// What the operator's logs call the request that led here.
    pub transaction_id: Option<String>,
    /// The address of the platform's own API.
    pub api_host: Option<String>,
    /// The key of the caller's namespace, if the action is annotated with
    /// `provide-api-key`. A secret: the `Debug` form leaves it out.
    pub api_key: Option<String>,
}

impl Activation {
    /// The activation that runs now. Reads the environment.
    pub fn current() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }

    /// The time left until the deadline: zero if it has passed, `None` if there is none.
    pub fn remaining(&self) -> Option<Duration> {
        Some(self.deadline?.duration_since(SystemTime::now()).unwrap_or_default())
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        Activation {
            id: variable("__OW_ACTIVATION_ID").unwrap_or_default(),
            namespace: variable("__OW_NAMESPACE").unwrap_or_default(),
            action_name: variable("__OW_ACTION_NAME").unwrap_or_default(),
            action_version: variable("__OW_ACTION_VERSION"),
            deadline: variable("__OW_DEADLINE").and_then(|text| parse_deadline(&text)),
            transaction_id: variable("__OW_TRANSACTION_ID"),
            api_host: variable("__OW_API_HOST"),
            api_key: variable("__OW_API_KEY"),
        }
    }
}

/// OpenWhisk writes milliseconds since 1970, in decimal.
fn parse_deadline(text: &str) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_millis(text.parse().ok()?))
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Activation")
            .field("id", &self.id)
            .field("namespace", &self.namespace)
            .field("action_name", &self.action_name)
            .field("action_version", &self.action_version)
            .field("deadline", &self.deadline)
            .field("transaction_id", &self.transaction_id)
            .field("api_host", &self.api_host)
            .field("api_key", &self.api_key.as_ref().map(|_| "…"))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Activation {
        Activation::read(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn every_variable_has_its_field() {
        let activation = read(&[
            ("__OW_ACTIVATION_ID", "0123456789abcdef0123456789abcdef"),
            ("__OW_NAMESPACE", "guest"),
            ("__OW_ACTION_NAME", "/guest/hello"),
            ("__OW_ACTION_VERSION", "0.0.7"),
            ("__OW_DEADLINE", "1732222222123"),
            ("__OW_TRANSACTION_ID", "tid_7"),
            ("__OW_API_HOST", "https://openwhisk.example"),
            ("__OW_API_KEY", "user:secret"),
        ]);
        let expected = Activation {
            id: "0123456789abcdef0123456789abcdef".into(),
            namespace: "guest".into(),
            action_name: "/guest/hello".into(),
            action_version: Some("0.0.7".into()),
            deadline: Some(UNIX_EPOCH + Duration::from_millis(1_732_222_222_123)),
            transaction_id: Some("tid_7".into()),
            api_host: Some("https://openwhisk.example".into()),
            api_key: Some("user:secret".into()),
        };
        assert_eq!(activation, expected);
    }

    #[test]
    fn outside_of_the_platform_nothing_is_known() {
        let activation = read(&[]);
        assert_eq!(activation.id, "");
        assert_eq!(activation.action_name, "");
        assert_eq!(activation.deadline, None);
        assert_eq!(activation.remaining(), None);
    }

    #[test]
    fn a_deadline_that_is_no_number_of_milliseconds_is_none() {
        for text in ["", "soon", "-1", "1.5", "99999999999999999999999"] {
            assert_eq!(read(&[("__OW_DEADLINE", text)]).deadline, None, "{text}");
        }
    }

    #[test]
    fn after_the_deadline_no_time_remains() {
        assert_eq!(read(&[("__OW_DEADLINE", "1")]).remaining(), Some(Duration::ZERO));
    }

    #[test]
    fn before_the_deadline_time_remains() {
        let in_an_hour = SystemTime::now() + Duration::from_secs(3600);
        let text =
            in_an_hour.duration_since(UNIX_EPOCH).expect("after 1970").as_millis().to_string();
        let remaining = read(&[("__OW_DEADLINE", &text)]).remaining().expect("a deadline");
        assert!(remaining > Duration::from_secs(3500), "{remaining:?}");
    }

    #[test]
    fn the_key_stays_out_of_the_debug_form() {
        let text = format!("{:?}", read(&[("__OW_API_KEY", "user:secret")]));
        assert!(!text.contains("secret"), "{text}");
    }
}
