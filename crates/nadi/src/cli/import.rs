//! `nadi import`: registers patients or doctors from a CSV file, a row a registration, over HTTP as a front desk does; and
//! brings in what Apple Health exported, as a phone does.
#![allow(clippy::disallowed_methods)] // The password is asked of the environment, where no other user sees it.
mod apple;
mod apple_xml;
mod cells;
mod columns;
mod progress;
mod report;
mod rows;
mod sender;
mod session;
mod twice;

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use futures::StreamExt as _;

use self::cells::Dates;
use self::columns::Plan;
use self::progress::Progress;
use self::report::Report;
use self::sender::{Outcome, Sender};
use self::session::Session;
use self::twice::Taken;
use super::Server;

/// What is brought in.
#[derive(Subcommand)]
pub enum Import {
    /// Register patients, a row each.
    Patients(Rows),
    /// Register doctors, a row each.
    Doctors(Rows),
    /// Bring in what a patient's Apple Health exported.
    AppleHealth(apple::AppleHealth),
}

impl Import {
    pub async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Patients(rows) => Rows { kind: Kind::Patients, ..rows }.run().await,
            Self::Doctors(rows) => Rows { kind: Kind::Doctors, ..rows }.run().await,
            Self::AppleHealth(export) => export.run().await,
        }
    }
}

#[derive(Args)]
pub struct Rows {
    #[arg(skip)]
    kind: Kind,
    /// A CSV file in UTF-8, its header named as the members of a registration.
    file: PathBuf,
    /// Check every row on the server and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Where to write what became of each row; beside the file when left out.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Rows that are under way at once.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    concurrency: u16,
    /// Read 17/05/1980 as the 17th of May.
    #[arg(long)]
    day_first: bool,
    #[command(flatten)]
    signing_in: SigningIn,
}

/// As whom, and where.
#[derive(Args)]
pub struct SigningIn {
    /// An access token. It ends with its session, 30 minutes after the sign-in.
    #[arg(long, env = "NADI_TOKEN", hide_env_values = true, required_unless_present = "login")]
    token: Option<String>,
    /// Sign in with this name, again when the token has run out. The password comes from NADI_PASSWORD, or else from standard
    /// input.
    #[arg(long)]
    login: Option<String>,
    #[command(flatten)]
    server: Server,
}

impl SigningIn {
    fn base(&self) -> String {
        self.server.url.trim_end_matches('/').to_owned()
    }

    async fn session(&self) -> Result<Session> {
        match (&self.login, &self.token) {
            (Some(name), _) => Session::sign_in(&self.base(), name, password()?).await,
            (None, Some(token)) => Session::with_token(&self.base(), token).await,
            (None, None) => anyhow::bail!("give --token or --login"),
        }
    }
}

/// What is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    #[default]
    Patients,
    Doctors,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Patients => "patients",
            Self::Doctors => "doctors",
        }
    }

    /// Where a row is registered.
    fn path(self) -> &'static str {
        match self {
            Self::Patients => "/api/v1/patients",
            Self::Doctors => "/api/v1/doctors",
        }
    }
}

/// Nothing was sent, or the rest could not be.
const COULD_NOT: u8 = 2;

/// Everything that has to stand before the first row is sent.
struct Ready {
    plan: Plan,
    total: usize,
    sender: Sender,
    report: Report,
    report_path: PathBuf,
}

impl Rows {
    async fn run(self) -> Result<ExitCode> {
        let ready = match self.ready().await {
            Ok(ready) => ready,
            Err(error) => {
                eprintln!("nadi: {error:#}");
                return Ok(ExitCode::from(COULD_NOT));
            }
        };
        self.send_all(ready).await
    }

    /// Reads the header, signs in and opens the report. Whatever is wrong here is said before anything is sent.
    async fn ready(&self) -> Result<Ready> {
        let known = columns::Known::of(self.kind.path())?;
        let header = rows::header(&self.file)?;
        let plan = Plan::of(&known, self.kind, &header).with_context(|| self.file.display().to_string())?;
        let total = rows::count(&self.file)?;
        let (base, session) = (self.signing_in.base(), self.signing_in.session().await?);
        let report_path = self.report.clone().unwrap_or_else(|| self.file.with_extension("report.csv"));
        if same_file(&report_path, &self.file) {
            anyhow::bail!("the report would take the place of {}", self.file.display());
        }
        let report = Report::open(&report_path)?;
        let sender = Sender::new(session, format!("{base}{}", self.kind.path()), self.kind, self.dry_run);
        Ok(Ready { plan, total, sender, report, report_path })
    }

    async fn send_all(&self, ready: Ready) -> Result<ExitCode> {
        let Ready { plan, total, sender, mut report, report_path } = ready;
        let dates = if self.day_first { Dates::DayFirst } else { Dates::Iso };
        let stopped = stop_when_told();
        let rows = rows::read(&self.file)?.take_while(|_| !stopped.load(Ordering::Relaxed));
        let mut taken = Taken::new(self.kind);
        let sent = futures::stream::iter(rows).map(|row| {
            let body = row.cells.and_then(|cells| plan.body(&cells, dates));
            // The server keeps nothing of a dry run, so it cannot see what two rows have in common.
            let twice = body.as_ref().ok().filter(|_| self.dry_run).and_then(|body| taken.add(row.number, body));
            let sender = &sender;
            async move {
                match twice {
                    Some(outcome) => (row.number, Ok(outcome)),
                    None => (row.number, sender.send(body).await),
                }
            }
        });
        let mut sent = std::pin::pin!(sent.buffered(usize::from(self.concurrency)));
        let (mut progress, mut given_up) = (Progress::new(total), None);
        while let Some((number, outcome)) = sent.next().await {
            match outcome {
                Ok(outcome) => {
                    let outcome = explained(&plan, outcome);
                    progress.add(&outcome);
                    report.add(number, &outcome)?;
                }
                Err(error) => {
                    // The rows under way come to their end; no other begins.
                    stopped.store(true, Ordering::Relaxed);
                    given_up.get_or_insert(error);
                }
            }
        }
        report.close()?;
        progress.finish();
        println!("{progress}; the report is {}", report_path.display());
        if let Some(error) = given_up {
            eprintln!("nadi: {error:#}; run the same command again to go on");
            return Ok(ExitCode::from(COULD_NOT));
        }
        Ok(if progress.all_in() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// What became of a row, in the words of the file.
fn explained(plan: &Plan, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Refused(refusal) => Outcome::Refused(plan.explained(&refusal)),
        known => known,
    }
}

/// Never an argument: arguments are seen by every user of the machine.
fn password() -> Result<String> {
    if let Ok(password) = std::env::var("NADI_PASSWORD") {
        return Ok(password);
    }
    eprint!("Password, then Ctrl-D: ");
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("no password was given")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn same_file(one: &std::path::Path, other: &std::path::Path) -> bool {
    let real = |path: &std::path::Path| std::fs::canonicalize(path).ok();
    real(one).is_some_and(|one| real(other) == Some(one))
}

/// The first Ctrl-C lets the rows under way end; the second ends everything.
fn stop_when_told() -> Arc<AtomicBool> {
    let stopped = Arc::new(AtomicBool::new(false));
    let told = stopped.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            told.store(true, Ordering::Relaxed);
            eprintln!("\nstopping after the rows under way");
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
    stopped
}
