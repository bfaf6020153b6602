//! Which system calls the kernel refuses, as a program for its filter: a search by halves.
//!
//! `seccompiler` would compare with one number after the other. The kernel tries every number
//! that there is when it is given a program, so the long chain took 0.2 ms of each start.

use anyhow::{Context as _, ensure};
use libc::{BPF_ABS, BPF_JGE, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, c_long};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, sock_filter};
use std::collections::{BTreeMap, BTreeSet};
use std::env::consts::ARCH;
use std::mem::offset_of;

/// From here on numbers are those of x32, the other ABI of x86-64 (`__X32_SYSCALL_BIT`): the same
/// calls once more.
const X32: u32 = 0x4000_0000;

/// A program that refuses with `EPERM` the calls `denied`, and all that are made by x32's numbers. Who calls for
/// another architecture is ended.
pub(super) fn program(denied: &[c_long]) -> anyhow::Result<BpfProgram> {
    let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let filter = SeccompFilter::new(
        BTreeMap::new(),
        SeccompAction::Allow,
        refuse.clone(),
        ARCH.try_into()?,
    )?;
    // It ends whoever calls for another architecture and allows the rest. In the place of that last
    // step comes the search.
    let mut program: BpfProgram = filter.try_into()?;
    let allow = step(BPF_RET | BPF_K, SeccompAction::Allow.into())?;
    ensure!(program.pop() == Some(allow), "a filter without rules does not end with its verdict");
    let number = offset_of!(libc::seccomp_data, nr).try_into()?;
    program.push(step(BPF_LD | BPF_W | BPF_ABS, number)?);
    search(&mut program, &bounds(denied)?, [SeccompAction::Allow.into(), refuse.into()])?;
    Ok(program)
}

/// The numbers at which the verdict changes, in their order; below the first all are allowed.
fn bounds(denied: &[c_long]) -> anyhow::Result<Vec<u32>> {
    let numbers: BTreeSet<_> =
        denied.iter().copied().map(u32::try_from).collect::<Result<_, _>>()?;
    let mut bounds = Vec::new();
    for number in numbers {
        // One that follows another belongs to the same range.
        if bounds.pop_if(|end| *end == number).is_none() {
            bounds.push(number);
        }
        bounds.push(number + 1);
    }
    bounds.push(X32);
    Ok(bounds)
}

/// Appends what finds a number between `bounds`: `verdicts` are that below the first of them and the
/// other one.
fn search(program: &mut BpfProgram, bounds: &[u32], verdicts: [u32; 2]) -> anyhow::Result<()> {
    let middle = bounds.len() / 2;
    let Some(bound) = bounds.get(middle) else {
        program.push(step(BPF_RET | BPF_K, verdicts[0])?);
        return Ok(());
    };
    let jump = program.len();
    program.push(step(BPF_JMP | BPF_JGE | BPF_K, *bound)?);
    search(program, &bounds[..middle], verdicts)?;
    let below = program.len() - jump - 1;
    program[jump].jt = below.try_into().context("too many calls for one jump")?;
    let [same, other] = verdicts;
    let above = if middle.is_multiple_of(2) { [other, same] } else { verdicts };
    search(program, &bounds[middle + 1..], above)
}

fn step(code: u32, value: u32) -> anyhow::Result<sock_filter> {
    Ok(sock_filter { code: code.try_into()?, jt: 0, jf: 0, k: value })
}

#[cfg(test)]
mod tests {
    use super::super::DENIED;
    use super::*;

    /// What the kernel would do: the verdict on a call, and in how many steps.
    fn run(program: &BpfProgram, arch: u32, number: u32) -> (u32, usize) {
        let load = |offset: u32| match usize::try_from(offset).expect("small") {
            at if at == offset_of!(libc::seccomp_data, arch) => arch,
            at if at == offset_of!(libc::seccomp_data, nr) => number,
            other => panic!("a program has no use for what is at {other}"),
        };
        let (mut at, mut value) = (0, 0);
        for steps in 1.. {
            let sock_filter { code, jt, jf, k } = program[at].clone();
            let jump = |holds| usize::from(if holds { jt } else { jf });
            at += 1 + match code {
                0x20 => {
                    value = load(k);
                    0
                }
                0x15 => jump(value == k),
                0x35 => jump(value >= k),
                0x06 => return (k, steps),
                other => panic!("a program has no {other:#x}"),
            };
        }
        unreachable!("every program ends")
    }

    #[test]
    fn exactly_what_is_denied_is_refused_after_a_short_search() {
        let program = program(DENIED).expect("a program");
        // `AUDIT_ARCH_X86_64` and `AUDIT_ARCH_AARCH64`: the machine's number in ELF, 64 bits, little end first.
        let [ours, theirs] = match ARCH {
            "x86_64" => [0xc000_003e, 0xc000_00b7],
            _ => [0xc000_00b7, 0xc000_003e],
        };
        let verdict = |number| run(&program, ours, number).0;
        let (allow, refuse) = (u32::from(SeccompAction::Allow), u32::from(SeccompAction::Errno(1)));
        for number in 0..10_000 {
            let expected = if DENIED.contains(&number.into()) { refuse } else { allow };
            assert_eq!(verdict(number), expected, "{number}");
            assert!(run(&program, ours, number).1 <= 11, "{number}");
            assert_eq!(verdict(X32 | number), refuse, "{number} of x32");
            assert_eq!(run(&program, theirs, number).0, u32::from(SeccompAction::KillProcess));
        }
    }

    #[test]
    fn calls_beside_each_other_are_one_range() {
        assert_eq!(bounds(&[7, 5, 6, 9]).expect("numbers"), [5, 8, 9, 10, X32]);
        assert_eq!(bounds(&[]).expect("none"), [X32]);
        assert!(bounds(&[-1]).is_err());
    }
}
