//! What this process may still do once it has its engine: compute, and answer
//! through the descriptors that it has. It knows nothing of components.
//!
//! In two steps, because a program needs more to start than to work: [`enter`]
//! before anything else, [`seal`] before the first byte from a stranger.

use crate::filter;
use anyhow::{Context as _, anyhow};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, chdir, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit, umask,
};
use std::io;

/// What one compilation may use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    /// Bytes of address space.
    pub(crate) address_space: u64,
    /// Seconds of CPU time, over all threads.
    pub(crate) cpu_seconds: u64,
}

/// Descriptors that `std` needs while it looks at the machine; after [`seal`]
/// there are three and no way to a fourth.
const DESCRIPTORS: u64 = 16;

/// Inherits nothing, and holds this process to its limits.
pub(crate) fn enter(limits: Limits) -> anyhow::Result<()> {
    close_inherited()
        .context("cannot close inherited descriptors (close_range came with Linux 5.9)")?;
    // A host that was killed has nobody left who waits for the code.
    set_parent_process_death_signal(Some(Signal::KILL)).context("cannot end with the host")?;
    chdir("/").context("cannot change to the root directory")?;
    umask(rustix::fs::Mode::all());
    // If memory ends, the machine loses a compilation and not the host. Best effort: where
    // there is no /proc, the other limits hold all the same.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    limit(limits).context("cannot set resource limits")?;
    // RLIMIT_CORE does not stop a core that is piped to a program (core(5)), and a debugger
    // of the same user must not see a stranger's component.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).context("cannot forbid core dumps")
}

/// From here on every thread, also one that starts later, has only the system
/// calls that a compilation needs.
pub(crate) fn seal() -> anyhow::Result<()> {
    // Its errors contain their causes: with a context, they would be said twice.
    filter::install().map_err(|error| anyhow!("cannot filter system calls: {error}"))
}

fn limit(limits: Limits) -> rustix::io::Result<()> {
    let set = |resource, most: u64, beyond: u64| {
        let maximum = most.saturating_add(beyond);
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(maximum) })
    };
    set(Resource::As, limits.address_space, 0)?;
    // A second between SIGXCPU, which says what happened, and SIGKILL, which could be anybody's.
    set(Resource::Cpu, limits.cpu_seconds, 1)?;
    set(Resource::Nofile, DESCRIPTORS, 0)?;
    for nothing in [Resource::Core, Resource::Fsize, Resource::Memlock, Resource::Msgqueue] {
        set(nothing, 0, 0)?;
    }
    Ok(())
}

