//! What a call of `wasi:filesystem` may do, asked before it is made, and what it takes
//! of the quota.

use super::counted::Counted;
use super::quota::{Exhausted, Share, Usage};
use super::view::{Fd, View};
use super::{Area, Place, Tmp};
use crate::capabilities::Mode;
use std::sync::Arc;
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::{Descriptor, Dir, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorType, ErrorCode, HostDescriptor as _, PathFlags,
};
use wasmtime_wasi::p2::{DynOutputStream, FsError, FsResult};
use wasmtime_wasi::{FsPerms, OpenMode};

/// A name in the activation's own directory that is about to lose its file.
pub(super) struct Doomed {
    pub(super) identity: u64,
    /// Whether it is the file's only name.
    last: bool,
}

impl View<'_> {
    /// wasmtime-wasi's own.
    pub(super) fn wasi(&mut self) -> WasiFilesystemCtxView<'_> {
        WasiFilesystemCtxView { ctx: &mut self.open.wasi, table: self.table }
    }

    pub(super) fn place(&self, fd: &Fd) -> FsResult<Place> {
        let place = self.open.places.get(&fd.rep());
        place.cloned().ok_or_else(|| FsError::trap(wasmtime::format_err!("an unknown descriptor")))
    }

    /// What a change of `path` needs: a place that may be changed.
    pub(super) fn change(&self, fd: &Fd, operation: &str, path: &str) -> FsResult<Place> {
        let place = self.place(fd)?;
        if self.open.mode(place.area) == Mode::ReadOnly {
            self.open.say(operation, &below(&place.path, path), "the volume is read-only");
            return Err(ErrorCode::ReadOnly.into());
        }
        Ok(place)
    }

    /// Two places of which something is moved from one to the other.
    pub(super) fn both(&self, old: &Fd, new: &Fd, operation: &str, path: &str) -> FsResult<Place> {
        let from = self.change(old, operation, path)?;
        let to = self.change(new, operation, path)?;
        if from.area != to.area {
            let why = format!("{} is another volume", to.path);
            self.open.say(operation, &below(&from.path, path), &why);
            return Err(ErrorCode::CrossDevice.into());
        }
        Ok(to)
    }

    /// What is taken of the quota, if `place` is in the activation's own directory.
    pub(super) fn usage(&self, place: &Place) -> Option<Arc<Usage>> {
        let tmp = self.open.tmp.as_ref().filter(|_| place.area == Area::Tmp)?;
        Some(Arc::clone(&tmp.usage))
    }

    /// Refuses one more of what the host holds memory for, if the guest has so many.
    pub(super) fn few<T: 'static>(&mut self, fd: &Fd, most: usize, what: &str) -> FsResult<()> {
        let open = self.table.iter_mut().filter(|thing| (**thing).is::<T>()).count();
        if open < most {
            return Ok(());
        }
        let path = self.open.places.get(&fd.rep()).map_or("", |place| &place.path);
        let why = format!("{most} {what} are read at once already, the most there may be");
        self.open.say("read", path, &why);
        Err(ErrorCode::InsufficientMemory.into())
    }

    pub(super) fn full(&self, operation: &str, path: &str, exhausted: Exhausted) -> FsError {
        self.open.exhausted(operation, path, exhausted);
        ErrorCode::InsufficientSpace.into()
    }

    /// Takes an entry of the quota for a name that is about to be made.
    pub(super) fn enter(&self, place: &Place, operation: &str, path: &str) -> FsResult<Entered> {
        let usage = self.usage(place);
        if let Some(usage) = &usage {
            let path = below(&place.path, path);
            usage.enter().map_err(|exhausted| self.full(operation, &path, exhausted))?;
        }
        Ok(Entered(usage))
    }

    /// What a name leads to before it is taken away.
    pub(super) async fn doomed(&mut self, fd: &Fd, place: &Place, path: &str) -> Option<Doomed> {
        if place.area != Area::Tmp {
            return None;
        }
        let itself = PathFlags::empty();
        let stat = self.wasi().stat_at(same(fd), itself, path.to_owned()).await.ok()?;
        let hash = self.wasi().metadata_hash_at(same(fd), itself, path.to_owned()).await.ok()?;
        Some(Doomed { identity: hash.lower, last: stat.link_count <= 1 })
    }

    /// Gives back what a name took that is gone.
    pub(super) fn forget(&mut self, doomed: Option<Doomed>) {
        let (Some(doomed), Some(tmp)) = (doomed, &mut self.open.tmp) else { return };
        tmp.usage.leave();
        if doomed.last {
            tmp.shares.remove(&doomed.identity);
        }
    }

    /// The share of a file in the activation's own directory.
    pub(super) async fn share(&mut self, fd: &Fd, place: &Place) -> FsResult<Option<Arc<Share>>> {
        if place.area != Area::Tmp || matches!(self.table.get(fd)?, Descriptor::Dir(_)) {
            return Ok(None);
        }
        let identity = self.wasi().metadata_hash(same(fd)).await?.lower;
        let Some(tmp) = &mut self.open.tmp else { return Ok(None) };
        let Tmp { usage, shares, .. } = tmp;
        let share = shares.entry(identity).or_insert_with(|| Share::new(usage));
        Ok(Some(Arc::clone(share)))
    }

    /// Refuses what a guest has no business with: a FIFO would hold up a thread, a
    /// device is not a file.
    pub(super) async fn regular(
        &mut self,
        fd: &Fd,
        place: &Place,
        (flags, path): (PathFlags, &str),
    ) -> FsResult<bool> {
        let Ok(stat) = self.wasi().stat_at(same(fd), flags, path.to_owned()).await else {
            return Ok(false);
        };
        match stat.type_ {
            DescriptorType::RegularFile
            | DescriptorType::Directory
            | DescriptorType::SymbolicLink => Ok(true),
            _ => {
                let why = "it is neither a file nor a directory";
                self.open.say("open", &below(&place.path, path), why);
                Err(ErrorCode::Access.into())
            }
        }
    }

    /// A stream that counts what it writes, if the file is the activation's own.
    pub(super) fn counted(
        &mut self,
        place: Place,
        position: Option<u64>,
        stream: Resource<DynOutputStream>,
    ) -> FsResult<Resource<DynOutputStream>> {
        let Some(share) = place.share else { return Ok(stream) };
        let stream = self.table.delete(stream)?;
        let logs = self.open.logs.clone();
        let counted = Counted { stream, share, position, writing: false, path: place.path, logs };
        let counted: DynOutputStream = Box::new(counted);
        Ok(self.table.push(counted)?)
    }

    /// The activation's own directory, made when it is first looked for.
    pub(super) fn tmp(&mut self) -> wasmtime::Result<Option<std::fs::File>> {
        let grant = Arc::clone(&self.open.grant);
        let Some((scratch, quota)) = &grant.tmp else { return Ok(None) };
        if self.open.tmp.is_none() {
            // Two calls on a directory of ours: less than to wake another thread.
            let directory = scratch.make()?;
            let usage = Usage::new(*quota);
            self.open.tmp = Some(Tmp { directory, usage, shares: Default::default() });
        }
        let root = self.open.tmp.as_ref().map(|tmp| tmp.directory.root.try_clone());
        Ok(root.transpose()?)
    }

    pub(super) fn hand_out(
        &mut self,
        root: std::fs::File,
        (area, name): (Area, &str),
    ) -> wasmtime::Result<(Fd, String)> {
        let (perms, mode) = match self.open.mode(area) {
            Mode::ReadOnly => (FsPerms::ReadOnly, OpenMode::READ),
            Mode::ReadWrite => (FsPerms::ReadWrite, OpenMode::READ | OpenMode::WRITE),
        };
        let fd = self.table.push(Descriptor::Dir(Dir::new(root, perms, mode, false)))?;
        let path = format!("/{name}");
        let place = Place { area, path: path.clone(), share: None };
        self.open.places.insert(fd.rep(), place);
        Ok((fd, path))
    }
}

/// An entry that was taken for a name, until the name is there.
pub(super) struct Entered(pub(super) Option<Arc<Usage>>);

impl Entered {
    pub(super) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(usage) = &self.0 {
            usage.leave();
        }
    }
}

/// The same descriptor again, for another call.
pub(super) fn same(fd: &Fd) -> Fd {
    Resource::new_borrow(fd.rep())
}

pub(super) fn below(directory: &str, path: &str) -> String {
    if path.is_empty() { directory.to_owned() } else { format!("{directory}/{path}") }
}
