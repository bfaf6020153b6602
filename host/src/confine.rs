//! Walls of the kernel around the process, for the day that one of ours or of
//! wasmtime's falls: no new privileges, no system call that a host has no use for,
//! no file beyond those it was told of. They hold for every thread and every
//! program that is started later, so they are put up before the first.
//!
//! `docs/security.md` says what they stop and what they do not.

mod calls;

use anyhow::Context as _;
use landlock::{
    ABI, Access as _, AccessFs, BitFlags, CompatLevel, Compatible as _, PathBeneath, Ruleset,
    RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetStatus, Scope,
};
use rustix::fs::{self, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// The rules of the kernel that this was written for; an older one has fewer.
const RULES: ABI = ABI::V6;

/// What every host reads: names and certificates of the network, the state of the
/// kernel, and what a program of the system, such as the compiler, is loaded from.
const READ: &[&str] = &[
    "/etc",
    "/usr",
    "/bin",
    "/lib",
    "/lib32",
    "/lib64",
    "/proc",
    "/sys",
    "/dev",
    // Where `/etc/resolv.conf` may lead to.
    "/run/systemd/resolve",
    "/run/resolvconf",
];

/// What every host writes to. Below `/proc` the compiler raises its own
/// `oom_score_adj`; the rest of it is the kernel's to defend.
const WRITE: &[&str] = &["/dev/null", "/proc"];

/// System calls that a host never makes, nor the compiler: into other processes,
/// into the kernel, out of namespaces, around the rules for files.
const DENIED: &[libc::c_long] = &[
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_process_madvise,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    // It takes system calls from where no filter looks.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_personality,
];

/// The files that this process may reach beside what every host does.
#[derive(Debug, Default)]
pub struct Files {
    /// Read, listed and executed, with everything below.
    pub read: Vec<PathBuf>,
    /// Changed as well.
    pub write: Vec<PathBuf>,
}

/// How much of the file rules the kernel could enforce.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Enforced {
    /// All that are known here.
    Fully,
    /// Those that this kernel has.
    Partly,
    /// None: the kernel is without Landlock.
    Not,
}

/// Confines the calling thread and all that it starts, for good.
///
/// # Errors
///
/// If a file that was named is not there, or the kernel refuses the filter.
pub fn confine(files: &Files) -> anyhow::Result<Enforced> {
    rustix::thread::set_no_new_privs(true).context("cannot forbid new privileges")?;
    let enforced = restrict(files).context("cannot restrict the files of this process")?;
    filter().context("cannot restrict the system calls of this process")?;
    Ok(enforced)
}

fn restrict(files: &Files) -> anyhow::Result<Enforced> {
    let all = AccessFs::from_all(RULES);
    let rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        // Neither signals nor abstract sockets reach out of it.
        .scope(Scope::from_all(RULES))?
        .create()?;
    let read = AccessFs::from_read(RULES);
    let write = AccessFs::WriteFile | AccessFs::Truncate;
    let rules = READ.iter().try_fold(rules, |rules, path| allow_if_there(rules, path, read))?;
    let rules =
        WRITE.iter().try_fold(rules, |rules, path| allow_if_there(rules, path, read | write))?;
    let rules = files.read.iter().try_fold(rules, |rules, path| allow(rules, path, read))?;
    let rules = files.write.iter().try_fold(rules, |rules, path| allow(rules, path, all))?;
    Ok(match rules.restrict_self()?.ruleset {
        RulesetStatus::FullyEnforced => Enforced::Fully,
        RulesetStatus::PartiallyEnforced => Enforced::Partly,
        RulesetStatus::NotEnforced => Enforced::Not,
    })
}

fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> anyhow::Result<RulesetCreated> {
    let opened = open(path).with_context(|| path.display().to_string())?;
    allow_opened(rules, &opened, access)
}

/// The same with what not every machine has.
fn allow_if_there(
    rules: RulesetCreated,
    path: &str,
    access: BitFlags<AccessFs>,
) -> anyhow::Result<RulesetCreated> {
    match open(path.as_ref()) {
        Ok(opened) => allow_opened(rules, &opened, access),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS | Errno::LOOP) => Ok(rules),
        Err(error) => Err(error).context(path.to_owned()),
    }
}