#[expect(unsafe_code, reason = "no crate offers this call as safe")]
fn close_inherited() -> io::Result<()> {
    let (first, last, flags): (libc::c_uint, libc::c_uint, libc::c_uint) =
        (3, libc::c_uint::MAX, 0);
    // SAFETY: descriptors that this process inherited have no owner in it, and it has opened
    // none itself: this is the first thing that `main` does.
    let answer = unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Each attempt runs in a process of its own: this program again, which runs
/// [`tests::an_attempt`] and nothing else.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::panics;
    use rustix::process::getrlimit;
    use std::fs::File;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, Stdio};
    use std::{env, fs, net, process, thread};

    const LIMITS: Limits = Limits { address_space: 1 << 32, cpu_seconds: 7 };

    /// Exit status, signal and what it wrote to stderr.
    type End = (Option<i32>, Option<i32>, String);

    /// Attempts something in a process that was started carelessly: it inherits a
    /// descriptor.
    fn attempt(name: &str) -> End {
        let output = Command::new("sh")
            .args(["-c", "exec \"$@\" 5</dev/null", "sh"])
            .arg(env::current_exe().expect("a program has a file"))
            .args(["--exact", "isolation::tests::an_attempt", "--nocapture"])
            .env("WOW_ATTEMPT", name)
            .stdin(Stdio::null())
            .output()
            .expect("sh starts");
        let said = String::from_utf8(output.stderr).expect("text");
        (output.status.code(), output.status.signal(), said)
    }

    /// What [`attempt`] runs; without it, nothing.
    #[test]
    fn an_attempt() {
        let Ok(name) = env::var("WOW_ATTEMPT") else { return };
        panics::say_one_line();
        enter(LIMITS).expect("the first step");
        if name == "enter" {
            return end(&entered());
        }
        seal().expect("the second step");
        match name.as_str() {
            "reach out" => end(&reach_out()),
            "call the kernel" => end(&call_the_kernel()),
            "work" => end(&work()),
            "panic" => thread::spawn(|| panic!("one\ntwo")).join().expect("does not come here"),
            "abort" => process::abort(),
            "overflow" => end(&deep(u64::MAX).to_string()),
            _ => unreachable!("{name}"),
        }
    }

    /// Says what came of it, without what the test harness would say.
    fn end(said: &str) {
        io::Write::write_all(&mut io::stderr(), said.as_bytes()).expect("a pipe");
        process::exit(0);
    }

    fn entered() -> String {
        let limit = |resource| {
            let Rlimit { current, maximum } = getrlimit(resource);
            (current.expect("a limit"), maximum.expect("a limit"))
        };
        let open = || File::open("/dev/null").expect("files are still there");
        let files = [open(), open(), open()];
        format!(
            "memory {:?} cpu {:?} core {:?} files {:?} size {:?} oom {} in {} umask {:o} next {:?}",
            limit(Resource::As),
            limit(Resource::Cpu),
            limit(Resource::Core),
            limit(Resource::Nofile),
            limit(Resource::Fsize),
            fs::read_to_string("/proc/self/oom_score_adj").expect("Linux").trim(),
            env::current_dir().expect("a directory").display(),
            umask(rustix::fs::Mode::all()).bits(),
            files.each_ref().map(|file| file.as_raw_fd()),
        )
    }

    #[test]
    fn it_inherits_nothing_and_is_limited() {
        let expected = "memory (4294967296, 4294967296) cpu (7, 8) core (0, 0) files (16, 16) \
                        size (0, 0) oom 1000 in / umask 777 next [3, 4, 5]";
        assert_eq!(attempt("enter"), (Some(0), None, expected.to_owned()));
    }

    fn reach_out() -> String {
        let denied = |what: &str, answer: io::Result<()>| {
            let code = answer.map_err(|error| error.raw_os_error());
            if code == Err(Some(libc::EPERM)) {
                String::new()
            } else {
                format!("{what}: {code:?}; ")
            }
        };
        [
            denied("tcp", net::TcpStream::connect("127.0.0.1:80").map(drop)),
            denied("listen", net::TcpListener::bind("127.0.0.1:0").map(drop)),
            denied("udp", net::UdpSocket::bind("127.0.0.1:0").map(drop)),
            denied("unix", std::os::unix::net::UnixDatagram::pair().map(drop)),
            denied("read", File::open("/dev/null").map(drop)),
            denied("write", File::create("/dev/null").map(drop)),
            denied("stat", fs::metadata("/").map(drop)),
            denied("list", fs::read_dir("/").map(drop)),
            denied("remove", fs::remove_file("/nothing")),
            denied("program", Command::new("/bin/true").status().map(drop)),
        ]
        .concat()
    }

    #[test]
    fn sockets_files_and_programs_are_out_of_reach() {
        assert_eq!(attempt("reach out"), (Some(0), None, String::new()));
    }

    #[expect(unsafe_code, reason = "the calls that `std` has no name for")]
    fn call_the_kernel() -> String {
        let call = |number, arguments: [libc::c_long; 3]| {
            let [a, b, c] = arguments;
            // SAFETY: each is refused; were it not, its arguments are void or name this process.
            let answer = unsafe { libc::syscall(number, a, b, c, 0, 0, 0) };
            (answer, io::Error::last_os_error().raw_os_error())
        };
        let own = libc::c_long::from(process::id());
        let mut said = String::new();
        for (number, arguments) in [
            (libc::SYS_bpf, [0; 3]),
            (libc::SYS_clone, [libc::SIGCHLD.into(), 0, 0]),
            (libc::SYS_clone, [(libc::CLONE_THREAD | libc::CLONE_NEWUSER).into(), 0, 0]),
            (libc::SYS_dup, [0; 3]),
            (libc::SYS_execve, [0; 3]),
            (libc::SYS_execveat, [0; 3]),
            (libc::SYS_io_uring_setup, [0; 3]),
            (libc::SYS_ioctl, [0; 3]),
            (libc::SYS_kill, [own, 0, 0]),
            (libc::SYS_memfd_create, [0; 3]),
            (libc::SYS_mmap, [0, 4096, (libc::PROT_READ | libc::PROT_EXEC).into()]),
            (libc::SYS_mprotect, [0, 0, libc::PROT_EXEC.into()]),
            (libc::SYS_pidfd_open, [own, 0, 0]),
            (libc::SYS_prctl, [0; 3]),
            (libc::SYS_prlimit64, [own, 0, 0]),
            (libc::SYS_process_vm_writev, [own, 0, 0]),
            (libc::SYS_ptrace, [0; 3]),
            (libc::SYS_seccomp, [0; 3]),
            (libc::SYS_setuid, [0; 3]),
            (libc::SYS_tgkill, [1, 1, 0]),
            (libc::SYS_unshare, [0; 3]),
        ] {
            let answer = call(number, arguments);
            if answer != (-1, Some(libc::EPERM)) {
                said += &format!("{number} {arguments:?}: {answer:?}; ");
            }
        }
        // So that glibc asks for a thread in the way that can be judged.
        assert_eq!(call(libc::SYS_clone3, [0; 3]), (-1, Some(libc::ENOSYS)));
        said
    }

    #[test]
    fn the_kernel_answers_nothing_that_a_compiler_does_not_need() {
        assert_eq!(attempt("call the kernel"), (Some(0), None, String::new()));
    }

    /// What a compilation is made of.
    fn work() -> String {
        let threads: Vec<_> =
            (1..=4).map(|n| thread::spawn(move || vec![n; 10 << 20].len())).collect();
        let sum: usize = threads.into_iter().map(|t| t.join().expect("a thread")).sum();
        let read = io::read_to_string(io::stdin()).expect("an open descriptor");
        format!("{sum} {read:?}")
    }

    #[test]
    fn threads_memory_and_open_descriptors_are_there() {
        assert_eq!(attempt("work"), (Some(0), None, "41943040 \"\"".to_owned()));
    }

    #[test]
    fn a_panic_in_any_thread_ends_the_process_with_one_line() {
        let (status, signal, said) = attempt("panic");
        let place = concat!("the compiler panicked at ", file!(), ":");
        assert_eq!((status, signal, said.lines().count()), (Some(101), None, 1), "{said}");
        assert!(said.starts_with(place) && said.ends_with(": one two\n"), "{said}");
    }

    #[test]
    fn an_abort_and_a_stack_that_overflows_end_it_by_signal() {
        assert_eq!(attempt("abort"), (None, Some(libc::SIGABRT), String::new()));
        let (status, signal, said) = attempt("overflow");
        assert_eq!((status, signal), (None, Some(libc::SIGABRT)));
        assert!(said.contains("has overflowed its stack"), "{said}");
    }

    /// Recursion that no optimiser turns into a loop.
    fn deep(left: u64) -> u64 {
        let frame = std::hint::black_box([left; 64]);
        if left == 0 { 0 } else { deep(left - 1) + frame[63] % 2 }
    }
}
