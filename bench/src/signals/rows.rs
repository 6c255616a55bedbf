//! The other design, for comparison: every point sealed by itself in a row of its own, many requests to a transaction.
use anyhow::{Context, Result};
use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::machine;
use crate::options::{Common, Engine, Rows};
use crate::postgres::{self, Fresh};
use crate::server::Server;

/// A sync, read as far as both comparisons need it.
#[derive(Deserialize)]
pub struct Sync<'a> {
    patient_id: Uuid,
    #[serde(borrow)]
    data_points: Vec<Point<'a>>,
}

#[derive(Deserialize)]
struct Point<'a> {
    metric_type: &'a str,
    value: f64,
    unit: &'a str,
    timestamp: DateTime<Utc>,
}

/// What a handler does that only parses: as many ids as there are points, and nothing kept.
pub async fn parse_only(body: Bytes) -> Result<(StatusCode, Json<Value>), StatusCode> {
    let sync: Sync<'_> = serde_json::from_slice(&body).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    Ok((StatusCode::CREATED, Json(answer(&sync))))
}

/// As long as the answer that the document prints.
fn answer(sync: &Sync<'_>) -> Value {
    let device = sync.patient_id.simple().to_string();
    let id = |point: &Point<'_>| {
        debug_assert!(!point.metric_type.is_empty() && !point.unit.is_empty() && point.value.is_finite());
        format!("{device}.1.{}.0", point.timestamp.timestamp_micros())
    };
    let ids: Vec<String> = sync.data_points.iter().map(id).collect();
    json!({"status": "success", "synced_count": ids.len(), "inserted_ids": ids})
}

/// A sealed point on its way to the disk: patient, time, ciphertext.
type Row = (Uuid, i64, Vec<u8>);
type Queued = (Vec<Row>, oneshot::Sender<()>);

#[derive(Clone)]
struct Keeper {
    cipher: Arc<RandomizedNonceKey>,
    queue: mpsc::Sender<Queued>,
}

async fn keep(State(keeper): State<Keeper>, body: Bytes) -> Result<(StatusCode, Json<Value>), StatusCode> {
    let sync: Sync<'_> = serde_json::from_slice(&body).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    let failed = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let mut rows = Vec::with_capacity(sync.data_points.len());
    for point in &sync.data_points {
        let mut sealed = point.value.to_le_bytes().to_vec();
        let place = Aad::from(sync.patient_id.into_bytes());
        let nonce = keeper.cipher.seal_in_place_append_tag(place, &mut sealed).map_err(failed)?;
        sealed.extend_from_slice(nonce.as_ref());
        rows.push((sync.patient_id, point.timestamp.timestamp_micros(), sealed));
    }
    let (told, durable) = oneshot::channel();
    keeper.queue.send((rows, told)).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    durable.await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok((StatusCode::CREATED, Json(answer(&sync))))
}

const TABLE: &str = "CREATE TABLE points (patient_id {uuid} NOT NULL, at bigint NOT NULL, sealed {bytes} NOT NULL, PRIMARY KEY (patient_id, at))";
/// Requests in one transaction at most.
const GROUP: usize = 64;

pub fn serve(options: &Rows) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    runtime.block_on(async {
        let (queue, waiting) = mpsc::channel(GROUP);
        let key = RandomizedNonceKey::new(&AES_256_GCM, &[7; 32]).context("a key")?;
        let keeper = Keeper { cipher: Arc::new(key), queue };
        match options.database.starts_with("postgres") {
            true => tokio::spawn(keep_in_postgres(options.database.clone(), waiting)),
            false => tokio::task::spawn_blocking({
                let path = options.database.clone();
                move || keep_in_sqlite(&path, waiting)
            }),
        };
        let router = Router::new()
            .route(super::batch::PATH, post(keep))
            .route("/ready", get(|| async { StatusCode::OK }))
            .with_state(keeper);
        let listener = tokio::net::TcpListener::bind(options.listen).await.context("listening")?;
        axum::serve(listener, router).await.context("serving")
    })
}

/// Whoever has hung up meanwhile is told nothing.
fn tell(group: &mut Vec<Queued>) {
    for (_, told) in group.drain(..) {
        let _ = told.send(());
    }
}

fn keep_in_sqlite(path: &str, mut waiting: mpsc::Receiver<Queued>) -> Result<()> {
    let mut file = rusqlite::Connection::open(path)?;
    file.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    file.execute_batch(&format!("{} WITHOUT ROWID", TABLE.replace("{uuid}", "blob").replace("{bytes}", "blob")))?;
    let mut group = Vec::new();
    while waiting.blocking_recv_many(&mut group, GROUP) > 0 {
        let tx = file.transaction()?;
        {
            let mut insert = tx.prepare_cached("INSERT INTO points VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
            for (patient, at, sealed) in group.iter().flat_map(|(rows, _): &Queued| rows) {
                insert.execute((patient.as_bytes().as_slice(), at, sealed))?;
            }
        }
        tx.commit()?;
        tell(&mut group);
    }
    Ok(())
}

async fn keep_in_postgres(url: String, mut waiting: mpsc::Receiver<Queued>) -> Result<()> {
    let server = postgres::connect(&url).await?;
    server.batch_execute(&TABLE.replace("{uuid}", "uuid").replace("{bytes}", "bytea")).await?;
    let insert =
        "INSERT INTO points SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::bytea[]) ON CONFLICT DO NOTHING";
    let insert = server.prepare(insert).await?;
    let mut group = Vec::new();
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let rows: Vec<&Row> = group.iter().flat_map(|(rows, _): &Queued| rows).collect();
        let patients: Vec<_> = rows.iter().map(|row| row.0).collect();
        let times: Vec<_> = rows.iter().map(|row| row.1).collect();
        let sealed: Vec<_> = rows.iter().map(|row| &row.2).collect();
        server.execute(&insert, &[&patients, &times, &sealed]).await?;
        tell(&mut group);
    }
    Ok(())
}

/// The comparison running on one engine.
pub struct Running {
    pub server: Server,
    database: Option<Fresh>,
    directory: PathBuf,
}

pub async fn start(common: &Common, engine: Engine) -> Result<Running> {
    let directory = machine::fresh_directory(&common.work, &format!("signals-rows-{}", engine.name()))?;
    let database = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Fresh::make(common.postgres_url()?, "signals_rows").await?),
    };
    let file = directory.join("rows.db").to_string_lossy().into_owned();
    let mut server = Server::start_rows(database.as_ref().map_or(&file, |fresh| &fresh.url))?;
    server.wait_ready().await?;
    Ok(Running { server, database, directory })
}

impl Running {
    pub async fn close(mut self) -> Result<()> {
        self.server.kill()?;
        if let Some(database) = self.database {
            database.remove().await?;
        }
        std::fs::remove_dir_all(&self.directory).context("removing the data directory")
    }
}
