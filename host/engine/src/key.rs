//! The engine key: whether machine code and an engine fit each other, as one
//! short value.
//!
//! The host names what it keeps of compiled code by it, and `wow-compile`
//! refuses to work for a host whose key is another. wasmtime's own measure,
//! `Engine::precompile_compatibility_hash`, exists only where Cranelift is
//! linked, so not in the host. wasmtime checks every code again when it is
//! loaded: the key makes a mismatch (an upgrade, another machine) cheap and gives
//! it a name, it is not what makes a load safe.

use crate::{COMPILER_SETTINGS, SETTINGS};
use std::env::consts::{ARCH, OS};
use std::fmt;

/// What compiled code depends on, as a digest. It is shown as 64 hexadecimal
/// digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(blake3::Hash);

/// The key of the engine that this program makes, on this machine. It costs
/// about a microsecond.
pub fn key() -> Key {
    let facts = Facts {
        wasmtime: wasmtime_environ::VERSION,
        settings: SETTINGS,
        compiler_settings: COMPILER_SETTINGS,
        target: [ARCH, OS],
        cpu: &cpu_features(),
    };
    facts.key()
}

impl Key {
    /// The digest, for a digest of more.
    pub fn as_bytes(&self) -> &[u8; blake3::OUT_LEN] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_hex())
    }
}

/// What the key is a digest of.
#[derive(Clone, Copy)]
struct Facts<'a> {
    wasmtime: &'a str,
    settings: &'a [&'a str],
    compiler_settings: &'a [&'a str],
    target: [&'a str; 2],
    cpu: &'a [&'a str],
}

impl Facts<'_> {
    fn key(self) -> Key {
        let mut hasher = blake3::Hasher::new_derive_key("WOW engine key 1");
        let lists =
            [&[self.wasmtime], self.settings, self.compiler_settings, &self.target, self.cpu];
        // With the lengths, so that nothing can move from one text or list to the next.
        for list in lists {
            hasher.update(&(list.len() as u64).to_le_bytes());
            for text in list {
                hasher.update(&(text.len() as u64).to_le_bytes());
                hasher.update(text.as_bytes());
            }
        }
        Key(hasher.finalize())
    }
}

/// Those of this processor's features that Cranelift looks at, as
/// `cranelift-native` lists them. Where it asks in another way than `std` can,
/// none: there only wasmtime's check at load tells two processors apart.
fn cpu_features() -> Vec<&'static str> {
    macro_rules! detected {
        ($is_detected:ident: $($name:tt)+) => {
            [$(($name, std::arch::$is_detected!($name))),+]
        };
    }
    #[cfg(target_arch = "x86_64")]
    let features = detected!(is_x86_feature_detected:
        "cmpxchg16b" "sse3" "ssse3" "sse4.1" "sse4.2" "popcnt" "avx" "avx2" "fma" "avxvnni"
        "avx512vnni" "bmi1" "bmi2" "avx512bitalg" "avx512dq" "avx512f" "avx512vl" "avx512vbmi"
        "lzcnt");
    #[cfg(target_arch = "aarch64")]
    let features = detected!(is_aarch64_feature_detected: "lse" "paca" "fp16" "dotprod" "i8mm");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let features: [(&str, bool); 0] = [];

    features.into_iter().filter_map(|(name, is_there)| is_there.then_some(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts<'_> = Facts {
        wasmtime: "48.0.8",
        settings: &["a=1", "b=2"],
        compiler_settings: &["c=3"],
        target: ["x86_64", "linux"],
        cpu: &["avx", "fma"],
    };

    #[test]
    fn the_key_is_stable_and_has_64_digits() {
        assert_eq!(key(), key());
        assert_eq!(key().to_string(), key().to_string());
        let digits = key().to_string();
        assert_eq!((digits.len(), digits.parse::<u8>().is_err()), (64, true));
        assert!(digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{digits}");
    }

    #[test]
    fn the_key_is_the_same_in_every_process() {
        let expected = "05d3f0a43bfec29758bd567737353644b2ab7c96605f0e0045891e40aecf488a";
        assert_eq!(FACTS.key().to_string(), expected);
    }

    #[test]
    fn whatever_differs_makes_another_key() {
        let others = [
            Facts { wasmtime: "48.0.9", ..FACTS },
            Facts { settings: &["a=1", "b=3"], ..FACTS },
            Facts { settings: &["a=1"], ..FACTS },
            Facts { settings: &["a=1b=2"], ..FACTS },
            Facts { settings: &["a=1", "b=2", "c=3"], compiler_settings: &[], ..FACTS },
            Facts { compiler_settings: &["c=4"], ..FACTS },
            Facts { target: ["aarch64", "linux"], ..FACTS },
            Facts { target: ["x86_64", "freebsd"], ..FACTS },
            Facts { cpu: &["avx"], ..FACTS },
        ];
        for (place, other) in others.iter().enumerate() {
            assert_ne!(other.key(), FACTS.key(), "{place}");
        }
    }
}
