//! The memory and the processors that the platform gave the container: what its control group
//! says, of version 1 or 2.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// How many processors this process may use. To ask takes 40 us: the answer is in files.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Where control groups are mounted.
pub(crate) const ROOT: &str = "/sys/fs/cgroup";

/// Version 1 says "no limit" as the largest number of pages, in bytes.
const UNLIMITED: usize = 1 << 60;

/// The smallest memory limit in bytes of this process's control group and of those
/// above it, if there is one.
pub(crate) fn memory(root: &Path) -> Option<usize> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    smallest(root, &groups)
}

/// The same for a text like that of `/proc/self/cgroup` (`cgroups(7)`).
fn smallest(root: &Path, groups: &str) -> Option<usize> {
    let limits = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, group) = (parts.next()?, parts.next()?);
        let (mount, file) = match controllers {
            "" => (root.to_owned(), "memory.max"),
            _ if controllers.split(',').any(|name| name == "memory") => {
                (root.join("memory"), "memory.limit_in_bytes")
            }
            _ => return None,
        };
        // In a container the mount mostly begins at the container's own group, and the path, which
        // begins elsewhere, does not exist below it: then only the mount's own file is found.
        let group = Path::new(group.trim_start_matches('/'));
        group.ancestors().filter_map(|group| limit(mount.join(group).join(file))).min()
    });
    limits.min()
}

fn limit(file: PathBuf) -> Option<usize> {
    let text = fs::read_to_string(file).ok()?;
    // `max` is no number.
    text.trim().parse().ok().filter(|limit| *limit < UNLIMITED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("folder");
        for (file, text) in files {
            let file = root.path().join(file);
            fs::create_dir_all(file.parent().expect("parent")).expect("folder");
            fs::write(file, text).expect("file");
        }
        root
    }

    #[test]
    fn the_smallest_limit_up_the_hierarchy_counts() {
        let root = with(&[
            ("memory.max", "max\n"),
            ("kube/memory.max", "300000000\n"),
            ("kube/pod/memory.max", "400000000\n"),
            ("kube/pod/c/memory.max", "max\n"),
        ]);
        let smallest = |groups| smallest(root.path(), groups);
        assert_eq!(smallest("0::/kube/pod/c\n"), Some(300_000_000));
        assert_eq!(smallest("0::/\n"), None);
        assert_eq!(smallest(""), None);
    }

    #[test]
    fn version_1_is_read_and_so_is_a_mount_that_begins_at_the_container() {
        let root = with(&[("memory/memory.limit_in_bytes", "268435456\n")]);
        let groups = "11:cpu,cpuacct:/docker/a\n4:memory:/docker/a\n0::/system\n";
        assert_eq!(smallest(root.path(), groups), Some(256 << 20));
        let root = with(&[("memory/memory.limit_in_bytes", "9223372036854771712\n")]);
        assert_eq!(smallest(root.path(), groups), None);
    }
}
