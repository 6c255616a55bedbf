//! A transaction: statements, what must be written before it commits, and what may happen only after.
use std::any::{Any, TypeId};
use std::collections::HashSet;
use std::pin::Pin;

use rusqlite::Connection;
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use crate::answer::Answer;
use crate::db::{Engine, blocking};
use crate::postgres::Begun;
use crate::{Args, Db, Error, FromRow, Result, Sql, Statement, Value, Where, params, plan, sqlite};

/// A transaction that may write. Dropped without [`commit`](Tx::commit), it is rolled back.
pub struct Tx {
    inner: Open,
    pending: Vec<(TypeId, u8, Box<dyn AnyPending>)>,
    after: Vec<Box<dyn FnOnce() + Send>>,
    held: Vec<Box<dyn Any + Send>>,
    /// What was sent and is not needed before the end.
    later: Vec<Answer<()>>,
    /// Where plans are kept, in tests that asked for them before this began.
    noting: Option<Db>,
}

enum Open {
    Sqlite(Writer),
    Postgres(Begun),
    Done,
}

/// Work collected during a transaction and written once, at its end. Lower `ORDER` goes first, the same in every
/// transaction, so that two of them never wait for each other's rows.
pub trait Pending: Default + Send + 'static {
    const ORDER: u8;
    fn flush(self, tx: &mut Tx) -> impl Future<Output = Result<()>> + Send;
}

/// The future of a flush.
pub type Flush<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

trait AnyPending: Send {
    fn as_any(&mut self) -> &mut dyn Any;
    fn flush<'a>(self: Box<Self>, tx: &'a mut Tx) -> Flush<'a>;
}
impl<P: Pending> AnyPending for P {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
    fn flush<'a>(self: Box<Self>, tx: &'a mut Tx) -> Flush<'a> {
        Box::pin(P::flush(*self, tx))
    }
}

impl Tx {
    pub(crate) async fn begin(db: &Db) -> Result<Self> {
        let inner = match &db.0.engine {
            Engine::Sqlite(file) => Open::Sqlite(Writer::begin(file.writer.clone().lock_owned().await)?),
            Engine::Postgres(server) => Open::Postgres(Begun::on(server).await?),
        };
        let noting = db.0.plans.want("SELECT").then(|| db.clone());
        Ok(Self { inner, pending: Vec::new(), after: Vec::new(), held: Vec::new(), later: Vec::new(), noting })
    }

    async fn note_plan(&mut self, text: &str, args: &[Value]) -> Result<()> {
        let Some(db) = self.noting.as_ref().filter(|db| db.0.plans.want(text)) else { return Ok(()) };
        db.0.plans.keep(match &mut self.inner {
            Open::Sqlite(writer) => plan::of_sqlite(&writer.0, text, args)?,
            Open::Postgres(tx) => plan::of_postgres(text, tx.find(&plan::explained(text), params::bind(args)?).await?),
            Open::Done => return Err(finished()),
        });
        Ok(())
    }

    /// Runs a statement and tells how many rows it touched.
    #[allow(clippy::needless_pass_by_value)] // As for every other statement: they are made for the call.
    pub fn run(&mut self, statement: &'static Statement, args: Args) -> Answer<u64> {
        match &mut self.inner {
            Open::Sqlite(writer) => Answer::known(sqlite::execute(&writer.0, statement.sqlite(), &args)),
            Open::Postgres(tx) => tx.run(statement.text, params::bind(&args), |touched| touched),
            Open::Done => Answer::known(Err(finished())),
        }
    }

    /// Runs `INSERT … VALUES ($1, …, $n) …` once a row. PostgreSQL gets all rows in one statement, so no two of them may
    /// meet in one `ON CONFLICT DO UPDATE`.
    pub fn run_each(&mut self, statement: &'static Statement, rows: &[Args]) -> Answer<()> {
        match (&mut self.inner, rows.first()) {
            (Open::Done, _) => Answer::known(Err(finished())),
            (_, None) => Answer::known(Ok(())),
            (Open::Sqlite(writer), _) => {
                Answer::known(sqlite::execute_each(&writer.0, statement.silent(), rows).map(drop))
            }
            (Open::Postgres(tx), Some(first)) => tx.run(statement.many(first), params::bind_columns(rows), drop),
        }
    }

    /// As [`run_each`](Tx::run_each); whether it succeeded is known when the transaction commits, or fails to.
    pub fn run_later(&mut self, statement: &'static Statement, rows: &[Args]) {
        let answer = self.run_each(statement, rows);
        self.later.push(answer);
    }

    /// Adds the rows that are not there yet and answers their ids: `INSERT … ON CONFLICT DO NOTHING RETURNING id AS value`,
    /// where `id` is the row's value at `place`.
    pub fn add_each(&mut self, statement: &'static Statement, rows: &[Args], place: usize) -> Answer<HashSet<Uuid>> {
        match (&mut self.inner, rows.first()) {
            (Open::Done, _) => Answer::known(Err(finished())),
            (_, None) => Answer::known(Ok(HashSet::new())),
            (Open::Sqlite(writer), _) => Answer::known(sqlite::add_each(&writer.0, statement.silent(), rows, place)),
            (Open::Postgres(tx), Some(first)) => tx.all::<Uuid, _>(statement.many(first), params::bind_columns(rows)),
        }
    }

