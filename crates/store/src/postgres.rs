//! PostgreSQL: connections, and how a statement is sent over one.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, QueueMode, RecyclingMethod, Runtime};
use futures::FutureExt as _;
use tokio_postgres::{Config, Statement};

use crate::answer::Answer;
use crate::params::{self, Params};
use crate::tls::Tls;
use crate::{Error, FromRow, PgRow, Result, Row};

/// A server's address, and the connections to it.
pub(crate) struct Postgres {
    config: Config,
    tls: Tls,
    pub pool: Pool,
}

/// How long a request waits for a connection, and a connection for its server.
const PATIENCE: Duration = Duration::from_secs(5);

impl Postgres {
    /// Connections are made when they are needed.
    pub fn new(url: &str, connections: usize) -> Result<Self> {
        let (address, tls) = Tls::of(url)?;
        let mut config: Config = address.parse().map_err(Error::from_address)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        Self::with(config, tls, connections)
    }

    fn with(config: Config, tls: Tls, connections: usize) -> Result<Self> {
        // A connection that was closed is replaced; asking one that seems open before each use would cost a round trip.
        let settings = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config.clone(), tls.connector(), settings);
        let pool = Pool::builder(manager).max_size(connections).runtime(Runtime::Tokio1).wait_timeout(Some(PATIENCE));
        // The driver's own limit ends with the connection; a server that then says nothing is waited for no longer either.
        let pool = pool.create_timeout(Some(PATIENCE));
        // The connection that was used last is the one whose server has its tables and plans at hand.
        let pool = pool.queue_mode(QueueMode::Lifo);
        let pool = pool.build().map_err(|error| Error::internal(error.to_string()))?;
        Ok(Self { config, tls, pool })
    }

    /// The same server through connections of their own: they belong to the runtime that made them.
    pub fn apart(&self, connections: usize) -> Result<Self> {
        Self::with(self.config.clone(), self.tls.clone(), connections)
    }

    /// Whether the text can be prepared.
    pub async fn check(&self, text: &str) -> Result<()> {
        self.pool.get().await?.prepare(text).await?;
        Ok(())
    }

    pub async fn rows(&self, text: &str, params: Params) -> Result<Vec<PgRow>> {
        fetch(&self.pool.get().await?, text, &params).await
    }

    pub async fn all<T: FromRow>(&self, text: &str, params: Params) -> Result<Vec<T>> {
        read(&self.rows(text, params).await?)
    }

    /// As [`all`](Self::all), for a text that is not kept prepared.
    pub async fn find<T: FromRow>(&self, text: &str, params: Params) -> Result<Vec<T>> {
        read(&find(&self.pool.get().await?, text, &params).await?)
    }
}

fn read<T: FromRow>(rows: &[PgRow]) -> Result<Vec<T>> {
    rows.iter().map(|row| T::from_row(&Row::Postgres(row))).collect()
}

async fn fetch(on: &Object, text: &str, params: &Params) -> Result<Vec<PgRow>> {
    let statement = on.prepare_typed_cached(text, &params::kinds(params)).await?;
    Ok(on.query(&statement, &params::each(params)).await?)
}

/// There are too many texts that are put together from filters to keep each of them prepared.
async fn find(on: &Object, text: &str, params: &Params) -> Result<Vec<PgRow>> {
    let (kinds, values) = (params::kinds(params), params::each(params));
    Ok(on.query_typed(text, &values.into_iter().zip(kinds).collect::<Vec<_>>()).await?)
}

/// A transaction on a connection of its own; rolls back when dropped.
pub(crate) struct Begun(Arc<Shared>);

/// What a transaction shares with its statements that are on their way.
struct Shared {
    on: Object,
    /// The last word was sent: a statement after it would stand outside the transaction.
    ended: AtomicBool,
    /// A statement failed: the server would answer COMMIT as if all were well, and roll back.
    failed: AtomicBool,
}

impl Shared {
    async fn prepared(&self, text: &str, params: &Params) -> Result<Statement> {
        let statement = self.on.prepare_typed_cached(text, &params::kinds(params)).await?;
        match self.ended.load(Ordering::Relaxed) {
            true => Err(Error::internal("the transaction has ended")),
            false => Ok(statement),
        }
    }
}

impl Begun {
    /// The word that begins goes with the first statement.
    pub async fn on(server: &Postgres) -> Result<Self> {
        let on = server.pool.get().await?;
        let begun = Self(Arc::new(Shared { on, ended: AtomicBool::new(false), failed: AtomicBool::new(false) }));
        // Nobody waits for its answer: it fails only with its connection, and then so does what follows.
        drop(begun.0.on.batch_execute("BEGIN").now_or_never());
        Ok(begun)
    }

    /// Sends a statement and answers its rows, collected as the caller wants them.
    pub fn all<T: FromRow, C: FromIterator<T> + Send + 'static>(
        &self,
        text: &'static str,
        params: Result<Params>,
    ) -> Answer<C> {
        let shared = self.0.clone();
        self.send(async move {
            let params = params?;
            let statement = shared.prepared(text, &params).await?;
            let rows = shared.on.query(&statement, &params::each(&params)).await?;
            rows.iter().map(|row| T::from_row(&Row::Postgres(row))).collect()
        })
    }

    /// Sends a statement and answers how many rows it touched, as the caller wants to hear it.
    pub fn run<T: Send + 'static>(&self, text: &'static str, params: Result<Params>, told: fn(u64) -> T) -> Answer<T> {
        let shared = self.0.clone();
        self.send(async move {
            let params = params?;
            let statement = shared.prepared(text, &params).await?;
            Ok(told(shared.on.execute(&statement, &params::each(&params)).await?))
        })
    }

    fn send<T: Send + 'static>(&self, work: impl Future<Output = Result<T>> + Send + 'static) -> Answer<T> {
        let shared = self.0.clone();
        Answer::send(async move { work.await.inspect_err(|_| shared.failed.store(true, Ordering::Relaxed)) })
    }

    pub async fn find<T: FromRow>(&self, text: &str, params: Params) -> Result<Vec<T>> {
        let found = find(&self.0.on, text, &params).await;
        read(&found.inspect_err(|_| self.0.failed.store(true, Ordering::Relaxed))?)
    }

    /// Runs several statements without values.
    pub async fn script(&self, text: &str) -> Result<()> {
        let done = self.0.on.batch_execute(text).await;
        Ok(done.inspect_err(|_| self.0.failed.store(true, Ordering::Relaxed))?)
    }

    pub async fn commit(self) -> Result<()> {
        if self.0.failed.load(Ordering::Relaxed) {
            return Err(Error::internal("a statement of the transaction failed"));
        }
        self.0.ended.store(true, Ordering::Relaxed);
        Ok(self.0.on.batch_execute("COMMIT").await?)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if !self.0.ended.swap(true, Ordering::Relaxed) {
            // Sent and not waited for: whoever gets the connection next stands behind it.
            drop(self.0.on.batch_execute("ROLLBACK").now_or_never());
        }
    }
}
