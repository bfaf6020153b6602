//! What is done with the cache before anybody asks for what is in it.

use super::{Library, MOST_UPLOADS};
use crate::cache::Listing;

/// What was authenticated before anybody asked for it.
#[derive(Debug, Default, PartialEq)]
pub struct Ahead {
    /// Entries of code.
    pub entries: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Uploads of which the cache says what they hold.
    pub uploads: usize,
}

impl Library {
    /// Authenticates what the cache holds, what was used last first and so many bytes of it at
    /// most: the first call of an action finds it done. Blocks until then.
    pub fn read_ahead(&self, most: u64) -> Ahead {
        let shelves = &self.0;
        let mut ahead = Ahead::default();
        let Some(cache) = &shelves.cache else { return ahead };
        let Listing { entries, uploads } = cache.list(shelves.engine);
        let mut read = 0;
        let mut fits = |bytes: u64| {
            read = bytes.saturating_add(read);
            read <= most
        };
        // Not so many that the next upload makes all of them forgotten.
        let uploads = uploads.iter().take(MOST_UPLOADS / 2).take_while(|(_, bytes)| fits(*bytes));
        ahead.uploads = uploads.filter(|(upload, _)| shelves.recall_ahead(upload)).count();
        for (name, bytes) in entries {
            // Whatever is found to be in it.
            if !fits(bytes) {
                break;
            }
            if cache.authenticate_ahead(&name) {
                ahead.entries += 1;
                ahead.bytes += bytes;
            }
        }
        ahead
    }
}
