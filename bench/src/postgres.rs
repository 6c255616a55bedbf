//! A fresh database for a run, on a PostgreSQL server that syncs what it commits.

use anyhow::{Context, Result, bail};
use tokio_postgres::{Client, NoTls};

/// A database that is dropped again by [`Fresh::remove`].
pub struct Fresh {
    server: String,
    name: String,
    pub url: String,
}

/// A connection; it ends with its client.
pub async fn connect(server: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.context("connecting to PostgreSQL")?;
    tokio::spawn(connection);
    Ok(client)
}

impl Fresh {
    pub async fn make(server: &str, purpose: &str) -> Result<Fresh> {
        let client = connect(server).await?;
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let value: String = client.query_one(&format!("SHOW {setting}"), &[]).await?.try_get(0)?;
            if value != "on" {
                bail!("PostgreSQL runs with {setting}={value}; a figure from such a server says nothing");
            }
        }
        let name = format!("nadi_bench_{purpose}_{}", std::process::id());
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        Ok(Fresh { server: server.to_owned(), url: with_database(server, &name), name })
    }

    pub async fn remove(self) -> Result<()> {
        let client = connect(&self.server).await?;
        Ok(client.batch_execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).await?)
    }
}

/// The same server and settings, another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, settings) = url.split_once('?').map_or((url, None), |(base, settings)| (base, Some(settings)));
    let host = base.find("://").map_or(0, |at| at + 3);
    let base = base[host..].find('/').map_or(base, |slash| &base[..host + slash]);
    match settings {
        Some(settings) => format!("{base}/{name}?{settings}"),
        None => format!("{base}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn only_the_database_of_an_address_changes() {
        assert_eq!(with_database("postgres://u:p@h:5433/old", "new"), "postgres://u:p@h:5433/new");
        assert_eq!(with_database("postgres://u@h", "new"), "postgres://u@h/new");
        assert_eq!(with_database("postgres:///old?host=/run", "new"), "postgres:///new?host=/run");
    }
}
