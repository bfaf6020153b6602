//! A panic of the compiler: one line, one status, and the end of the process.

use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::process;
use std::sync::Once;

/// What Rust exits with after a panic in `main`; in another thread it would not
/// end the process.
const PANICKED: i32 = 101;

/// The longest line, in bytes.
const LONGEST_LINE: usize = 1000;

/// From here on a panic in any thread ends the process at once.
pub(crate) fn say_one_line() {
    std::panic::set_hook(Box::new(|panic| {
        /// Threads that panic together are one failure.
        static FIRST: Once = Once::new();
        FIRST.call_once(|| {
            let _ = writeln!(std::io::stderr().lock(), "{}", line(panic));
            process::exit(PANICKED);
        });
    }));
}

fn line(panic: &PanicHookInfo<'_>) -> String {
    let message = panic.payload_as_str().unwrap_or("no message").replace(['\n', '\r'], " ");
    let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
    let mut line = format!("the compiler panicked{place}: {message}");
    line.truncate(line.floor_char_boundary(LONGEST_LINE));
    line
}
