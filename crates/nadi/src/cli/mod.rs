//! The command line.
mod accounts;
mod audit;
mod doctor;
mod documents;
mod export;
mod import;
mod keys;
mod monitor;
mod serve;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use kernel::{App, Clock};

use crate::Settings;

/// Nadi keeps patients, wards, monitors and emergencies in one consented, audited record.
#[derive(Parser)]
#[command(name = "nadi", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve every documented API on one port.
    Serve(serve::Serve),
    /// Bring the database to this program's schema, and stop.
    Migrate(Place),
    /// Accounts.
    #[command(subcommand)]
    User(accounts::User),
    /// Open every edge and say what is wrong.
    Doctor(Place),
    /// Play a bedside recording in, as a monitor does.
    Monitor(monitor::Monitor),
    /// Register patients or doctors from a CSV file, or bring in what Apple Health exported.
    #[command(subcommand)]
    Import(import::Import),
    /// Write everything kept about a patient into a ZIP.
    Export(export::Export),
    /// The audit chain.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The keys that sign access tokens, and those that seal what is a patient's.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Print the OpenAPI document.
    Openapi,
    /// Print the settings as they are, or what each means.
    Config(documents::Config),
}

/// Which installation a command is about.
#[derive(Args, Clone, Default)]
pub struct Place {
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Place {
    /// The settings, with this command's flags over them.
    fn settings(&self) -> Result<Settings> {
        let mut settings = Settings::load()?;
        if let Some(data) = &self.data {
            settings.data.clone_from(data);
        }
        Ok(settings)
    }

    /// The program of this installation, opened for a command that works beside a server or without one. The first
    /// administrator is the server's to make.
    async fn app(&self) -> Result<App> {
        let mut settings = self.settings()?;
        start_log(&settings);
        (settings.admin_email, settings.admin_password) = (None, None);
        Ok(crate::open(&settings, Clock::system()).await?.app)
    }
}

/// Where a running server answers.
#[derive(Args, Clone)]
pub struct Server {
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    url: String,
}

/// Runs the command that the arguments name.
pub fn run() -> Result<ExitCode> {
    let cli = Cli::parse();
    // Printed documents need no runtime, no settings and no log.
    match &cli.command {
        Command::Openapi => return documents::openapi(),
        Command::Config(config) => return config.run(),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime")?;
    runtime.block_on(command(cli.command))
}

async fn command(command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve(serve) => serve.run().await,
        Command::Migrate(place) => doctor::migrate(&place).await,
        Command::User(user) => user.run().await,
        Command::Doctor(place) => doctor::run(&place).await,
        Command::Monitor(monitor) => monitor.run().await,
        Command::Import(import) => import.run().await,
        Command::Export(export) => export.run().await,
        Command::Audit(audit) => audit.run().await,
        Command::Keys(keys) => keys.run().await,
        Command::Openapi | Command::Config(_) => Ok(ExitCode::SUCCESS),
    }
}

/// Starts the log: JSON lines on standard error, or plain text when a person reads them.
fn start_log(settings: &Settings) {
    use std::io::IsTerminal as _;
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log).unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() { log.try_init() } else { log.json().try_init() };
    // A second start in the same process, as in tests, keeps the first.
    let _ = started;
}

/// Addresses are printed as a person would open them.
fn address(listen: SocketAddr) -> String {
    format!("http://{listen}")
}
