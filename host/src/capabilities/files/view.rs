//! `wasi:filesystem` as a guest sees it: wasmtime-wasi's, behind the rules of the
//! volumes and the quota of the activation's own directory.

use super::counted::Counted;
use super::quota::{Exhausted, Share, Usage};
use super::{Area, Open, Place, TMP, Tmp};
use crate::capabilities::Mode;
use std::sync::Arc;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::filesystem::{Descriptor, Dir, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, DirectoryEntryStream,
    ErrorCode, Filesize, Host, HostDescriptor, HostDirectoryEntryStream, MetadataHashValue,
    NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};
use wasmtime_wasi::{FsPerms, OpenMode};

/// Offers the interface to every guest of a linker.
pub(in crate::capabilities) struct Files;

impl HasData for Files {
    type Data<'a> = View<'a>;
}

/// One activation's files and its table of resources.
pub(in crate::capabilities) struct View<'a> {
    pub(in crate::capabilities) open: &'a mut Open,
    pub(in crate::capabilities) table: &'a mut ResourceTable,
}

type Fd = Resource<Descriptor>;

/// A name in the activation's own directory that is about to lose its file.
struct Doomed {
    identity: u64,
    /// Whether it is the file's only name.
    last: bool,
}

impl View<'_> {
    /// wasmtime-wasi's own.
    fn wasi(&mut self) -> WasiFilesystemCtxView<'_> {
        WasiFilesystemCtxView { ctx: &mut self.open.wasi, table: self.table }
    }

    fn place(&self, fd: &Fd) -> FsResult<Place> {
        let place = self.open.places.get(&fd.rep());
        place.cloned().ok_or_else(|| FsError::trap(wasmtime::format_err!("an unknown descriptor")))
    }

    /// What a change of `path` needs: a place that may be changed.
    fn change(&self, fd: &Fd, operation: &str, path: &str) -> FsResult<Place> {
        let place = self.place(fd)?;
        if self.open.mode(place.area) == Mode::ReadOnly {
            self.open.say(operation, &below(&place.path, path), "the volume is read-only");
            return Err(ErrorCode::ReadOnly.into());
        }
        Ok(place)
    }

    /// Two places of which something is moved from one to the other.
    fn both(&self, old: &Fd, new: &Fd, operation: &str, path: &str) -> FsResult<Place> {
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
    fn usage(&self, place: &Place) -> Option<Arc<Usage>> {
        let tmp = self.open.tmp.as_ref().filter(|_| place.area == Area::Tmp)?;
        Some(Arc::clone(&tmp.usage))
    }

    fn full(&self, operation: &str, path: &str, exhausted: Exhausted) -> FsError {
        self.open.exhausted(operation, path, exhausted);
        ErrorCode::InsufficientSpace.into()
    }

    /// Takes an entry of the quota for a name that is about to be made.
    fn enter(&self, place: &Place, operation: &str, path: &str) -> FsResult<Entered> {
        let usage = self.usage(place);
        if let Some(usage) = &usage {
            let path = below(&place.path, path);
            usage.enter().map_err(|exhausted| self.full(operation, &path, exhausted))?;
        }
        Ok(Entered(usage))
    }

    /// What a name leads to before it is taken away.
    async fn doomed(&mut self, fd: &Fd, place: &Place, path: &str) -> Option<Doomed> {
        if place.area != Area::Tmp {
            return None;
        }
        let itself = PathFlags::empty();
        let stat = self.wasi().stat_at(same(fd), itself, path.to_owned()).await.ok()?;
        let hash = self.wasi().metadata_hash_at(same(fd), itself, path.to_owned()).await.ok()?;
        Some(Doomed { identity: hash.lower, last: stat.link_count <= 1 })
    }

    /// Gives back what a name took that is gone.
    fn forget(&mut self, doomed: Option<Doomed>) {
        let (Some(doomed), Some(tmp)) = (doomed, &mut self.open.tmp) else { return };
        tmp.usage.leave();
        if doomed.last {
            tmp.shares.remove(&doomed.identity);
        }
    }

    /// The share of a file in the activation's own directory.
    async fn share(&mut self, fd: &Fd, place: &Place) -> FsResult<Option<Arc<Share>>> {
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
    async fn regular(
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
    fn counted(
        &mut self,
        place: Place,
        position: Option<u64>,
        stream: Resource<DynOutputStream>,
    ) -> FsResult<Resource<DynOutputStream>> {
        let Some(share) = place.share else { return Ok(stream) };
        let stream = self.table.delete(stream)?;
        let logs = self.open.logs.clone();
        let counted = Counted { stream, share, position, path: place.path, logs };
        let counted: DynOutputStream = Box::new(counted);
        Ok(self.table.push(counted)?)
    }

    /// The activation's own directory, made when it is first looked for.
    fn tmp(&mut self) -> wasmtime::Result<Option<std::fs::File>> {
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

    fn hand_out(
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
struct Entered(Option<Arc<Usage>>);

impl Entered {
    fn keep(mut self) {
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
fn same(fd: &Fd) -> Fd {
    Resource::new_borrow(fd.rep())
}

fn below(directory: &str, path: &str) -> String {
    if path.is_empty() { directory.to_owned() } else { format!("{directory}/{path}") }
}

impl preopens::Host for View<'_> {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Fd, String)>> {
        let grant = Arc::clone(&self.open.grant);
        let mut directories = Vec::new();
        for (number, volume) in grant.volumes.iter().enumerate() {
            let root = volume.root.try_clone()?;
            directories.push(self.hand_out(root, (Area::Volume(number), &volume.name))?);
        }
        if let Some(root) = self.tmp()? {
            directories.push(self.hand_out(root, (Area::Tmp, TMP))?);
        }
        Ok(directories)
    }
}

impl Host for View<'_> {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        self.wasi().convert_error_code(error)
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        self.wasi().filesystem_error_code(error)
    }
}

impl HostDirectoryEntryStream for View<'_> {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        self.wasi().read_directory_entry(stream).await
    }

    fn drop(&mut self, stream: Resource<DirectoryEntryStream>) -> wasmtime::Result<()> {
        HostDirectoryEntryStream::drop(&mut self.wasi(), stream)
    }
}

impl HostDescriptor for View<'_> {
    async fn open_at(
        &mut self,
        fd: Fd,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Fd> {
        let create = open_flags.contains(OpenFlags::CREATE);
        let truncate = open_flags.contains(OpenFlags::TRUNCATE);
        let place = if create || truncate || flags.contains(DescriptorFlags::WRITE) {
            self.change(&fd, "write", &path)?
        } else {
            self.place(&fd)?
        };
        let existed = self.regular(&fd, &place, (path_flags, &path)).await?;
        let made =
            if create && !existed { self.enter(&place, "write", &path)? } else { Entered(None) };
        let opened = self.wasi().open_at(fd, path_flags, path.clone(), open_flags, flags).await?;
        made.keep();
        let share = self.share(&opened, &place).await?;
        if truncate && let Some(share) = &share {
            // It is empty already: nothing is refused.
            let _ = share.set(0);
        }
        let place = Place { area: place.area, path: below(&place.path, &path), share };
        self.open.places.insert(opened.rep(), place);
        Ok(opened)
    }

    fn drop(&mut self, fd: Fd) -> wasmtime::Result<()> {
        self.open.places.remove(&fd.rep());
        HostDescriptor::drop(&mut self.wasi(), fd)
    }

    async fn write(&mut self, fd: Fd, bytes: Vec<u8>, offset: Filesize) -> FsResult<Filesize> {
        let place = self.change(&fd, "write", "")?;
        if let Some(share) = &place.share {
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let room = share.write(offset, length);
            room.map_err(|exhausted| self.full("write", &place.path, exhausted))?;
        }
        self.wasi().write(fd, bytes, offset).await
    }

    fn write_via_stream(
        &mut self,
        fd: Fd,
        offset: Filesize,
    ) -> FsResult<Resource<DynOutputStream>> {
        let place = self.change(&fd, "write", "")?;
        let stream = self.wasi().write_via_stream(fd, offset)?;
        self.counted(place, Some(offset), stream)
    }

    fn append_via_stream(&mut self, fd: Fd) -> FsResult<Resource<DynOutputStream>> {
        let place = self.change(&fd, "write", "")?;
        let stream = self.wasi().append_via_stream(fd)?;
        self.counted(place, None, stream)
    }

    async fn set_size(&mut self, fd: Fd, size: Filesize) -> FsResult<()> {
        let place = self.change(&fd, "resize", "")?;
        if let Some(share) = &place.share {
            let room = share.set(size);
            room.map_err(|exhausted| self.full("resize", &place.path, exhausted))?;
        }
        self.wasi().set_size(fd, size).await
    }

    async fn set_times(
        &mut self,
        fd: Fd,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        self.change(&fd, "set the times of", "")?;
        self.wasi().set_times(fd, accessed, modified).await
    }

    async fn set_times_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        self.change(&fd, "set the times of", &path)?;
        self.wasi().set_times_at(fd, flags, path, accessed, modified).await
    }

    async fn create_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        let place = self.change(&fd, "create", &path)?;
        let made = self.enter(&place, "create", &path)?;
        self.wasi().create_directory_at(fd, path).await?;
        made.keep();
        Ok(())
    }

    async fn symlink_at(&mut self, fd: Fd, target: String, path: String) -> FsResult<()> {
        let place = self.change(&fd, "create", &path)?;
        let made = self.enter(&place, "create", &path)?;
        self.wasi().symlink_at(fd, target, path).await?;
        made.keep();
        Ok(())
    }

    async fn link_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        old: String,
        new_fd: Fd,
        new: String,
    ) -> FsResult<()> {
        let place = self.both(&fd, &new_fd, "link", &old)?;
        let made = self.enter(&place, "link", &new)?;
        self.wasi().link_at(fd, flags, old, new_fd, new).await?;
        made.keep();
        Ok(())
    }

    async fn rename_at(&mut self, fd: Fd, old: String, new_fd: Fd, new: String) -> FsResult<()> {
        let place = self.both(&fd, &new_fd, "rename", &old)?;
        let replaced = self.doomed(&new_fd, &place, &new).await;
        let moved = self.doomed(&fd, &place, &old).await;
        self.wasi().rename_at(fd, old, new_fd, new).await?;
        // Renaming one name of a file to another of the same leaves both.
        let identity = moved.map(|moved| moved.identity);
        self.forget(replaced.filter(|replaced| Some(replaced.identity) != identity));
        Ok(())
    }

    async fn unlink_file_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        let place = self.change(&fd, "remove", &path)?;
        let doomed = self.doomed(&fd, &place, &path).await;
        self.wasi().unlink_file_at(fd, path).await?;
        self.forget(doomed);
        Ok(())
    }

    async fn remove_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        let place = self.change(&fd, "remove", &path)?;
        let usage = self.usage(&place);
        self.wasi().remove_directory_at(fd, path).await?;
        if let Some(usage) = usage {
            usage.leave();
        }
        Ok(())
    }

    // What only looks is wasmtime-wasi's alone.

    async fn advise(
        &mut self,
        fd: Fd,
        offset: Filesize,
        length: Filesize,
        advice: Advice,
    ) -> FsResult<()> {
        self.wasi().advise(fd, offset, length, advice).await
    }

    async fn sync_data(&mut self, fd: Fd) -> FsResult<()> {
        self.wasi().sync_data(fd).await
    }

    async fn sync(&mut self, fd: Fd) -> FsResult<()> {
        self.wasi().sync(fd).await
    }

    async fn get_flags(&mut self, fd: Fd) -> FsResult<DescriptorFlags> {
        self.wasi().get_flags(fd).await
    }

    async fn get_type(&mut self, fd: Fd) -> FsResult<DescriptorType> {
        self.wasi().get_type(fd).await
    }

    async fn read(
        &mut self,
        fd: Fd,
        length: Filesize,
        offset: Filesize,
    ) -> FsResult<(Vec<u8>, bool)> {
        self.wasi().read(fd, length, offset).await
    }

    async fn read_directory(&mut self, fd: Fd) -> FsResult<Resource<DirectoryEntryStream>> {
        self.wasi().read_directory(fd).await
    }

    async fn stat(&mut self, fd: Fd) -> FsResult<DescriptorStat> {
        self.wasi().stat(fd).await
    }

    async fn stat_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
    ) -> FsResult<DescriptorStat> {
        self.wasi().stat_at(fd, flags, path).await
    }

    async fn readlink_at(&mut self, fd: Fd, path: String) -> FsResult<String> {
        self.wasi().readlink_at(fd, path).await
    }

    fn read_via_stream(&mut self, fd: Fd, offset: Filesize) -> FsResult<Resource<DynInputStream>> {
        self.wasi().read_via_stream(fd, offset)
    }

    async fn is_same_object(&mut self, one: Fd, other: Fd) -> wasmtime::Result<bool> {
        self.wasi().is_same_object(one, other).await
    }

    async fn metadata_hash(&mut self, fd: Fd) -> FsResult<MetadataHashValue> {
        self.wasi().metadata_hash(fd).await
    }

    async fn metadata_hash_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
    ) -> FsResult<MetadataHashValue> {
        self.wasi().metadata_hash_at(fd, flags, path).await
    }
}

/// Offers `wasi:filesystem` in place of wasmtime-wasi's.
pub(in crate::capabilities) fn link<T: Send + 'static>(
    linker: &mut wasmtime::component::Linker<T>,
    view: fn(&mut T) -> View<'_>,
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    preopens::add_to_linker::<T, Files>(linker, view)?;
    types::add_to_linker::<T, Files>(linker, view)?;
    linker.allow_shadowing(false);
    Ok(())
}
