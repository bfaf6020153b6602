//! The engine's settings and its key, and nothing else.
//!
//! Compiled code fits only an engine with the settings it was compiled for. The
//! host, which cannot compile, and `wow-compile`, which does nothing else, both
//! start from [`config`], and [`key()`] tells them whether they agree. What only
//! matters while code runs (stacks, pooling) is the host's own; what only matters
//! while it is made is listed here too, because the key must tell it apart.

mod key;

pub use key::{Key, key};
use wasmtime::Config;

/// Makes [`config`] and [`SETTINGS`] from one list, so that no setting can be
/// in the one and not in the other.
macro_rules! settings {
    ($($(#[doc = $reason:literal])+ $setting:ident($($value:tt)+);)+) => {
        /// The configuration that host and compiler start from.
        pub fn config() -> Config {
            let mut config = Config::new();
            $(config.$setting($($value)+);)+
            config
        }

        /// Each setting as `name=value`, in the order of the source.
        pub const SETTINGS: &[&str] =
            &[$(concat!(stringify!($setting), "=", stringify!($($value)+))),+];
    };
}

/// Makes [`COMPILER_SETTINGS`] and `apply_compiler_settings!` from one list. It
/// is a macro that applies them because their methods exist only where Cranelift
/// is linked, which is not here.
macro_rules! compiler_settings {
    ($dollar:tt $($(#[doc = $reason:literal])+ $setting:ident($($value:tt)+);)+) => {
        /// What only the compiler is told, each setting as `name=value`.
        pub const COMPILER_SETTINGS: &[&str] =
            &[$(concat!(stringify!($setting), "=", stringify!($($value)+))),+];

        /// Applies [`COMPILER_SETTINGS`] to a `wasmtime::Config`, where Cranelift is linked.
        #[macro_export]
        macro_rules! apply_compiler_settings {
            ($dollar config:expr) => {
                $($dollar config.$setting($($value)+);)+
            };
        }
    };
}

compiler_settings! { $
    /// Code is compiled once and run often.
    cranelift_opt_level(wasmtime::OptLevel::Speed);
    /// Guests that need one NaN everywhere are rare, and all would pay for it.
    cranelift_nan_canonicalization(false);
}

settings! {
    /// The one way to stop a guest that computes. Fuel would cost 20 to 30 % of
    /// its speed.
    epoch_interruption(true);
    /// See above.
    consume_fuel(false);
    /// Component-model async costs 2 to 3 microseconds a call.
    concurrency_support(false);
    /// Nothing unwinds through guest frames but wasmtime, by frame pointers.
    native_unwind_info(false);
    /// Nobody reads backtraces of stripped guests, and the map is almost as large as the code.
    generate_address_map(false);
    /// Bounds checks by guard pages and signals, the hardened path.
    signals_based_traps(true);
    /// With a reservation of 4 GiB no bounds check is compiled at all.
    memory_reservation(0x1_0000_0000);
    /// The largest constant offset whose bounds check the guard replaces.
    memory_guard_size(0x200_0000);
    /// A guard in front catches a miscompiled negative offset.
    guard_before_linear_memory(true);
    /// Memories start as copy-on-write images of the component.
    memory_init_cow(true);
    /// Tables are filled when they are first used.
    table_lazy_init(true);
    /// Threads are off, and so is what they share.
    shared_memory(false);
    /// Exceptions are objects of a heap. See `docs/decisions/0004-…`: who throws none has no heap.
    gc_support(true);
    /// A heap that only grows, until the activation ends and all of it goes: the smallest one.
    collector(wasmtime::Collector::Null);

    /// What every toolchain emits and the component model needs.
    wasm_component_model(true);
    /// LLVM's default since 2024.
    wasm_bulk_memory(true);
    /// LLVM's default since 2024.
    wasm_multi_value(true);
    /// Emitted by guests built for speed; Tier 1 in wasmtime.
    wasm_simd(true);
    /// The composition of components merges their memories.
    wasm_multi_memory(true);
    /// Emitted for relocatable code, as componentize-py links it.
    wasm_extended_const(true);

    /// No toolchain emits these by default; what is off cannot be attacked.
    wasm_tail_call(false);
    /// Its results differ between processors.
    wasm_relaxed_simd(false);
    /// A 64-bit memory has bounds checks again, and no SDK builds for it.
    wasm_memory64(false);
    /// Not emitted by default.
    wasm_wide_arithmetic(false);
    /// Not emitted by default.
    wasm_custom_page_sizes(false);
    /// Not Tier 1.
    wasm_stack_switching(false);
    /// Not Tier 1.
    wasm_shared_everything_threads(false);
    /// What toolchains with `try` and `throw` emit. Who uses none of it pays nothing.
    wasm_exceptions(true);
    /// Exceptions name their type by one.
    wasm_reference_types(true);
    /// Not emitted by default.
    wasm_function_references(false);
    /// Objects of the guest's own are not emitted by default.
    wasm_gc(false);
    /// Not finished.
    wasm_component_model_error_context(false);
    /// Not finished.
    wasm_component_model_gc(false);
    /// Not finished.
    wasm_component_model_map(false);
    /// Not finished.
    wasm_component_model_memory64(false);
    /// Not finished.
    wasm_component_model_fixed_length_lists(false);
    /// Not finished.
    wasm_component_model_implements(false);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_starts_from_these_settings() {
        wasmtime::Engine::new(&config()).expect("the settings fit together");
    }

    #[test]
    fn every_setting_is_listed_with_its_value() {
        assert!(SETTINGS.contains(&"epoch_interruption=true"));
        assert!(SETTINGS.contains(&"wasm_memory64=false"));
        assert_eq!(
            COMPILER_SETTINGS,
            [
                "cranelift_opt_level=wasmtime::OptLevel::Speed",
                "cranelift_nan_canonicalization=false"
            ]
        );
    }
}
