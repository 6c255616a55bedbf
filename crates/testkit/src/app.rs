//! A server for one test, on a database of its own.
use std::sync::Arc;

use kernel::{App, Clock};
use nadi::{Opened, Settings, http};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;

use crate::{Client, postgres};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A running server, its clock in the test's hands.
#[derive(Clone)]
pub struct TestApp {
    pub app: App,
    /// Stands still until it is advanced.
    pub clock: Clock,
    pub base: String,
    pub engine: Engine,
    pub settings: Settings,
    pub(crate) admin: Arc<OnceCell<Client>>,
    _data: Arc<tempfile::TempDir>,
    _database: Option<Arc<postgres::Database>>,
}

/// Runs a test on both engines. Without a PostgreSQL in `NADI_TEST_POSTGRES` it says so and runs on SQLite alone.
pub async fn both<F: Future<Output = ()>>(test: impl Fn(TestApp) -> F) {
    on(Engine::Sqlite, &test).await;
    on(Engine::Postgres, &test).await;
}

/// As [`both`], on servers whose settings are changed.
pub async fn both_with<F: Future<Output = ()>>(change: impl Fn(&mut Settings), test: impl Fn(TestApp) -> F) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        on_with(engine, &change, &test).await;
    }
}

/// Runs a test on one engine.
pub async fn on<F: Future<Output = ()>>(engine: Engine, test: impl Fn(TestApp) -> F) {
    on_with(engine, |_| {}, test).await;
}

/// As [`on`], on a server whose settings are changed.
pub async fn on_with<F: Future<Output = ()>>(
    engine: Engine,
    change: impl Fn(&mut Settings),
    test: impl Fn(TestApp) -> F,
) {
    match TestApp::start_with(engine, change).await {
        Some(app) => {
            eprintln!("on {engine:?}");
            // A test that uses one member alone takes no more than that; the database must outlive it all the same.
            let _kept = app.clone();
            test(app).await;
        }
        None => eprintln!("no PostgreSQL in NADI_TEST_POSTGRES: this test ran on SQLite alone"),
    }
}

pub(crate) const ADMIN: (&str, &str) = ("admin@example.org", "correct-horse-battery");

impl TestApp {
    /// Starts a server; `None` when the engine is not there.
    pub async fn start(engine: Engine) -> Option<Self> {
        Self::start_with(engine, |_| {}).await
    }

    /// As [`start`](Self::start), with changed settings.
    pub async fn start_with(engine: Engine, change: impl Fn(&mut Settings)) -> Option<Self> {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Arc::new(postgres::Database::create().await?)),
        };
        let data = tempfile::tempdir().expect("a temporary directory");
        let mut settings = Settings {
            data: data.path().to_owned(),
            database_url: database.as_ref().map(|d| d.url.clone().into()),
            admin_email: Some(ADMIN.0.to_owned()),
            admin_password: Some(ADMIN.1.into()),
            database_connections: 8,
            // All people of a test come from one address.
            login_tries_per_address: 100_000,
            // The clock stands still, so that no bucket would fill again.
            reads_per_minute: 0,
            writes_per_minute: 0,
            readings_per_minute: 0,
            exports_per_minute: 0,
            anonymous_per_minute: 0,
            streams_per_account: 0,
            registrations_per_hour: 0,
            ..Settings::default()
        };
        change(&mut settings);
        let clock = Clock::stopped_at(Clock::system().now());
        let (app, base) = open(&settings, &clock).await;
        let (admin, _data) = (Arc::default(), Arc::new(data));
        Some(Self { app, clock, base, engine, settings, admin, _data, _database: database })
    }

    /// A second server over the same database, as another process is, with settings of its own.
    pub async fn beside(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.settings.clone();
        change(&mut settings);
        let (app, base) = open(&settings, &self.clock).await;
        Self { app, base, settings, admin: Arc::default(), ..self.clone() }
    }

    /// Somebody who has not signed in.
    pub fn client(&self) -> Client {
        Client::new(&self.base)
    }

    /// The first administrator.
    pub async fn admin(&self) -> Client {
        self.admin.get_or_init(|| async { self.client().login(ADMIN.0, ADMIN.1).await }).await.clone()
    }
}

/// Opens the program and serves it; answers it, and where it is.
async fn open(settings: &Settings, clock: &Clock) -> (App, String) {
    let Opened { app, services, .. } = nadi::open(settings, clock.clone()).await.expect("the program opens");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    for service in &services {
        (service.work)(&app).into_iter().for_each(|task| drop(tokio::spawn(task)));
    }
    let limits = http::Limits { body: settings.max_body_bytes, trust_proxy: settings.trust_proxy };
    let router = http::router(&app, &services, limits);
    let patience = http::Patience::default();
    tokio::spawn(http::serve(listener, router, settings.max_connections, patience, std::future::pending()));
    (app, base)
}
