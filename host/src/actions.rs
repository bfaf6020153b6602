//! Which action is loaded: claim, load, fill, get.

use crate::Error;
use crate::capabilities::{Grant, Outside};
use crate::component::Entry;
use crate::library::{Code, Library};
use crate::limits::{Allowance, Deadline, Limits};
use crate::manifest::{Lower, Manifest};
use crate::protocol::{self, Environment, Init};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An action that `/init` has loaded and `/run` can run.
pub struct Action {
    /// Its name, for logs and hints.
    pub name: String,
    /// What every activation of it sees, under what `/run` brings.
    pub(crate) environment: Environment,
    pub(crate) code: Arc<Code>,
    /// Which of its functions is run. Another action with the same code may run another.
    pub(crate) entry: Entry,
    /// What it may reach.
    pub grant: Grant,
    /// The bounds that it sets itself.
    lower: Lower,
}

impl Action {
    /// An action of code that is there already, which runs the function that `main`
    /// names.
    pub fn new(
        name: String,
        main: &str,
        environment: Environment,
        code: Arc<Code>,
        library: &Library,
    ) -> Result<Self, Error> {
        let entry = Entry::find(code.wake(library)?.pre.component(), main)?;
        let (grant, lower) = (Grant::default(), Lower::default());
        Ok(Self { name, environment, code, entry, grant, lower })
    }

    /// The same with what its package asks for, as far as it may have it.
    pub fn granted(
        self,
        manifest: &Manifest,
        outside: &Outside,
        limits: &Limits,
    ) -> Result<Self, Error> {
        manifest.limits.below(limits)?;
        let grant = outside.grant(&manifest.capabilities, &self.environment)?;
        Ok(Self { grant, lower: manifest.limits.clone(), ..self })
    }

    /// What one activation of it may use.
    pub fn allowance(&self, platform: &Allowance) -> Allowance {
        self.lower.apply(platform)
    }

    /// When an activation of it ends: no later than the platform says.
    pub fn deadline(&self, platform: Deadline) -> Deadline {
        let own = self.lower.timeout().map(Deadline::after);
        own.filter(|own| own.end < platform.end).unwrap_or(platform)
    }

    /// Loads what `/init` brought. `container` is the environment that the
    /// platform gave the container; it wins over the action's own.
    pub async fn load(
        init: Init,
        library: &Library,
        container: &Environment,
        (outside, limits): (&Outside, &Limits),
    ) -> Result<Self, Error> {
        let Init { name, main, code, environment } = init;
        let (code, manifest) = library.upload(code).await?;
        // An init parameter may bear any name: what the platform said of the container stands.
        let environment = environment.into_iter().chain(container.clone()).collect();
        Self::new(name, manifest.main(&main), environment, code, library)?
            .granted(&manifest, outside, limits)
    }
}

/// The place for one action. It is claimed before anything is compiled, so that
/// a second `/init` is refused at once and not after.
#[derive(Default)]
pub struct Place(Mutex<Occupant>);

#[derive(Default)]
enum Occupant {
    #[default]
    Nobody,
    Claimed,
    Runs(Runnable),
}

/// What `/run` runs.
#[derive(Clone)]
pub(crate) enum Runnable {
    Action(Arc<Action>),
    /// OpenWhisk's health check, which the host answers itself.
    HealthCheck,
}

impl Runnable {
    /// What one activation of it may use.
    pub(crate) fn allowance(&self, platform: &Allowance) -> Allowance {
        match self {
            Self::Action(action) => action.allowance(platform),
            Self::HealthCheck => platform.clone(),
        }
    }
}

impl Place {
    /// What is loaded here.
    pub(crate) fn get(&self) -> Result<Runnable, Error> {
        match &*self.lock() {
            Occupant::Runs(runnable) => Ok(runnable.clone()),
            Occupant::Nobody | Occupant::Claimed => Err(Error::Refused(protocol::NOT_INITIALIZED)),
        }
    }

    /// Claims the place for an action still to be loaded.
    pub fn claim(&self) -> Result<Claim<'_>, Error> {
        let mut occupant = self.lock();
        match *occupant {
            Occupant::Nobody => {
                *occupant = Occupant::Claimed;
                Ok(Claim(self))
            }
            Occupant::Claimed | Occupant::Runs(_) => {
                Err(Error::Refused(protocol::ALREADY_INITIALIZED))
            }
        }
    }

    /// Whether something is loaded.
    pub(crate) fn is_taken(&self) -> bool {
        matches!(*self.lock(), Occupant::Runs(_))
    }

    /// Makes `action` runnable, whatever was before. Activations that run keep what they run.
    pub(crate) fn replace(&self, action: Action) {
        *self.lock() = Occupant::Runs(Runnable::Action(Arc::new(action)));
    }

    /// Lets go of what is loaded. Activations that run keep it.
    pub(crate) fn clear(&self) {
        *self.lock() = Occupant::Nobody;
    }

    fn lock(&self) -> MutexGuard<'_, Occupant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place taken but not filled; dropped unfilled, it is free again.
pub struct Claim<'a>(&'a Place);

impl Claim<'_> {
    /// Makes `action` runnable.
    pub fn fill(self, action: Action) {
        self.0.replace(action);
    }

    /// Has the host answer OpenWhisk's health check.
    pub(crate) fn fill_with_health_check(self) {
        *self.0.lock() = Occupant::Runs(Runnable::HealthCheck);
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut occupant = self.0.lock();
        if let Occupant::Claimed = *occupant {
            *occupant = Occupant::Nobody;
        }
    }
}
