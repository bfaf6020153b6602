//! Message authentication codes: AEGIS-256X2 as RFC 10032 defines it for that use, with
//! codes of 256 bits. Where a secret can be kept it is five times as fast as a hash,
//! and code is authenticated on the way to its first answer.
//!
//! It is no hash: who knows the key can make two texts with one code.

use aegis::aegis256x2::Aegis256X2Mac;
use anyhow::anyhow;
use std::fmt;

/// A secret, for one purpose.
#[derive(Clone)]
pub(crate) struct Key([u8; 32]);

/// The code of a text.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Tag([u8; Tag::BYTES]);

/// What makes the code of a text that comes in parts.
pub(crate) struct Mac(Aegis256X2Mac<{ Tag::BYTES }>);

impl Key {
    /// A key that nobody else ever had.
    pub(crate) fn random() -> anyhow::Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| anyhow!("no random numbers: {error}"))?;
        Ok(Self(key))
    }

    /// The key that comes of a secret for one purpose, which no other purpose has.
    pub(crate) fn derive(purpose: &str, secret: &[u8; 32]) -> Self {
        Self(blake3::derive_key(purpose, secret))
    }

    /// Begins a text.
    pub(crate) fn mac(&self) -> Mac {
        Mac(Aegis256X2Mac::new(&self.0))
    }

    /// The code of a text that is whole.
    pub(crate) fn tag(&self, text: &[u8]) -> Tag {
        let mut mac = self.mac();
        mac.update(text);
        mac.tag()
    }
}

impl Mac {
    /// Adds what comes next.
    pub(crate) fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// The code of the whole.
    pub(crate) fn tag(self) -> Tag {
        Tag(self.0.finalize())
    }

    /// Whether this is the code of the whole. Takes as long wherever they differ.
    pub(crate) fn is(self, tag: &Tag) -> bool {
        self.0.verify(&tag.0).is_ok()
    }
}

impl Tag {
    /// How long a code is.
    pub(crate) const BYTES: usize = 32;

    pub(crate) fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl From<[u8; Tag::BYTES]> for Tag {
    fn from(bytes: [u8; Tag::BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No digest, but written like one: 32 bytes as hexadecimal digits.
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &Key, parts: &[&[u8]]) -> Tag {
        let mut mac = key.mac();
        parts.iter().for_each(|part| mac.update(part));
        mac.tag()
    }

    #[test]
    fn a_code_depends_on_the_key_the_purpose_and_every_byte() {
        let key = Key::derive("a purpose", &[1; 32]);
        let text = vec![7; 100_000];
        let expected = tag(&key, &[&text]);
        assert_eq!(tag(&key, &[&text[..70_001], &text[70_001..]]), expected);
        let mut other = text.clone();
        other[99_999] ^= 1;
        let others = [
            tag(&key, &[&other]),
            tag(&key, &[&text[1..]]),
            tag(&Key::derive("another", &[1; 32]), &[&text]),
            tag(&Key::derive("a purpose", &[2; 32]), &[&text]),
            tag(&Key::random().expect("random numbers"), &[&text]),
        ];
        for (place, other) in others.iter().enumerate() {
            assert_ne!(*other, expected, "{place}");
        }
        let mut mac = key.mac();
        mac.update(&text);
        assert!(mac.is(&expected));
        assert!(!key.mac().is(&expected));
    }
}
