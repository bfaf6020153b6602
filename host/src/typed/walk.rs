//! Where a reader of JSON is, what it may still use, and what was wrong first.

use super::mismatch::{Mismatch, Segment};
use serde::de::Error;
use std::fmt::Display;
use wasmtime::component::Val;

/// Where a reader is, and what it has left.
pub(super) struct Walk<'de> {
    place: Vec<Segment<'de>>,
    budget: usize,
    left: usize,
    /// What was wrong first: an error of serde has no place in it.
    mismatch: Option<Mismatch>,
}

impl<'de> Walk<'de> {
    pub(super) fn new(budget: usize) -> Self {
        Self { place: Vec::new(), budget, left: budget, mismatch: None }
    }

    /// How much of the budget is used.
    pub(super) fn used(&self) -> usize {
        self.budget - self.left
    }

    /// Why the walk ended with `error`: if nothing else was wrong, the text is not JSON
    /// where we are.
    pub(super) fn ended(self, error: &serde_json::Error) -> Mismatch {
        self.mismatch.unwrap_or_else(|| Mismatch::new(&self.place, error.to_string()))
    }

    pub(super) fn refuse<E: Error>(&mut self, problem: impl Into<String>) -> E {
        let mismatch = Mismatch::new(&self.place, problem);
        self.mismatch.get_or_insert(mismatch);
        E::custom("mismatch")
    }

    pub(super) fn expected<E: Error>(&mut self, what: impl Display, found: impl Display) -> E {
        self.refuse(format!("expected {what}, got {found}"))
    }

    pub(super) fn charge<E: Error>(&mut self, bytes: usize) -> Result<(), E> {
        let Some(left) = self.left.checked_sub(bytes) else {
            let budget = self.budget;
            return Err(self.refuse(format!("as values this takes more than {budget} bytes")));
        };
        self.left = left;
        Ok(())
    }

    /// Makes room for one more. A list doubles, and what it holds in reserve counts.
    pub(super) fn room<E: Error>(&mut self, list: &mut Vec<Val>) -> Result<(), E> {
        if list.len() == list.capacity() {
            let more = list.len().max(4);
            self.charge(more.saturating_mul(size_of::<Val>()))?;
            list.reserve_exact(more);
        }
        Ok(())
    }

    /// Reads one step further. Where that fails the place stays, for the error.
    pub(super) fn step<T, E>(
        &mut self,
        segment: Segment<'de>,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.place.push(segment);
        let value = read(self)?;
        self.place.pop();
        Ok(value)
    }
}
