//! `nadi import apple-health`: what the Health app exported, sent as the phone's own app sends it, a piece at a time.
//!
//! Hundreds of megabytes are read as they are sent and never held. The server keeps each sample once, so running again,
//! after whatever stopped it, brings in the rest.
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal as _, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::apple_xml::Samples;
use super::session::Session;
use super::{COULD_NOT, SigningIn};

#[derive(Args)]
pub struct AppleHealth {
    /// The patient's id or your own reference; whom the account stands for when left out.
    #[arg(long)]
    patient: Option<String>,
    /// The `export.zip` that the Health app wrote, or the `export.xml` in it.
    file: PathBuf,
    /// What the phone is called among the patient's devices.
    #[arg(long, default_value = "Apple Health")]
    device: String,
    #[command(flatten)]
    signing_in: SigningIn,
}

/// Samples in one request.
const PIECE: usize = 2000;
/// Pieces that are read ahead of what the server has answered.
const AHEAD: usize = 4;

#[derive(Default)]
struct Counts {
    stored: u64,
    refused: u64,
    skipped: BTreeMap<String, u64>,
}

impl AppleHealth {
    pub async fn run(self) -> Result<ExitCode> {
        let session = match self.signing_in.session().await {
            Ok(session) => session,
            Err(error) => {
                eprintln!("nadi: {error:#}");
                return Ok(ExitCode::from(COULD_NOT));
            }
        };
        let mut counts = Counts::default();
        let sent = self.send_all(&session, &mut counts).await;
        eprintln!();
        println!("{} samples are kept, {} did not fit", counts.stored, counts.refused);
        for (kind, many) in &counts.skipped {
            println!("{kind}: {many} of a type that is not known");
        }
        match sent {
            Ok(()) if counts.refused == 0 => Ok(ExitCode::SUCCESS),
            Ok(()) => Ok(ExitCode::FAILURE),
            Err(error) => {
                eprintln!("nadi: {error:#}; run the same command again to go on");
                Ok(ExitCode::from(COULD_NOT))
            }
        }
    }

    async fn send_all(&self, session: &Session, counts: &mut Counts) -> Result<()> {
        let (size, read) = (std::fs::metadata(&self.file)?.len(), Arc::new(AtomicU64::new(0)));
        let (pieces, mut queue) = mpsc::channel::<Vec<Value>>(AHEAD);
        let (file, at) = (self.file.clone(), read.clone());
        let reader = tokio::task::spawn_blocking(move || parse(&file, &at, &pieces));
        let (started, mut shown) = (Instant::now(), Instant::now());
        while let Some(piece) = queue.recv().await {
            self.send(session, &piece, counts).await?;
            if shown.elapsed() >= Duration::from_millis(200) && std::io::stderr().is_terminal() {
                shown = Instant::now();
                let percent = read.load(Ordering::Relaxed) as f64 / size.max(1) as f64 * 100.0;
                let rate = counts.stored as f64 / started.elapsed().as_secs_f64().max(0.001);
                eprint!("\r{percent:.0} %, {} samples, {rate:.0} a second ", counts.stored);
                let _ = std::io::stderr().flush();
            }
        }
        reader.await.context("the file was not read to its end")?
    }

    /// Sends a piece; tries again when the server is not there for a moment, and signs in again when the token ran out.
    async fn send(&self, session: &Session, piece: &[Value], counts: &mut Counts) -> Result<()> {
        let url = format!("{}/api/v1/wearables/apple/import", self.signing_in.base());
        let body = json!({"deviceId": self.device, "userId": self.patient, "metrics": piece});
        for wait in [1, 2, 4, 8, 16, 0] {
            let token = session.token().await;
            let answer = session.http.post(&url).bearer_auth(&token).json(&body).send().await;
            let status = answer.as_ref().map_or(StatusCode::SERVICE_UNAVAILABLE, reqwest::Response::status);
            match (status, answer) {
                (StatusCode::UNAUTHORIZED, _) => session.renew(&token).await?,
                (status, Ok(answer)) if !status.is_server_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                    return counts.add(status, &answer.json().await.unwrap_or_default());
                }
                _ => tokio::time::sleep(Duration::from_secs(wait)).await,
            }
        }
        bail!("the server does not answer")
    }
}

impl Counts {
    fn add(&mut self, status: StatusCode, answer: &Value) -> Result<()> {
        if !status.is_success() {
            bail!("the server answers {status}: {}", answer["detail"].as_str().unwrap_or_default());
        }
        self.stored += answer["synced_count"].as_u64().unwrap_or_default();
        self.refused += answer["errors"].as_array().map_or(0, Vec::len) as u64;
        for (kind, many) in answer["skipped"].as_object().into_iter().flatten() {
            *self.skipped.entry(kind.clone()).or_default() += many.as_u64().unwrap_or_default();
        }
        Ok(())
    }
}

/// Reads the file to its end, a piece at a time. Whoever receives the pieces may stop listening.
fn parse(file: &Path, read: &Arc<AtomicU64>, pieces: &mpsc::Sender<Vec<Value>>) -> Result<()> {
    let place = file.display().to_string();
    let opened = File::open(file).with_context(|| format!("{place} cannot be read"))?;
    let mut begin = [0; 4];
    let count = (&opened).read(&mut begin).with_context(|| format!("{place} cannot be read"))?;
    let opened = File::open(file).with_context(|| format!("{place} cannot be read"))?;
    if begin[..count] == *b"PK\x03\x04" {
        let mut archive = zip::ZipArchive::new(opened).with_context(|| format!("{place} is not a whole ZIP"))?;
        let names = archive.file_names().filter_map(|name| name.ok().map(|name| name.into_owned()));
        let name = names.into_iter().find(|name| is_export(name));
        let name = name.with_context(|| format!("{place} holds no export.xml"))?;
        let (packed, whole) = (archive.by_name(&name)?, std::fs::metadata(file)?.len());
        let scale = whole as f64 / packed.size().max(1) as f64;
        return send_pieces(BufReader::new(Counted { inner: packed, read: read.clone(), scale }), pieces);
    }
    send_pieces(BufReader::new(Counted { inner: opened, read: read.clone(), scale: 1.0 }), pieces)
}

/// In other languages the file has another name, beside one of clinical documents.
fn is_export(name: &str) -> bool {
    name.ends_with(".xml") && !name.contains("_cda") && name.matches('/').count() <= 1
}

fn send_pieces(text: impl BufRead, pieces: &mpsc::Sender<Vec<Value>>) -> Result<()> {
    let mut piece = Vec::with_capacity(PIECE);
    for sample in Samples::of(text) {
        piece.push(sample?);
        if piece.len() == PIECE && pieces.blocking_send(std::mem::take(&mut piece)).is_err() {
            return Ok(());
        }
    }
    if !piece.is_empty() {
        // Nobody listens any more when the server refused; that is told there.
        let _ = pieces.blocking_send(piece);
    }
    Ok(())
}

/// Counts what was read, for the progress.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
    /// Bytes of the file for one that was read: an archive is smaller than what is in it.
    scale: f64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add((count as f64 * self.scale) as u64, Ordering::Relaxed);
        Ok(count)
    }
}
