//! Look-ups by key that happen at the same moment, asked of PostgreSQL in one round trip.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::Arguments as _;
use sqlx::PgPool;
use sqlx::Row as _;
use sqlx::postgres::{PgArguments, PgRow};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::{Error, FromRow, Result, Row, Statement, postgres};

type Rows = Result<Vec<Arc<PgRow>>>;
type Ask = (Uuid, oneshot::Sender<Rows>);

/// One statement's queue.
#[derive(Clone)]
pub(crate) struct Loader(mpsc::Sender<Ask>);

/// Keys in one statement at most.
const BATCH: usize = 256;

impl Loader {
    pub fn of(known: &Mutex<HashMap<&'static str, Self>>, pool: &PgPool, statement: &'static Statement) -> Self {
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let loader = known.entry(statement.name).or_insert_with(|| Self::start(pool.clone(), statement));
        if loader.0.is_closed() {
            *loader = Self::start(pool.clone(), statement);
        }
        loader.clone()
    }

    fn start(pool: PgPool, statement: &'static Statement) -> Self {
        let (sender, mut queue) = mpsc::channel::<Ask>(4 * BATCH);
        tokio::spawn(async move {
            let mut asks = Vec::with_capacity(BATCH);
            while queue.recv_many(&mut asks, BATCH).await > 0 {
                let found = fetch(&pool, statement, asks.iter().map(|(key, _)| *key).collect()).await;
                for (key, answer) in asks.drain(..) {
                    // Whoever stopped waiting does not need the rows.
                    let _ = answer
                        .send(found.as_ref().map_err(Clone::clone).map(|f| f.get(&key).cloned().unwrap_or_default()));
                }
            }
        });
        Self(sender)
    }

    pub async fn load<T: FromRow>(&self, key: Uuid) -> Result<Vec<T>> {
        let (sender, answer) = oneshot::channel();
        self.0.send((key, sender)).await.map_err(|_| Error::unavailable("shutting down"))?;
        let rows = answer.await.map_err(|_| Error::unavailable("shutting down"))??;
        rows.iter().map(|row| T::from_row(&Row::Postgres(row))).collect()
    }
}

async fn fetch(
    pool: &PgPool,
    statement: &'static Statement,
    mut keys: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Arc<PgRow>>>> {
    keys.sort_unstable();
    keys.dedup();
    let mut arguments = PgArguments::default();
    arguments.add(keys).map_err(Error::from_boxed)?;
    let mut found: HashMap<Uuid, Vec<Arc<PgRow>>> = HashMap::new();
    for row in postgres::fetch(pool, statement.many(&[]), arguments).await? {
        found.entry(row.try_get("load_key")?).or_default().push(Arc::new(row));
    }
    Ok(found)
}
