//! The endpoints of WOW's ancestor, as the 2022 fork of OpenWhisk calls them: the
//! container is named in the path, and need not be made first.
//!
//! | request | what |
//! |---|---|
//! | `/start` | makes a container; `{"containerId": "…", "port": 40123}`, where it also answers `/init` and `/run` |
//! | `/NAME/init` | as `/init`; makes the container if there is none |
//! | `/NAME/run` | as `/run` |
//! | `/NAME/destroy` | removes it |

use super::container::Spec;
use super::{Executor, Refusal};
use crate::Error;
use crate::container::Named;
use serde_json::json;
use std::sync::Arc;

/// Its containers' image, for those who look.
const IMAGE: &str = "wow/ancestor";

impl Executor {
    pub(super) fn ancestor(&self, path: &str) -> Result<Named, Error> {
        let parts: Vec<_> = path.split('/').skip(1).collect();
        match parts[..] {
            ["start"] => {
                let id = super::new_id()?;
                let made = self.make(&id, true)?;
                Ok(Named::Done(json!({ "containerId": &*id, "port": made.address.port() })))
            }
            [name, "init"] => {
                let found = self.find(name).or_else(|_| self.make(name, false));
                Ok(Named::Container(Arc::clone(&found?.container), "/init"))
            }
            [name, "run"] => {
                let found = self.find(name).map_err(|_| Error::Gone)?;
                Ok(Named::Container(Arc::clone(&found.container), "/run"))
            }
            [name, "destroy"] => {
                self.remove(name)?;
                Ok(Named::Done(json!({ "ok": true })))
            }
            _ => Err(Error::BadRequest(
                "there is only /start, /NAME/init, /NAME/run and /NAME/destroy".to_owned(),
            )),
        }
    }

    fn make(&self, name: &str, publish: bool) -> Result<Arc<super::Virtual>, Refusal> {
        let (name, image) = (name.to_owned(), IMAGE.to_owned());
        self.create(Spec { name, image, publish, ..Spec::default() })
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown(_) => Self::NoContainer,
            Refusal::Unreadable(_) | Refusal::Conflict(_) => Self::BadRequest(refusal.to_string()),
            Refusal::Draining => Self::Draining,
            Refusal::Ours(cause) => Self::Host(cause),
        }
    }
}
