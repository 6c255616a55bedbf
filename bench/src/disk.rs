//! What a disk holds after the power goes: of every file, what was synced; of the rest, nothing or an arbitrary part.

use crate::seed::Seed;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The files below one directory. Their names (creation, renaming, removal) are taken to be journalled at once; their
/// contents count only once synced, and a file that was never synced is not there.
#[derive(Default)]
pub struct Disk {
    files: BTreeMap<PathBuf, File>,
    clock: u64,
}

#[derive(Default)]
struct File {
    synced: Vec<u8>,
    was_synced: bool,
    /// Length as the running program sees it.
    length: u64,
    waiting: VecDeque<(u64, Change)>,
}

enum Change {
    Write { offset: u64, data: Vec<u8> },
    Length(u64),
}

/// What becomes of changes that were not synced.
#[derive(Clone, Copy)]
pub enum Unsynced {
    Dropped,
    /// Each sector by itself reached the disk or not, as this seed has it.
    Scattered(u64),
}

const SECTOR: usize = 512;

impl Disk {
    pub fn create(&mut self, path: &Path) {
        self.files.entry(path.to_owned()).or_default();
    }

    pub fn write(&mut self, path: &Path, offset: u64, data: Vec<u8>) {
        let end = offset + data.len() as u64;
        let file = self.change(path, Change::Write { offset, data });
        file.length = file.length.max(end);
    }

    pub fn set_length(&mut self, path: &Path, length: u64) {
        self.change(path, Change::Length(length)).length = length;
    }

    fn change(&mut self, path: &Path, change: Change) -> &mut File {
        self.clock += 1;
        let file = self.files.entry(path.to_owned()).or_default();
        file.waiting.push_back((self.clock, change));
        file
    }

    pub fn length(&self, path: &Path) -> u64 {
        self.files.get(path).map_or(0, |file| file.length)
    }

    pub fn rename(&mut self, from: &Path, to: &Path) {
        if let Some(file) = self.files.remove(from) {
            self.files.insert(to.to_owned(), file);
        }
    }

    pub fn remove(&mut self, path: &Path) {
        self.files.remove(path);
    }

    /// The moment a sync begins: it covers the changes finished by now and no others.
    pub fn now(&self) -> u64 {
        self.clock
    }

    /// A sync that began at `since` has succeeded.
    pub fn sync(&mut self, path: &Path, since: u64) {
        let Some(file) = self.files.get_mut(path) else { return };
        file.was_synced = true;
        while let Some((at, _)) = file.waiting.front()
            && *at <= since
        {
            if let Some((_, change)) = file.waiting.pop_front() {
                change.apply(&mut file.synced);
            }
        }
    }

    /// Bytes written and not synced.
    pub fn unsynced(&self) -> usize {
        let changes = self.files.values().flat_map(|file| &file.waiting);
        changes.map(|(_, change)| if let Change::Write { data, .. } = change { data.len() } else { 0 }).sum()
    }

    /// Writes the files as they are found after the power comes back.
    pub fn image(&self, root: &Path, directory: &Path, unsynced: Unsynced) -> Result<()> {
        let mut seed = Seed::new(if let Unsynced::Scattered(seed) = unsynced { seed } else { 0 });
        for (path, file) in self.files.iter().filter(|(_, file)| file.was_synced) {
            let mut bytes = file.synced.clone();
            if let Unsynced::Scattered(_) = unsynced {
                file.waiting.iter().for_each(|(_, change)| change.apply_some(&mut bytes, &mut seed));
            }
            let target = directory.join(path.strip_prefix(root)?);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent)?;
            }
            let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&target);
            opened
                .and_then(|mut out| out.write_all(&bytes))
                .with_context(|| format!("writing {}", target.display()))?;
        }
        Ok(())
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Change::Write { offset, data } => put(bytes, *offset as usize, data),
            Change::Length(length) => bytes.resize(*length as usize, 0),
        }
    }

    fn apply_some(&self, bytes: &mut Vec<u8>, seed: &mut Seed) {
        match self {
            Change::Write { offset, data } => {
                for (number, sector) in data.chunks(SECTOR).enumerate() {
                    if seed.coin() {
                        put(bytes, *offset as usize + number * SECTOR, sector);
                    }
                }
            }
            Change::Length(_) if seed.coin() => self.apply(bytes),
            Change::Length(_) => {}
        }
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(data);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_power_loss(disk: &Disk) -> BTreeMap<String, Vec<u8>> {
        let directory = tempfile::tempdir().unwrap();
        disk.image(Path::new("/data"), directory.path(), Unsynced::Dropped).unwrap();
        let files = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (path.file_name().unwrap().to_string_lossy().into(), fs::read(&path).unwrap())).collect()
    }

    #[test]
    fn only_what_was_finished_before_a_sync_began_survives() {
        let path = Path::new("/data/a");
        let mut disk = Disk::default();
        disk.write(path, 0, b"kept".to_vec());
        let began = disk.now();
        disk.write(path, 4, b"too late".to_vec());
        disk.sync(path, began);
        disk.write(Path::new("/data/b"), 0, b"never".to_vec());
        assert_eq!(after_power_loss(&disk), BTreeMap::from([("a".to_owned(), b"kept".to_vec())]));
        assert_eq!((disk.length(path), disk.unsynced()), (12, 13));
    }

    #[test]
    fn a_file_that_was_cut_short_without_a_sync_is_whole_again() {
        let path = Path::new("/data/a");
        let mut disk = Disk::default();
        disk.write(path, 0, b"all of it".to_vec());
        disk.sync(path, disk.now());
        disk.set_length(path, 0);
        assert_eq!(after_power_loss(&disk)["a"], b"all of it");
    }

    #[test]
    fn a_renamed_file_keeps_what_it_had_synced_and_no_more() {
        let mut disk = Disk::default();
        disk.write(Path::new("/data/new"), 0, b"key".to_vec());
        disk.rename(Path::new("/data/new"), Path::new("/data/key"));
        assert!(after_power_loss(&disk).is_empty());
        disk.sync(Path::new("/data/key"), disk.now());
        assert_eq!(after_power_loss(&disk)["key"], b"key");
    }
}
