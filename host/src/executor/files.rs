//! A folder for each container, with the two files that OpenWhisk reads. One
//! executor has the folder of folders at a time, and sweeps what its predecessor
//! left.

use super::container::Virtual;
use anyhow::{Context as _, ensure};
use rustix::fs::{FlockOperation, flock};
use serde_json::json;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Begins the id of every container of an executor, `wow-` in hexadecimal: so a front
/// end tells them from Docker's, and a sweep what it may remove.
pub(crate) const PREFIX: &str = "776f772d";

/// An id has the form of Docker's: 32 bytes in hexadecimal.
pub(crate) const ID_LENGTH: usize = 64;

/// The containers' folder.
pub(crate) struct Folder {
    path: PathBuf,
    /// Held as long as this is: the kernel lets go of it whatever ends the process.
    _lock: File,
}

impl Folder {
    /// Opens the folder, makes it if it is not there, and removes what is left of
    /// containers.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let what = || format!("cannot keep containers in {}", path.display());
        DirBuilder::new().recursive(true).mode(0o755).create(path).with_context(what)?;
        let path = fs::canonicalize(path).with_context(what)?;
        let lock = path.join(".wow-executor.lock");
        let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(lock);
        let lock = lock.with_context(what)?;
        ensure!(
            flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok(),
            "another executor has its containers in {}",
            path.display()
        );
        let folder = Self { path, _lock: lock };
        folder.sweep().with_context(what)?;
        Ok(folder)
    }

    fn sweep(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)?.flatten() {
            let name = entry.file_name();
            let ours = |name: &str| name.len() == ID_LENGTH && name.starts_with(PREFIX);
            // A symbolic link is not ours, whatever its name.
            let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if folder && name.to_str().is_some_and(ours) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }

    /// Where a container's log is.
    pub(crate) fn log(&self, id: &str) -> PathBuf {
        self.path.join(id).join(format!("{id}-json.log"))
    }

    /// Makes a container's folder with both files.
    pub(crate) fn make(&self, container: &Virtual) -> io::Result<()> {
        let folder = self.path.join(&*container.id);
        // Who may speak to the control socket may read the logs, and nobody else.
        DirBuilder::new().mode(0o750).create(&folder)?;
        let file =
            |path: PathBuf| OpenOptions::new().create_new(true).write(true).mode(0o640).open(path);
        let made = file(self.log(&container.id)).and_then(|_log| {
            file(folder.join("config.v2.json"))?.write_all(description(container).as_bytes())
        });
        if made.is_err() {
            self.remove(&container.id);
        }
        made
    }

    /// Removes a container's folder.
    pub(crate) fn remove(&self, id: &str) {
        if let Err(cause) = fs::remove_dir_all(self.path.join(id)) {
            tracing::warn!(%cause, id, "a container's folder is left: the next start removes it");
        }
    }
}

/// What OpenWhisk reads of Docker's description (`DockerClientWithFileAccess.scala`),
/// and what tells a person whose it is.
fn description(container: &Virtual) -> String {
    let Virtual { id, spec, address, .. } = container;
    let network = spec.network();
    json!({
        "ID": &**id,
        "Name": format!("/{}", spec.name),
        "Config": { "Image": spec.image },
        "State": { "OOMKilled": false },
        "NetworkSettings": { "Networks": { network: { "IPAddress": address.ip() } } },
    })
    .to_string()
}
