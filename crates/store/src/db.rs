//! The handle to the database.
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use uuid::Uuid;

use crate::loader::Loader;
use crate::plan::Plans;
use crate::postgres::Postgres;
use crate::sqlite::{self, Sqlite};
use crate::{Args, Bind, Error, FromRow, Result, Statement, Tx, Where, params};

/// A handle to the database, cheap to clone.
#[derive(Clone)]
pub struct Db(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub engine: Engine,
    pub loaders: Mutex<HashMap<&'static str, Loader>>,
    pub plans: Plans,
}

pub(crate) enum Engine {
    Sqlite(Arc<Sqlite>),
    Postgres(Arc<Postgres>),
}

/// How to open the database.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Open an existing SQLite file only to look at it, beside a running server.
    pub read_only: bool,
    /// Syncs SQLite's log only at checkpoints. Acknowledged writes are lost at power loss: the crash test's control.
    pub lose_writes_at_power_loss: bool,
    /// Connections to PostgreSQL at most, besides those of the lanes of each [`GroupCommit`](crate::GroupCommit); 0 takes
    /// the default of 16.
    pub connections: u32,
}

/// Questions that can be asked inside a transaction and outside one alike.
pub trait Sql: Send {
    /// The first row, if there is one.
    fn one<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        args: Args,
    ) -> impl Future<Output = Result<Option<T>>> + Send;
    /// Every row.
    fn all<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        args: Args,
    ) -> impl Future<Output = Result<Vec<T>>> + Send;
    /// Every row of a text put together from filters.
    fn find<T: FromRow>(&mut self, filter: Where) -> impl Future<Output = Result<Vec<T>>> + Send;
}

impl Db {
    /// Opens `postgres://…` or the path of an SQLite file, which is made when absent.
    pub async fn open(url: &str, options: &Options) -> Result<Self> {
        let engine = match url.starts_with("postgres://") || url.starts_with("postgresql://") {
            true => Engine::Postgres(connect_postgres(url, options).await?),
            false => Engine::Sqlite(open_sqlite(Path::new(url.trim_start_matches("sqlite://")), options)?),
        };
        Ok(Self(Arc::new(Inner { engine, loaders: Mutex::default(), plans: Plans::default() })))
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.0.engine, Engine::Sqlite(_))
    }

    /// Begins a transaction that may write. On SQLite it waits for its turn as the one writer.
    pub async fn begin(&self) -> Result<Tx> {
        Tx::begin(self).await
    }

    /// Rows by key, asked together with whoever asks the same at this moment: on PostgreSQL a hundred requests cost one
    /// round trip. The statement filters by `= $1` and returns that key as `load_key`.
    pub async fn load<T: FromRow>(&self, statement: &'static Statement, key: Uuid) -> Result<Vec<T>> {
        let bound = [Bind::bind(key)];
        self.note_plan(statement.text, &bound).await?;
        match &self.0.engine {
            Engine::Sqlite(file) => file.read(|c| sqlite::query(c, statement.sqlite(), &bound)),
            Engine::Postgres(server) => Loader::of(&self.0.loaders, server, statement).load(key).await,
        }
    }

    /// The same database through connections of its own, opened when they are first needed.
    pub(crate) fn apart(&self) -> Result<Self> {
        let Engine::Postgres(server) = &self.0.engine else { return Ok(self.clone()) };
        let engine = Engine::Postgres(Arc::new(server.apart(LANE_CONNECTIONS)?));
        Ok(Self(Arc::new(Inner { engine, loaders: Mutex::default(), plans: Plans::default() })))
    }

    /// Closes the connections to PostgreSQL; SQLite's close with the last handle.
    pub async fn close(&self) {
        if let Engine::Postgres(server) = &self.0.engine {
            server.pool.close();
        }
    }

    /// Asks the smallest possible question, to know that the database answers.
    pub async fn ping(&self) -> Result<()> {
        match &self.0.engine {
            Engine::Sqlite(file) => file.read(|c| sqlite::query::<i64>(c, "SELECT 1 AS value", &[])).map(drop),
            Engine::Postgres(server) => server.rows("SELECT 1", Vec::new()).await.map(drop),
        }
    }

    /// Whether each registered statement can be prepared here; the answers name those that cannot.
    pub async fn check_statements(&self) -> Vec<(&'static str, String)> {
        let mut failed = Vec::new();
        for statement in crate::REGISTRY {
            let outcome = match &self.0.engine {
                Engine::Sqlite(file) => file
                    .read(|c| c.prepare(statement.sqlite()).map(drop).map_err(Error::from))
                    .map_err(|e| e.to_string()),
                Engine::Postgres(server) => server.check(statement.text).await.map_err(|e| e.to_string()),
            };
            failed.extend(outcome.err().map(|error| (statement.name, error)));
        }
        failed
    }
}

impl Sql for Db {
    async fn one<T: FromRow>(&mut self, statement: &'static Statement, args: Args) -> Result<Option<T>> {
        Ok(self.all(statement, args).await?.into_iter().next())
    }

    async fn all<T: FromRow>(&mut self, statement: &'static Statement, args: Args) -> Result<Vec<T>> {
        self.note_plan(statement.text, &args).await?;
        match &self.0.engine {
            Engine::Sqlite(file) => file.read(|c| sqlite::query(c, statement.sqlite(), &args)),
            Engine::Postgres(server) => server.all(statement.text, params::bind(&args)?).await,
        }
    }

    async fn find<T: FromRow>(&mut self, filter: Where) -> Result<Vec<T>> {
        let (text, args) = filter.into_parts();
        self.note_plan(&text, &args).await?;
        match &self.0.engine {
            Engine::Sqlite(file) => {
                let text = crate::statement::for_sqlite(&text);
                blocking(|| file.read(|c| sqlite::query(c, &text, &args)))
            }
            Engine::Postgres(server) => server.find(&text, params::bind(&args)?).await,
        }
    }
}

/// Runs what may wait for the disk without holding up other tasks of this thread.
pub(crate) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

fn open_sqlite(path: &Path, options: &Options) -> Result<Arc<Sqlite>> {
    if options.read_only && !sqlite::exists(path) {
        return Err(Error::unavailable(format!("there is no database at {}", path.display())));
    }
    Sqlite::open(sqlite::Settings {
        path: path.to_owned(),
        synchronous: if options.lose_writes_at_power_loss { "NORMAL" } else { "FULL" },
        read_only: options.read_only,
    })
}

async fn connect_postgres(url: &str, options: &Options) -> Result<Arc<Postgres>> {
    let connections = if options.connections == 0 { 16 } else { options.connections };
    let server = Postgres::new(url, connections as usize)?;
    drop(server.pool.get().await?);
    Ok(Arc::new(server))
}

/// A lane has one transaction at a time; a second connection replaces one that was lost.
const LANE_CONNECTIONS: usize = 2;
