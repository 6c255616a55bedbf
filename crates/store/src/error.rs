//! What can go wrong in the database, in the few kinds a caller can act on.
use std::sync::Arc;

use deadpool_postgres::PoolError;
use tokio_postgres::types::WrongType;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A database error. Cloned to every request of a failed group commit, hence the `Arc`s.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A uniqueness rule refused the row. `rule` holds the engine's name for it, which contains the column's name.
    #[error("a row with the same value exists ({rule})")]
    Duplicate { rule: String },
    /// A foreign key or a CHECK refused the row.
    #[error("the database refused the row ({rule})")]
    Refused { rule: String },
    /// The database cannot take work now: disk full, connection gone, locked for too long. Trying again may succeed.
    #[error("the database is not available: {0}")]
    Unavailable(Arc<dyn std::error::Error + Send + Sync>),
    /// A programming error or a damaged file.
    #[error("database error: {0}")]
    Internal(Arc<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// True when a uniqueness rule over `column` refused the row.
    pub fn is_duplicate_of(&self, column: &str) -> bool {
        matches!(self, Self::Duplicate { rule } if rule.contains(column))
    }

    /// True when the database ended one of two transactions that waited for each other; the work itself is fine.
    pub(crate) fn is_deadlock(&self) -> bool {
        let Self::Unavailable(cause) = self else { return false };
        let code = cause.downcast_ref::<Postgres>().and_then(|error| error.0.code());
        code.is_some_and(|code| code.code().starts_with("40"))
    }

    /// A stored word that the program does not know.
    pub fn unreadable(column: &str, word: &str) -> Self {
        Self::internal(format!("column {column} holds {word:?}"))
    }

    pub(crate) fn internal(text: impl Into<String>) -> Self {
        Self::Internal(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(text.into())))
    }

    pub(crate) fn from_boxed(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self::Internal(Arc::from(error))
    }

    /// An address that is none. The text after `postgres://` may hold a password and is not repeated.
    pub(crate) fn from_address(error: tokio_postgres::Error) -> Self {
        Self::Internal(Arc::new(Postgres(error)))
    }

    pub(crate) fn unavailable(text: impl Into<String>) -> Self {
        Self::Unavailable(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(text.into())))
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        use rusqlite::ffi;
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return Self::Internal(Arc::new(error));
        };
        let rule = || message.clone().unwrap_or_default();
        match (failure.code, failure.extended_code) {
            (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => Self::Duplicate { rule: rule() },
            (Code::ConstraintViolation, _) => Self::Refused { rule: rule() },
            (
                Code::DiskFull
                | Code::DatabaseBusy
                | Code::DatabaseLocked
                | Code::SystemIoFailure
                | Code::CannotOpen
                | Code::ReadOnly,
                _,
            ) => Self::Unavailable(Arc::new(error)),
            _ => Self::Internal(Arc::new(error)),
        }
    }
}

/// What PostgreSQL or the way to it said, in the words that help: the driver's own are "db error".
#[derive(Debug, thiserror::Error)]
#[error("{}", told(.0))]
struct Postgres(tokio_postgres::Error);

fn told(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(refusal), _) => format!("{} (SQLSTATE {})", refusal.message(), refusal.code().code()),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refusal) = error.as_db_error() else {
            // A value or a column of another type is a fault of this program; all else is the connection's.
            let cause = std::error::Error::source(&error);
            return match cause.is_some_and(|cause| cause.is::<WrongType>()) {
                true => Self::Internal(Arc::new(Postgres(error))),
                false => Self::Unavailable(Arc::new(Postgres(error))),
            };
        };
        let rule = || refusal.constraint().unwrap_or_default().to_owned();
        match refusal.code().code() {
            "23505" => Self::Duplicate { rule: rule() },
            code if code.starts_with("23") => Self::Refused { rule: rule() },
            // 53: out of resources, 57P: shutting down, 08: connection, 40: deadlock or serialisation, 58: IO.
            code if ["53", "57P", "08", "40", "58", "25006"].iter().any(|c| code.starts_with(c)) => {
                Self::Unavailable(Arc::new(Postgres(error)))
            }
            _ => Self::Internal(Arc::new(Postgres(error))),
        }
    }
}

impl From<PoolError> for Error {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            error => Self::Unavailable(Arc::new(error)),
        }
    }
}
