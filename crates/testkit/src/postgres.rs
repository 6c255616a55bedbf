//! A PostgreSQL database for one test, copied from one that was migrated once.
#![allow(clippy::disallowed_methods)] // A test asks the environment where its server is.
use store::Db;
use tokio::sync::OnceCell;

/// Dropped with the test.
pub struct Database {
    pub url: String,
    name: String,
    server: String,
}

fn server() -> Option<String> {
    std::env::var("NADI_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// The same server, another database.
fn with_database(server: &str, name: &str) -> String {
    let (front, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{front}/{name}")
}

async fn run(server: &str, statement: String) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await?;
    let (done, _) = tokio::join!(
        async move {
            // Moved in, so that the connection ends with it.
            let client = client;
            client.batch_execute(&statement).await
        },
        connection
    );
    done
}

/// One template for each test process; copying it is quicker than migrating again.
async fn template(server: &str) -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let make = || async {
        let name = format!("nadi_template_{}", std::process::id());
        run(server, format!("DROP DATABASE IF EXISTS {name}")).await.expect("an old template goes");
        run(server, format!("CREATE DATABASE {name}")).await.expect("a template database");
        let db =
            Db::open(&with_database(server, &name), &store::Options { connections: 1, ..Default::default() }).await;
        let db = db.expect("the template opens");
        db.migrate(nadi::SERIES).await.expect("the template migrates");
        db.close().await;
        name
    };
    TEMPLATE.get_or_init(make).await.clone()
}

impl Database {
    /// A new database; `None` when no server is named.
    pub async fn create() -> Option<Self> {
        let server = server()?;
        let template = template(&server).await;
        let name = format!("nadi_test_{}", kernel::ids::secret().simple());
        for attempt in 0..50 {
            // Copies of one template are made one at a time; the server refuses a second meanwhile.
            match run(&server, format!("CREATE DATABASE {name} TEMPLATE {template}")).await {
                Ok(()) => break,
                Err(error) if attempt == 49 => panic!("no test database: {error}"),
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            }
        }
        Some(Self { url: with_database(&server, &name), name, server })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, statement) = (self.server.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // Drop cannot wait; the database goes in the background, or with the throw-away server.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = run(&server, statement).await;
            });
        }
    }
}
