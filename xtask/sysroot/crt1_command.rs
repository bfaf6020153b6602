//! The entry point of a program with `fn main`, in place of wasi-libc's of 2022.
//!
//! That one leaves the constructors to the linker, which then runs them in every
//! export. One of them calls the host, and when it runs in `cabi_realloc`, where a
//! component must not call out, the program traps. Built by `build.sh`.
#![no_std]

unsafe extern "C" {
    fn __wasm_call_ctors();
    fn __wasm_call_dtors();
    fn __main_void() -> i32;
    fn __wasi_proc_exit(code: i32) -> !;
}

/// # Safety
///
/// The host calls it, once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _start() {
    // SAFETY: C's order: constructors, `main`, destructors, each once.
    unsafe {
        __wasm_call_ctors();
        let code = __main_void();
        __wasm_call_dtors();
        if code != 0 {
            __wasi_proc_exit(code)
        }
    }
}
