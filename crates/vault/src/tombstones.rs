//! Tombstones: who was erased, in a file beside the keys. It outlives every backup of the database.
use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use kernel::{Error, PatientId, Result};

/// The file's name in the keys directory.
const FILE: &str = "erased";

/// The ids of erased patients, which name nobody any more. So a database can be asked for them, and need not be read whole.
#[derive(Default)]
pub struct Tombstones {
    file: Option<Mutex<PathBuf>>,
    ids: RwLock<HashSet<PatientId>>,
}

impl Tombstones {
    /// Reads the tombstones of a keys directory. One that was cut short by a crash stands for nobody.
    pub fn in_directory(directory: &Path) -> Result<Self> {
        let path = directory.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::internal(error)),
        };
        let ids = text.lines().filter_map(|line| line.parse().ok()).collect();
        Ok(Self { file: Some(Mutex::new(path)), ids: RwLock::new(ids) })
    }

    pub fn is_empty(&self) -> bool {
        self.ids.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub fn contains(&self, patient: PatientId) -> bool {
        self.ids.read().unwrap_or_else(PoisonError::into_inner).contains(&patient)
    }

    /// Everybody over whom one stands.
    pub(crate) fn all(&self) -> Vec<PatientId> {
        self.ids.read().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    /// Sets a tombstone. It is on the disk when this returns.
    pub(crate) fn add(&self, patient: PatientId) -> Result<()> {
        if let Some(path) = &self.file {
            // One at a time, so that lines do not run into each other.
            let path = path.lock().unwrap_or_else(PoisonError::into_inner);
            append(&path, &patient.to_string()).map_err(Error::internal)?;
        }
        self.ids.write().unwrap_or_else(PoisonError::into_inner).insert(patient);
        Ok(())
    }
}

/// Adds a line and syncs the file, and its directory in case the file is new.
fn append(path: &Path, line: &str) -> std::io::Result<()> {
    let torn = fs::read(path).is_ok_and(|text| text.last().is_some_and(|last| *last != b'\n'));
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let before = if torn { "\n" } else { "" };
    file.write_all(format!("{before}{line}\n").as_bytes())?;
    file.sync_all()?;
    fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_tombstone_outlives_the_process_and_a_torn_one_stands_for_nobody() {
        let directory = tempfile::tempdir().expect("a directory");
        let (one, two) = (PatientId(Uuid::from_u128(1)), PatientId(Uuid::from_u128(2)));
        let first = Tombstones::in_directory(directory.path()).expect("no file yet");
        assert!(first.is_empty());
        fs::write(directory.path().join(FILE), &two.to_string()[..30]).expect("a torn line");
        first.add(one).expect("set");
        let again = Tombstones::in_directory(directory.path()).expect("read");
        assert!(again.contains(one) && !again.contains(two));
        again.add(two).expect("set");
        assert!(Tombstones::in_directory(directory.path()).expect("read").contains(two));
    }

    #[test]
    fn the_file_is_for_its_owner_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let stones = Tombstones::in_directory(directory.path()).expect("no file yet");
        stones.add(PatientId(Uuid::from_u128(1))).expect("set");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(directory.path().join(FILE)).expect("the file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
