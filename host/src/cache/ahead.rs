//! What a host can authenticate before anybody asks for it: the entries of its engine and what
//! uploads held, the newest first.

use super::entry::Identity;
use super::{Cache, Name, modified, uploads};
use crate::mac::Tag;
use std::cmp::Reverse;

/// What is in a cache, the newest first.
#[derive(Default)]
pub(crate) struct Listing {
    /// Code for one engine, by its last use, and the bytes of its file.
    pub(crate) entries: Vec<(Name, u64)>,
    /// What is known of uploads, and the bytes of the file.
    pub(crate) uploads: Vec<(Tag, u64)>,
}

impl Cache {
    /// What is there for `engine`, by the names of the files alone.
    pub(crate) fn list(&self, engine: wow_engine::Key) -> Listing {
        let mut files = self.files();
        files.sort_by_key(|(_, stat)| Reverse(modified(stat)));
        let mut listing = Listing::default();
        for (file, stat) in files {
            let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
            if let Some(name) = Name::parse(&file, engine) {
                listing.entries.push((name, size));
            } else if let Some(upload) = uploads::parse(&file) {
                listing.uploads.push((upload, size));
            }
        }
        listing
    }

    /// Authenticates an entry that nobody has asked for; whether it is genuine. One that is not is counted
    /// and said when somebody does, and one that is has not been used.
    pub(crate) fn authenticate_ahead(&self, name: &Name) -> bool {
        let Ok(Some((file, stat))) = self.open_file(&name.to_string()) else { return false };
        let known = self.verified().get(name) == Some(&Identity::of(&stat));
        known || self.check(name, &file, &stat).is_ok()
    }

    /// How many entries this process has authenticated.
    pub(crate) fn authenticated(&self) -> usize {
        self.verified().len()
    }
}

impl Name {
    /// The name of the entry in such a file, if it is one for `engine`.
    fn parse(file: &str, engine: wow_engine::Key) -> Option<Self> {
        let (component, _) = file.split_once('-')?;
        let name = Self { component: blake3::Hash::from_hex(component).ok()?, engine };
        (name.to_string() == file).then_some(name)
    }
}
