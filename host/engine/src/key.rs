//! The engine key: which engine compiled code fits.
//!
//! `Engine::precompile_compatibility_hash` would say it, but exists only where a
//! compiler is linked, and the host links none. So the key is made here, from what
//! that hash is made of, by one constructor for host and compiler. wasmtime checks
//! once more whenever code is loaded; what it refuses is compiled again.

use crate::SETTINGS;
use std::fmt;
use std::sync::LazyLock;

/// The version of wasmtime, as `Cargo.lock` has it.
pub const WASMTIME: &str = "48.0.8";

/// Which engine code was compiled for. Shown as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Key([u8; 16]);

/// The key of the engine that [`crate::config`] makes on this machine.
pub fn key() -> Key {
    static KEY: LazyLock<Key> = LazyLock::new(|| {
        let machine = [std::env::consts::ARCH, std::env::consts::OS];
        Key::of([&[WASMTIME], SETTINGS, &machine, &features()].concat())
    });
    *KEY
}

impl Key {
    fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            // With its length, so that no two lists read the same.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut key = [0; 16];
        hasher.finalize_xof().fill(&mut key);
        Self(key)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The features of this processor that Cranelift makes use of (`cranelift-native`).
#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    macro_rules! detected {
        ($($feature:tt)+) => {
            [$(($feature, std::is_x86_feature_detected!($feature))),+]
        };
    }
    present(&detected!(
        "sse2" "cmpxchg16b" "sse3" "ssse3" "sse4.1" "sse4.2" "popcnt" "avx" "avx2" "fma" "avxvnni"
        "avx512vnni" "bmi1" "bmi2" "avx512bitalg" "avx512dq" "avx512f" "avx512vl" "avx512vbmi" "lzcnt"
    ))
}

/// The features of this processor that Cranelift makes use of (`cranelift-native`).
#[cfg(target_arch = "aarch64")]
fn features() -> Vec<&'static str> {
    macro_rules! detected {
        ($($feature:tt)+) => {
            [$(($feature, std::arch::is_aarch64_feature_detected!($feature))),+]
        };
    }
    present(&detected!("lse" "paca" "fp16" "dotprod" "i8mm"))
}

/// Elsewhere wasmtime's own check at load is the only one.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> Vec<&'static str> {
    Vec::new()
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn present(features: &[(&'static str, bool)]) -> Vec<&'static str> {
    features.iter().filter(|(_, present)| *present).map(|(feature, _)| *feature).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_32_digits_and_does_not_change() {
        assert_eq!(key(), key());
        assert_eq!(key().to_string().len(), 32);
    }

    #[test]
    fn another_setting_and_another_order_are_another_key() {
        let keys = [&["a=1", "b=2"][..], &["a=1", "b=3"], &["b=2", "a=1"], &["a=1b", "=2"]];
        let keys = keys.map(|parts| Key::of(parts.iter().copied()));
        for (place, key) in keys.iter().enumerate() {
            assert!(!keys[..place].contains(key), "{place}");
        }
    }

    #[test]
    fn the_version_is_the_one_that_is_built() {
        let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
        let lock = std::fs::read_to_string(lock).expect("the lock file");
        let locked = format!("name = \"wasmtime\"\nversion = \"{WASMTIME}\"\n");
        assert!(lock.contains(&locked), "WASMTIME is {WASMTIME}, Cargo.lock says otherwise");
    }
}
