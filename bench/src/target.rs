//! Nadi on one engine, started on an empty data directory and furnished with a ward.

use crate::machine;
use crate::options::{Common, Engine};
use crate::postgres::Fresh;
use crate::server::{Recipe, Server};
use crate::ward::{Sizes, Ward};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// SQLite's write-ahead log is meant to stay at 64 MiB; half as much again is allowed before it counts as unbounded.
pub const WAL_LIMIT: u64 = 96 * 1024 * 1024;

pub struct Target {
    pub engine: Engine,
    pub recipe: Recipe,
    pub server: Server,
    pub ward: Arc<Ward>,
    pub sizes: Sizes,
    database: Option<Fresh>,
    keep: bool,
}

impl Target {
    pub async fn open(common: &Common, engine: Engine, patients: usize, purpose: &str) -> Result<Target> {
        if !common.nadi.exists() {
            bail!("{} does not exist; build it with cargo build --release -p nadi", common.nadi.display());
        }
        let data = machine::fresh_directory(&common.work, &format!("{purpose}-{}", engine.name()))?;
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Fresh::make(common.postgres_url()?, purpose).await?),
        };
        let recipe = Recipe::new(&common.nadi, &data, database.as_ref().map(|fresh| fresh.url.clone()))?;
        let mut server = recipe.start()?;
        server.wait_ready().await.with_context(|| format!("nadi on {}", engine.name()))?;
        let ward = Ward::open(server.listen, patients).await.context("preparing the ward")?;
        let sizes = ward.try_out(server.listen).await?;
        Ok(Target { engine, recipe, server, ward: Arc::new(ward), sizes, database, keep: common.keep })
    }

    pub fn wal(&self) -> Option<PathBuf> {
        (self.engine == Engine::Sqlite).then(|| self.recipe.data.join("nadi.db-wal"))
    }

    /// Stops the server and removes what it kept.
    pub async fn close(mut self) -> Result<()> {
        self.server.stop()?;
        if self.keep {
            return Ok(());
        }
        if let Some(database) = self.database {
            database.remove().await?;
        }
        std::fs::remove_dir_all(&self.recipe.data).context("removing the data directory")
    }
}

/// Watches how large a file becomes while something else happens.
pub struct SizeWatch {
    largest: Arc<AtomicU64>,
    done: Arc<AtomicBool>,
}

impl SizeWatch {
    pub fn start(path: PathBuf) -> SizeWatch {
        let watch = SizeWatch { largest: Arc::default(), done: Arc::default() };
        let (largest, done) = (watch.largest.clone(), watch.done.clone());
        std::thread::spawn(move || {
            while !done.load(Ordering::Relaxed) {
                let size = std::fs::metadata(&path).map(|data| data.len()).unwrap_or_default();
                largest.fetch_max(size, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        watch
    }

    pub fn largest(&self) -> u64 {
        self.largest.load(Ordering::Relaxed)
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
    }
}
