//! Migrations: one series of texts for both engines, each applied once and never changed after.
use crate::{Db, Error, Result, Sql as _, Tx, args};

/// One step of the schema. Steps are numbered from 1 without gaps.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    pub version: i64,
    pub name: &'static str,
    pub ddl: &'static str,
}

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version bigint NOT NULL PRIMARY KEY,
    name text NOT NULL,
    ddl text NOT NULL
);";

// Not registered through `sql!`: this crate names no table but its own ledger.
static APPLIED: crate::Statement =
    crate::Statement::new("APPLIED", "SELECT version, name, ddl FROM schema_migrations ORDER BY version");
static RECORD: crate::Statement =
    crate::Statement::new("RECORD", "INSERT INTO schema_migrations (version, name, ddl) VALUES ($1, $2, $3)");
// PostgreSQL only: two processes that start together migrate one after the other.
static LOCK: crate::Statement = crate::Statement::new("LOCK", "SELECT pg_advisory_xact_lock(7238461)::text AS value");

struct Applied {
    version: i64,
    name: String,
    ddl: String,
}
crate::from_row!(Applied { version, name, ddl });

impl Db {
    /// Applies what is missing, in one transaction, and tells how many steps that were. Refuses a database that is newer than this program or whose
    /// history differs from it.
    pub async fn migrate(&self, series: &[Migration]) -> Result<usize> {
        let mut tx = self.begin().await?;
        if !self.is_sqlite() {
            tx.all::<String>(&LOCK, args![]).await?;
        }
        tx.script(LEDGER).await?;
        let applied: Vec<Applied> = tx.all(&APPLIED, args![]).await?;
        refuse_other_history(&applied, series)?;
        let missing = &series[applied.len()..];
        for step in missing {
            apply(&mut tx, step).await?;
        }
        tx.commit().await?;
        Ok(missing.len())
    }
}

fn refuse_other_history(applied: &[Applied], series: &[Migration]) -> Result<()> {
    for (index, was) in applied.iter().enumerate() {
        let Some(step) = series.get(index) else {
            return Err(Error::internal(format!(
                "the database is at migration {} ({}), newer than this program knows; start the newer program",
                was.version, was.name
            )));
        };
        if (step.version, step.ddl) != (was.version, was.ddl.as_str()) {
            return Err(Error::internal(format!(
                "migration {} ({}) is not what was applied to this database",
                step.version, step.name
            )));
        }
    }
    Ok(())
}

async fn apply(tx: &mut Tx, step: &Migration) -> Result<()> {
    tx.script(step.ddl).await?;
    tx.run(&RECORD, args![step.version, step.name, step.ddl]).await?;
    tracing::info!(version = step.version, name = step.name, "migrated");
    Ok(())
}
