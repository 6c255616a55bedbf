//! `nadi serve`.
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use kernel::{App, Clock};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Place;
use crate::{Opened, Settings, demo, http, private};

#[derive(Args)]
pub struct Serve {
    /// Address and port; 127.0.0.1:8000 unless the settings say otherwise.
    #[arg(long)]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    place: Place,
    /// Services to serve, with commas between; all when left out.
    #[arg(long, value_delimiter = ',')]
    services: Vec<String>,
    /// Fill a small hospital with simulated monitors, in a data directory of its own.
    #[arg(long)]
    demo: bool,
}

/// How long open requests may take to finish once the server is told to stop.
const GRACE: Duration = Duration::from_secs(5);
/// How long WebSockets may take besides to say that they end.
const LAST_WORDS: Duration = Duration::from_secs(1);
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

impl Serve {
    pub async fn run(self) -> Result<ExitCode> {
        let settings = self.settings()?;
        super::start_log(&settings);
        let _lock = lock(&settings)?;
        let Opened { app, services, made } = crate::open(&settings, Clock::system()).await?;
        if !made.is_empty() {
            eprintln!(
                "made new keys: {}\nback them up: without the master key nothing sealed can be opened",
                made.join(", ")
            );
        }
        let listener = TcpListener::bind(settings.listen)
            .await
            .with_context(|| format!("cannot listen on {}", settings.listen))?;
        let address = listener.local_addr()?;
        for service in &services {
            (service.work)(&app).into_iter().for_each(|task| drop(tokio::spawn(task)));
        }
        tokio::spawn(sweep(app.clone()));
        let limits = http::Limits { body: settings.max_body_bytes, trust_proxy: settings.trust_proxy };
        let router = http::router(&app, &services, limits);
        // Before anybody is let in: whoever asks whether the server is ready finds everything there.
        let filled = match self.demo {
            true => Some(demo::fill_once(&app, &settings, router.clone()).await?),
            false => None,
        };
        let (stop, stopped) = watch::channel(false);
        let (connections, patience) = (settings.max_connections, http::Patience::default());
        let serving = tokio::spawn(http::serve(listener, router, connections, patience, until(stopped.clone())));
        let streams = app.edge::<access::Streams>().clone();
        tokio::spawn(async move {
            told_to_stop().await;
            // Streams end by themselves, so that those who follow them know to come back.
            streams.stop();
            stop.send_replace(true);
        });
        let base = super::address(address);
        eprintln!("nadi is serving on {base} (documents at {base}/docs)");
        if let Some(filled) = filled {
            demo::start(&base, filled);
        }
        tokio::select! {
            done = serving => done.context("serving")?,
            () = async { until(stopped).await; tokio::time::sleep(GRACE).await } => {}
        }
        let _ = tokio::time::timeout(LAST_WORDS, app.edge::<access::Streams>().all_ended()).await;
        jobs::stop(&app).await;
        Ok(ExitCode::SUCCESS)
    }

    fn settings(&self) -> Result<Settings> {
        let mut settings = self.place.settings()?;
        if let Some(listen) = self.listen {
            settings.listen = listen;
        }
        if !self.services.is_empty() {
            settings.services.clone_from(&self.services);
        }
        if self.demo {
            if settings.production || settings.database_url.is_some() {
                bail!(
                    "--demo makes up patients: it keeps to a data directory of its own and runs neither in production nor over DATABASE_URL"
                );
            }
            if self.place.data.is_none() {
                settings.data = "./demo-data".into();
            }
            demo::refuse_real_data(&settings)?;
        }
        Ok(settings)
    }
}

/// Two servers over one SQLite file would not hear each other's events, so the second refuses to start.
pub fn lock(settings: &Settings) -> Result<Option<File>> {
    if !settings.uses_sqlite() {
        return Ok(None);
    }
    settings.make_data_directory()?;
    let path = settings.data.join("nadi.lock");
    let file = private::file(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            bail!("another nadi serves {}; set DATABASE_URL to a PostgreSQL to run several", settings.data.display())
        }
        Err(TryLockError::Error(error)) => Err(error).context("the data directory cannot be locked"),
    }
}

async fn sweep(app: App) {
    loop {
        if let Err(error) = http::sweep(&app, app.clock().now()).await {
            tracing::warn!(%error, "old idempotency keys were not swept");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that nobody can say stop any more, which stops as well.
    let _ = stopped.wait_for(|stop| *stop).await;
}

async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupted => {}, _ = terminated.recv() => {} }
            return;
        }
    }
    let _ = interrupted.await;
}