fn allow_opened(
    rules: RulesetCreated,
    opened: &OwnedFd,
    access: BitFlags<AccessFs>,
) -> anyhow::Result<RulesetCreated> {
    let is_folder = FileType::from_raw_mode(fs::fstat(opened)?.st_mode) == FileType::Directory;
    // The kernel refuses rights of a directory for what is none.
    let access = if is_folder { access } else { access & AccessFs::from_file(RULES) };
    Ok(rules.add_rule(PathBeneath::new(opened, access))?)
}

fn open(path: &Path) -> rustix::io::Result<OwnedFd> {
    fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
}

fn filter() -> anyhow::Result<()> {
    Ok(seccompiler::apply_filter(&calls::program(DENIED)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::ErrorKind;
    use std::process::Command;
    use std::thread;

    /// In a thread of its own, since it is for good.
    fn confined<T: Send>(files: &Files, look: impl FnOnce(Enforced) -> T + Send) -> T {
        thread::scope(|scope| {
            scope.spawn(|| look(confine(files).expect("walls"))).join().expect("an answer")
        })
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "who reads the tests' output sees what was not tested")]
    fn a_confined_host_reaches_only_the_files_it_was_told_of() {
        let root = tempfile::tempdir().expect("a directory");
        let path = |name: &str| root.path().join(name);
        for name in ["data", "work", "other"] {
            fs::create_dir(path(name)).expect("a directory");
            fs::write(path(name).join("f"), name).expect("written");
        }
        let files = Files { read: vec![path("data")], write: vec![path("work")] };
        let kind = |result: std::io::Result<()>| result.map_err(|error| error.kind());
        let denied = Err(ErrorKind::PermissionDenied);
        confined(&files, |enforced| {
            if enforced == Enforced::Not {
                return eprintln!("skipped: this kernel has no Landlock");
            }
            assert_eq!(fs::read_to_string(path("data/f")).expect("read"), "data");
            assert_eq!(kind(fs::write(path("data/f"), "x")), denied, "the second wall");
            assert_eq!(kind(fs::write(path("data/new"), "x")), denied);
            assert_eq!(kind(fs::remove_file(path("data/f"))), denied);
            assert_eq!(kind(fs::write(path("work/f"), "x")), Ok(()));
            assert_eq!(kind(fs::create_dir(path("work/d"))), Ok(()));
            assert_eq!(kind(fs::rename(path("work/f"), path("work/d/f"))), Ok(()));
            assert_eq!(kind(fs::read(path("other/f")).map(drop)), denied);
            assert_eq!(kind(fs::write(path("other/f"), "x")), denied);
            assert_eq!(kind(fs::read_dir(root.path()).map(drop)), denied);
            assert_eq!(kind(fs::write("/etc/wow-was-here", "x")), denied);
        });
    }

    #[test]
    fn a_confined_host_and_what_it_starts_make_no_call_that_they_have_no_use_for() {
        let read = |path: &str| fs::read_to_string(path).expect("proc");
        let (unshared, status) = confined(&Files::default(), |_| {
            let unshare = Command::new("unshare").args(["--user", "true"]).output();
            (unshare.expect("it starts"), read("/proc/thread-self/status"))
        });
        assert!(!unshared.status.success());
        let words = String::from_utf8_lossy(&unshared.stderr);
        assert!(words.contains("Operation not permitted"), "{words}");
        assert!(status.contains("NoNewPrivs:\t1\n"), "{status}");
        assert!(status.contains("Seccomp:\t2\n"), "{status}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let files = Files { read: vec!["/nowhere/at/all".into()], ..Files::default() };
        let refused = thread::spawn(move || confine(&files).expect_err("refused"));
        let refused = format!("{:#}", refused.join().expect("an answer"));
        assert!(
            refused.starts_with("cannot restrict the files of this process: /nowhere/at/all: ")
        );
    }
}