    /// As [`run_each`](Tx::run_each), with the rows of its `RETURNING` clause.
    pub fn all_rows<T: FromRow>(&mut self, statement: &'static Statement, rows: &[Args]) -> Answer<Vec<T>> {
        match (&mut self.inner, rows.first()) {
            (Open::Done, _) => Answer::known(Err(finished())),
            (_, None) => Answer::known(Ok(Vec::new())),
            (Open::Sqlite(writer), _) => Answer::known(sqlite::query_each(&writer.0, statement.sqlite(), rows)),
            (Open::Postgres(tx), Some(first)) => tx.all::<T, _>(statement.many(first), params::bind_columns(rows)),
        }
    }

    /// The rows of many keys: the statement filters by `= $1`, and PostgreSQL gets all keys in one statement.
    pub fn all_each<T: FromRow>(&mut self, statement: &'static Statement, keys: &[Uuid]) -> Answer<Vec<T>> {
        let rows: Vec<Args> = keys.iter().map(|key| crate::args![*key]).collect();
        self.all_rows(statement, &rows)
    }

    /// What this transaction will write at its end, of one type.
    pub fn pending<P: Pending>(&mut self) -> &mut P {
        let id = TypeId::of::<P>();
        let at = self.pending.iter().position(|(known, ..)| *known == id).unwrap_or_else(|| {
            self.pending.push((id, P::ORDER, Box::<P>::default()));
            self.pending.len() - 1
        });
        match self.pending[at].2.as_mut().as_any().downcast_mut() {
            Some(pending) => pending,
            None => unreachable!("entries are found by their type"),
        }
    }

    /// Does something once this transaction is durable, and never otherwise.
    pub fn after_commit(&mut self, work: impl FnOnce() + Send + 'static) {
        self.after.push(Box::new(work));
    }

    /// Keeps a turn or a permit until this transaction has ended.
    pub fn hold(&mut self, permit: impl Any + Send) {
        self.held.push(Box::new(permit));
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.inner, Open::Sqlite(_))
    }

    /// Makes everything durable, or nothing.
    pub async fn commit(mut self) -> Result<()> {
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_by_key(|(_, order, _)| *order);
        for (_, _, work) in pending {
            work.flush(&mut self).await?;
        }
        for answer in self.later.drain(..) {
            answer.await?;
        }
        match std::mem::replace(&mut self.inner, Open::Done) {
            Open::Sqlite(writer) => blocking(|| writer.commit())?,
            Open::Postgres(tx) => tx.commit().await?,
            Open::Done => return Err(finished()),
        }
        self.after.drain(..).for_each(|work| work());
        Ok(())
    }

    /// Runs a whole script, as migrations are.
    pub(crate) async fn script(&mut self, ddl: &str) -> Result<()> {
        match &mut self.inner {
            Open::Sqlite(writer) => Ok(writer.0.execute_batch(&crate::ddl::for_sqlite(ddl))?),
            Open::Postgres(tx) => tx.script(ddl).await,
            Open::Done => Err(finished()),
        }
    }
}

impl Sql for Tx {
    async fn one<T: FromRow>(&mut self, statement: &'static Statement, args: Args) -> Result<Option<T>> {
        Ok(self.all(statement, args).await?.into_iter().next())
    }

    async fn all<T: FromRow>(&mut self, statement: &'static Statement, args: Args) -> Result<Vec<T>> {
        self.note_plan(statement.text, &args).await?;
        match &mut self.inner {
            Open::Sqlite(writer) => sqlite::query(&writer.0, statement.sqlite(), &args),
            Open::Postgres(tx) => tx.all::<T, _>(statement.text, params::bind(&args)).await,
            Open::Done => Err(finished()),
        }
    }

    async fn find<T: FromRow>(&mut self, filter: Where) -> Result<Vec<T>> {
        let (text, args) = filter.into_parts();
        self.note_plan(&text, &args).await?;
        match &mut self.inner {
            Open::Sqlite(writer) => sqlite::query(&writer.0, &crate::statement::for_sqlite(&text), &args),
            Open::Postgres(tx) => tx.find(&text, params::bind(&args)?).await,
            Open::Done => Err(finished()),
        }
    }
}

fn finished() -> Error {
    Error::internal("the transaction has ended")
}

/// The SQLite writer inside a transaction; rolls back when dropped.
struct Writer(OwnedMutexGuard<Connection>);

impl Writer {
    fn begin(guard: OwnedMutexGuard<Connection>) -> Result<Self> {
        // IMMEDIATE takes the write lock now: a deferred transaction that reads first would fail with BUSY.
        guard.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(Self(guard))
    }

    fn commit(self) -> Result<()> {
        self.0.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.0.is_autocommit()
            && let Err(error) = self.0.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "rollback failed");
        }
    }
}

const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<Tx>();
};
