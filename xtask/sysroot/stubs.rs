//! What the standard library wants of a C library and Debian's wasi-libc of 2022 lacks.
//!
//! Threads, sockets, modes of files and `realpath`: a guest that uses them links,
//! and is told at run time that they are not supported. Built by `build.sh`.
#![no_std]
#![feature(thread_local)]
#![allow(non_upper_case_globals, reason = "`errno` is C's name")]

use core::ffi::{c_char, c_int, c_void};
use core::ptr::null_mut;

/// wasi-libc's `errno.h`.
const ENOTSUP: c_int = 58;
/// wasi-libc's `netdb.h`: a failure that will not go away.
const EAI_FAIL: c_int = -4;

unsafe extern "C" {
    #[thread_local]
    static mut errno: c_int;
}

/// How most of C says no.
fn not_supported() -> c_int {
    // SAFETY: a guest has one thread.
    unsafe { errno = ENOTSUP };
    -1
}

type Pointer = *mut c_void;

/// Functions that ignore their parameters. wasm-ld compares signatures, so these are in full.
macro_rules! stubs {
    ($($name:ident($($parameter:ty),*) = $answer:expr;)*) => {
        $(
            #[unsafe(no_mangle)]
            pub extern "C" fn $name($(_: $parameter),*) -> c_int {
                $answer
            }
        )*
    };
}

// pthreads return the error. A thread's attributes can be set: no thread will have them.
stubs! {
    pthread_attr_init(Pointer) = 0;
    pthread_attr_destroy(Pointer) = 0;
    pthread_attr_setstacksize(Pointer, usize) = 0;
    pthread_create(Pointer, Pointer, Pointer, Pointer) = ENOTSUP;
    pthread_detach(Pointer) = ENOTSUP;
    pthread_join(Pointer, Pointer) = ENOTSUP;
}

stubs! {
    socket(c_int, c_int, c_int) = not_supported();
    connect(c_int, Pointer, u32) = not_supported();
    bind(c_int, Pointer, u32) = not_supported();
    listen(c_int, c_int) = not_supported();
    getsockname(c_int, Pointer, Pointer) = not_supported();
    getpeername(c_int, Pointer, Pointer) = not_supported();
    setsockopt(c_int, c_int, c_int, Pointer, u32) = not_supported();
    sendto(c_int, Pointer, usize, c_int, Pointer, u32) = not_supported();
    recvfrom(c_int, Pointer, usize, c_int, Pointer, Pointer) = not_supported();
    getaddrinfo(Pointer, Pointer, Pointer, Pointer) = EAI_FAIL;
    chmod(Pointer, u32) = not_supported();
    fchmod(c_int, u32) = not_supported();
}

#[unsafe(no_mangle)]
pub extern "C" fn freeaddrinfo(_: Pointer) {}

#[unsafe(no_mangle)]
pub extern "C" fn gai_strerror(_: c_int) -> *const c_char {
    c"names are not resolved".as_ptr()
}

#[unsafe(no_mangle)]
pub extern "C" fn realpath(_: Pointer, _: Pointer) -> Pointer {
    not_supported();
    null_mut()
}
