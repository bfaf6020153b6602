//! Where a reader of JSON is, what it may still use, and what was wrong first.

use super::mismatch::{Mismatch, Segment};
use serde::de::Error;
use std::fmt::Display;
use wasmtime::component::Val;

/// Memory is asked for in portions: whoever gives it counts for many at once.
const PORTION: usize = 4096;

/// Where a reader is, and what it has left.
pub(super) struct Walk<'de> {
    place: Vec<Segment<'de>>,
    take: &'de mut dyn FnMut(usize) -> bool,
    /// What was taken and is not used yet, in bytes.
    left: usize,
    /// What was wrong first: an error of serde has no place in it.
    mismatch: Option<Mismatch>,
}

impl<'de> Walk<'de> {
    pub(super) fn new(take: &'de mut dyn FnMut(usize) -> bool) -> Self {
        Self { place: Vec::new(), take, left: 0, mismatch: None }
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

    /// Counts memory before it is used.
    pub(super) fn charge<E: Error>(&mut self, bytes: usize) -> Result<(), E> {
        if let Some(more) = bytes.checked_sub(self.left).filter(|more| *more > 0) {
            let more = more.checked_next_multiple_of(PORTION).unwrap_or(usize::MAX);
            if !(self.take)(more) {
                return Err(self.refuse("as values this takes more memory than there is"));
            }
            self.left += more;
        }
        self.left -= bytes;
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
