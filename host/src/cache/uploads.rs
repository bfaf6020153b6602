//! What was found in an upload, so that it need not be decoded again: which component,
//! and the text of its `wow.toml`. A small file for each upload, named by the code of
//! its text and authenticated as code is.

use super::Cache;
use crate::mac::{Key, Tag};
use anyhow::{Context as _, ensure};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::Ordering;

/// What an upload held.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Contents {
    /// The digest of the component.
    pub(crate) component: blake3::Hash,
    /// Its `wow.toml`; empty if it had none, since an empty one is refused.
    pub(crate) manifest: Vec<u8>,
}

/// The most bytes of such a file: a digest, a `wow.toml` of the largest size, a code.
const LARGEST: u64 = 128 << 10;

impl Cache {
    /// What uploads are named by: the code of their text.
    pub(crate) fn uploads(&self) -> Key {
        self.keys.uploads.clone()
    }

    /// What is known of an upload. Whatever is wrong with the file, nothing is.
    pub(crate) fn contents(&self, upload: &Tag) -> Option<Contents> {
        self.read_contents(upload).unwrap_or_else(|cause| {
            tracing::warn!(%upload, "what the cache says of an upload is not used: {cause:#}");
            self.counts.rejected.fetch_add(1, Ordering::Relaxed);
            None
        })
    }

    /// The same before anybody asks: who does is told what is wrong.
    pub(crate) fn contents_ahead(&self, upload: &Tag) -> Option<Contents> {
        self.read_contents(upload).ok().flatten()
    }

    fn read_contents(&self, upload: &Tag) -> anyhow::Result<Option<Contents>> {
        let Some((file, stat)) = self.open_file(&name(upload))? else { return Ok(None) };
        let size = u64::try_from(stat.st_size)?;
        ensure!(size <= LARGEST, "it has {size} bytes");
        let mut text = vec![0; usize::try_from(size)?];
        file.read_exact_at(&mut text, 0)?;
        let (known, tag) = text.split_last_chunk::<{ Tag::BYTES }>().context("it is too short")?;
        let mut mac = self.keys.packages.mac();
        mac.update(upload.as_bytes());
        mac.update(known);
        ensure!(mac.is(&Tag::from(*tag)), "it is forged or damaged");
        let (component, manifest) =
            known.split_first_chunk::<{ blake3::OUT_LEN }>().context("it is too short")?;
        Ok(Some(Contents { component: (*component).into(), manifest: manifest.to_vec() }))
    }

    /// Keeps what was found in an upload. Without it the next one is decoded again.
    pub(crate) fn keep_contents(&self, upload: &Tag, contents: &Contents) {
        let component = contents.component.as_bytes();
        let mut mac = self.keys.packages.mac();
        let parts = [upload.as_bytes(), &component[..], &contents.manifest];
        parts.iter().for_each(|part| mac.update(part));
        let tag = mac.tag();
        let kept = self.write_file(&name(upload), |file| {
            let parts = [&component[..], &contents.manifest, tag.as_bytes()];
            parts.iter().try_for_each(|part| file.write_all(part))
        });
        if let Err(cause) = kept {
            tracing::debug!(%upload, %cause, "an upload will be decoded again");
        }
    }
}

/// How the names of its files begin.
const PREFIX: &str = "upload-";

/// The name of its file.
fn name(upload: &Tag) -> String {
    format!("{PREFIX}{upload}")
}

/// The upload of which such a file knows, if it is one.
pub(super) fn parse(file: &str) -> Option<Tag> {
    let tag = blake3::Hash::from_hex(file.strip_prefix(PREFIX)?).ok()?;
    Some(Tag::from(*tag.as_bytes()))
}
