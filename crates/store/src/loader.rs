//! Look-ups by key that happen at the same moment, asked of PostgreSQL in one round trip.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::postgres::Postgres;
use crate::{Args, Bind as _, Error, FromRow, PgRow, Result, Row, Statement, params};

type Rows = Result<Vec<Arc<PgRow>>>;
type Ask = (Uuid, oneshot::Sender<Rows>);

/// One statement's queue.
#[derive(Clone)]
pub(crate) struct Loader(mpsc::Sender<Ask>);

/// Keys in one statement at most.
const BATCH: usize = 256;

impl Loader {
    pub fn of(
        known: &Mutex<HashMap<&'static str, Self>>,
        server: &Arc<Postgres>,
        statement: &'static Statement,
    ) -> Self {
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let loader = known.entry(statement.name).or_insert_with(|| Self::start(server.clone(), statement));
        if loader.0.is_closed() {
            *loader = Self::start(server.clone(), statement);
        }
        loader.clone()
    }

    fn start(server: Arc<Postgres>, statement: &'static Statement) -> Self {
        let (sender, mut queue) = mpsc::channel::<Ask>(4 * BATCH);
        tokio::spawn(async move {
            let mut asks = Vec::with_capacity(BATCH);
            while queue.recv_many(&mut asks, BATCH).await > 0 {
                let found = fetch(&server, statement, asks.iter().map(|(key, _)| *key).collect()).await;
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
    server: &Postgres,
    statement: &'static Statement,
    mut keys: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Arc<PgRow>>>> {
    keys.sort_unstable();
    keys.dedup();
    let rows: Vec<Args> = keys.into_iter().map(|key| vec![key.bind()]).collect();
    let mut found: HashMap<Uuid, Vec<Arc<PgRow>>> = HashMap::new();
    for row in server.rows(statement.many(&[]), params::bind_columns(&rows)?).await? {
        found.entry(row.try_get("load_key")?).or_default().push(Arc::new(row));
    }
    Ok(found)
}
