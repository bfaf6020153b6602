//! `wasi:filesystem` as a guest sees it: wasmtime-wasi's, behind the rules of the
//! volumes and the quota of the activation's own directory.

use super::rules::{Entered, below};
use super::{Area, Open, Place, TMP};
use crate::limits::{MOST_LISTINGS, MOST_READERS};
use std::sync::Arc;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, DirectoryEntryStream,
    ErrorCode, Filesize, Host, HostDescriptor, HostDirectoryEntryStream, MetadataHashValue,
    NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

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

pub(super) type Fd = Resource<Descriptor>;

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
            share.cut(0);
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
            let room = share.reach(size);
            room.map_err(|exhausted| self.full("resize", &place.path, exhausted))?;
        }
        self.wasi().set_size(fd, size).await?;
        // Only now: one that was opened to be read cannot be cut.
        if let Some(share) = &place.share {
            share.cut(size);
        }
        Ok(())
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
        self.few::<DirectoryEntryStream>(&fd, MOST_LISTINGS, "directories")?;
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
        self.few::<DynInputStream>(&fd, MOST_READERS, "streams")?;
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
