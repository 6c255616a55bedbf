//! SQLite: one writer, several readers, and a checkpointer with a connection of its own.
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, Value as Lite, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};
use tokio::sync::Mutex as AsyncMutex;
use uuid::Uuid;

use crate::{Error, FromRow, Result, Row, Value};

/// How the file is opened and synced.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub path: PathBuf,
    pub synchronous: &'static str,
    pub read_only: bool,
}

pub(crate) struct Sqlite {
    settings: Settings,
    pub writer: Arc<AsyncMutex<Connection>>,
    readers: Mutex<Vec<Connection>>,
}

/// Frames in the write-ahead log past which the checkpointer stops the writer for a moment: 24 MB of 4 KB pages, so
/// that what is written between two looks keeps the file near 64 MB (at 8,000 frames `bench vitals` saw 66).
const LOG_FRAMES: i64 = 6_000;
const CHECKPOINT_EVERY: Duration = Duration::from_millis(100);

impl Sqlite {
    pub fn open(settings: Settings) -> Result<Arc<Self>> {
        let writer = Arc::new(AsyncMutex::new(connect(&settings, 16_000)?));
        let sqlite = Arc::new(Self { settings, writer, readers: Mutex::default() });
        if !sqlite.settings.read_only {
            let checkpointer = connect(&sqlite.settings, 1_000)?;
            let owner = Arc::downgrade(&sqlite);
            std::thread::Builder::new()
                .name("checkpoint".into())
                .spawn(move || checkpoint_until_dropped(&checkpointer, &owner))
                .map_err(|e| Error::unavailable(e.to_string()))?;
        }
        Ok(sqlite)
    }

    /// Lends a reader. Statements run inline, so there are never more readers than threads.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let free = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match free {
            Some(reader) => reader,
            None => connect(&self.settings, 4_000)?,
        };
        let answer = work(&reader);
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        answer
    }
}

fn connect(settings: &Settings, cache_kib: i64) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if !settings.read_only {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(&settings.path, flags)?;
    connection.set_prepared_statement_cache_capacity(256);
    connection.busy_timeout(Duration::from_secs(5))?;
    // A freshly made file becomes a write-ahead log database before anything is written to it.
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{cache_kib}; PRAGMA query_only = {};",
        settings.synchronous, settings.read_only
    ))?;
    Ok(connection)
}

/// Moves the log into the database file in the background; when the log has grown long in spite of that, holds the
/// writer for the last step so that the log starts again from its beginning.
fn checkpoint_until_dropped(connection: &Connection, owner: &Weak<Sqlite>) {
    loop {
        std::thread::sleep(CHECKPOINT_EVERY);
        let Some(sqlite) = owner.upgrade() else { return };
        let frames = checkpoint(connection, "PASSIVE");
        if frames.is_ok_and(|frames| frames > LOG_FRAMES) {
            let _writer = sqlite.writer.blocking_lock();
            if let Err(error) = checkpoint(connection, "RESTART") {
                tracing::warn!(%error, "checkpoint failed");
            }
        }
    }
}

fn checkpoint(connection: &Connection, mode: &str) -> Result<i64> {
    Ok(connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(1))?)
}

/// Whether the path names a database that exists already.
pub(crate) fn exists(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.len() > 0)
}

pub(crate) fn query<T: FromRow>(connection: &Connection, text: &str, args: &[Value]) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(text)?;
    let mut rows = statement.query(rusqlite::params_from_iter(args))?;
    let mut answer = Vec::new();
    while let Some(row) = rows.next()? {
        answer.push(T::from_row(&Row::Sqlite(row))?);
    }
    Ok(answer)
}

/// As [`query`], once for each set of values.
pub(crate) fn query_each<T: FromRow>(connection: &Connection, text: &str, sets: &[Vec<Value>]) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(text)?;
    let mut answer = Vec::with_capacity(sets.len());
    for args in sets {
        let mut rows = statement.query(rusqlite::params_from_iter(args))?;
        while let Some(row) = rows.next()? {
            answer.push(T::from_row(&Row::Sqlite(row))?);
        }
    }
    Ok(answer)
}

/// As [`execute`], once for each set of values.
pub(crate) fn execute_each(connection: &Connection, text: &str, sets: &[Vec<Value>]) -> Result<Vec<u64>> {
    let mut statement = connection.prepare_cached(text)?;
    sets.iter().map(|args| Ok(statement.execute(rusqlite::params_from_iter(args))? as u64)).collect()
}

/// As [`execute_each`]; answers the ids, at `place`, of the rows that were added.
pub(crate) fn add_each(
    connection: &Connection,
    text: &str,
    sets: &[Vec<Value>],
    place: usize,
) -> Result<HashSet<Uuid>> {
    let counts = execute_each(connection, text, sets)?;
    let added = sets.iter().zip(counts).filter(|(_, count)| *count > 0);
    Ok(added.filter_map(|(args, _)| if let Value::Uuid(id) = &args[place] { *id } else { None }).collect())
}

pub(crate) fn execute(connection: &Connection, text: &str, args: &[Value]) -> Result<u64> {
    Ok(connection.prepare_cached(text)?.execute(rusqlite::params_from_iter(args))? as u64)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let borrowed = match self {
            Self::Uuid(Some(v)) => ValueRef::Blob(v.as_bytes()),
            Self::Text(Some(v)) => ValueRef::Text(v.as_bytes()),
            Self::Int(Some(v)) => ValueRef::Integer(*v),
            Self::Real(Some(v)) => ValueRef::Real(*v),
            Self::Bool(Some(v)) => ValueRef::Integer(i64::from(*v)),
            Self::Time(Some(v)) => ValueRef::Integer(v.timestamp_micros()),
            Self::Bytes(Some(v)) => ValueRef::Blob(v),
            Self::Date(Some(v)) => return Ok(ToSqlOutput::Owned(Lite::Text(v.to_string()))),
            Self::Json(Some(v)) => return Ok(ToSqlOutput::Owned(Lite::Text(v.to_string()))),
            _ => ValueRef::Null,
        };
        Ok(ToSqlOutput::Borrowed(borrowed))
    }
}
