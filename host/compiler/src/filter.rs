//! The system calls of a compilation, and no others.
//!
//! The list is what `strace` shows of one from the first byte of the component
//! on, with glibc, on one processor and on several, and what failing takes
//! (`abort`, a stack that overflows). Everything else answers `EPERM`. A call of
//! another architecture (x86_64 also has i386's) ends the process.

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter_all_threads,
};
use std::collections::BTreeMap;
use std::env::consts::ARCH;

/// Allowed whatever the arguments.
const ALLOWED: &[libc::c_long] = &[
    // The descriptors that it was given: there are no others.
    libc::SYS_read,
    libc::SYS_write,
    // glibc's last words before it aborts.
    libc::SYS_writev,
    // Memory, but for what sets protections.
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    // Threads and what they wait for.
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    // Time, where the kernel does not map it.
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    // Signals: a stack that overflows is named, and `abort` aborts.
    libc::SYS_getpid,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Flags of `clone` that matter here: a new thread, and anything that a thread
/// of this process has no use for (namespaces, tracing).
const CLONE_JUDGED: libc::c_int = libc::CLONE_THREAD
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWUTS
    | libc::CLONE_PTRACE
    | libc::CLONE_UNTRACED;

/// Installs the filter in all threads. It also forbids new privileges, for good.
pub(crate) fn install() -> seccompiler::Result<()> {
    let arch = ARCH.try_into()?;
    // The kernel takes the strictest answer: the first filter passes all but `clone3`, the
    // second would pass `clone3` and stops the rest.
    apply_filter_all_threads(&without_clone3(arch)?)?;
    apply_filter_all_threads(&only_allowed(arch)?)
}

/// `clone3` has its flags in memory, where a filter cannot see them. As if the
/// kernel were older: glibc then falls back to `clone`.
fn without_clone3(arch: TargetArch) -> seccompiler::Result<BpfProgram> {
    let rules = BTreeMap::from([(libc::SYS_clone3, vec![])]);
    let absent = SeccompAction::Errno(libc::ENOSYS as u32);
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, absent, arch)?;
    Ok(filter.try_into()?)
}

fn only_allowed(arch: TargetArch) -> seccompiler::Result<BpfProgram> {
    let own_process = when(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?;
    let a_thread = masked(0, CLONE_JUDGED, libc::CLONE_THREAD)?;
    // The code that is compiled here is never run here.
    let not_executable = masked(2, libc::PROT_EXEC, 0)?;
    let mut rules = BTreeMap::from([
        (libc::SYS_clone, vec![a_thread]),
        (libc::SYS_clone3, vec![]),
        (libc::SYS_mmap, vec![not_executable.clone()]),
        (libc::SYS_mprotect, vec![not_executable]),
        (libc::SYS_tgkill, vec![own_process]),
    ]);
    rules.extend(ALLOWED.iter().map(|call| (*call, vec![])));
    let denied = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules, denied, SeccompAction::Allow, arch)?;
    Ok(filter.try_into()?)
}

/// If these bits of an argument are so. The flags are of 32 bits.
fn masked(
    argument: u8,
    bits: libc::c_int,
    wanted: libc::c_int,
) -> seccompiler::Result<SeccompRule> {
    let bits = u64::from(bits.cast_unsigned());
    when(argument, SeccompCmpOp::MaskedEq(bits), u64::from(wanted.cast_unsigned()))
}

fn when(argument: u8, is: SeccompCmpOp, value: u64) -> seccompiler::Result<SeccompRule> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, is, value)?;
    Ok(SeccompRule::new(vec![condition])?)
}
