//! `nadi audit …`: looks at the chain, beside a running server too.
use std::process::ExitCode;

use access::Verdict;
use anyhow::Result;
use clap::Subcommand;
use kernel::PatientId;

use super::Place;
use crate::edges;

#[derive(Subcommand)]
pub enum Audit {
    /// Walk the whole chain and name the first broken row.
    Verify {
        #[command(flatten)]
        place: Place,
    },
    /// Print entries, oldest first.
    List {
        #[command(flatten)]
        place: Place,
        /// Only entries about this patient.
        #[arg(long)]
        patient: Option<PatientId>,
        /// Only entries after this number.
        #[arg(long, default_value_t = 0)]
        after: i64,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

impl Audit {
    pub async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Verify { place } => verify(&place).await,
            Self::List { place, patient, after, json } => list(&place, patient, after, json).await,
        }
    }
}

async fn verify(place: &Place) -> Result<ExitCode> {
    let settings = place.settings()?;
    let mut db = edges::database(&settings, true).await?;
    let mut next = 100_000;
    let progress = |seq: i64| {
        if seq >= next {
            eprintln!("{seq} entries checked");
            next = seq + 100_000;
        }
    };
    match access::verify(&mut db, progress).await? {
        Verdict::Whole { entries } => println!("the audit chain is whole: {entries} entries"),
        Verdict::Broken { seq, why } => {
            println!("the audit chain is broken at entry {seq}: {why}");
            return Ok(ExitCode::FAILURE);
        }
    }
    let Some(vault) = edges::vault_that_is_there(&settings, &db).await? else {
        println!("the signed heads were not checked: the keys are not here");
        return Ok(ExitCode::SUCCESS);
    };
    Ok(match access::verify_heads(&mut db, &vault).await? {
        Verdict::Whole { entries: 0 } => {
            println!("no signed heads yet: each day's end is signed after midnight in UTC");
            ExitCode::SUCCESS
        }
        Verdict::Whole { entries } => {
            println!("the signed heads fit: {entries}");
            ExitCode::SUCCESS
        }
        Verdict::Broken { seq, why } => {
            println!("the audit chain was rewritten up to entry {seq}: {why}");
            ExitCode::FAILURE
        }
    })
}

async fn list(place: &Place, patient: Option<PatientId>, mut after: i64, json: bool) -> Result<ExitCode> {
    let mut db = edges::database(&place.settings()?, true).await?;
    loop {
        let page = access::list(&mut db, after).await?;
        let Some(last) = page.last().map(|r| r.seq) else { return Ok(ExitCode::SUCCESS) };
        after = last;
        for r in page.iter().filter(|r| patient.is_none() || r.patient_id == patient) {
            if json {
                println!("{}", serde_json::to_string(&r)?);
                continue;
            }
            let patient = r.patient_id.map(|p| p.to_string()).unwrap_or_default();
            let verdict = if r.allowed { "allowed" } else { "refused" };
            println!(
                "{} {} {} {} {} {patient} {} {verdict}: {}",
                r.seq, r.at, r.role, r.actor, r.action, r.object, r.reason
            );
        }
    }
}
