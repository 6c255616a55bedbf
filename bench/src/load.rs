//! The load: connections that send one request, wait for its answer and send the next, and what came back.

use crate::request::{self, Monitor};
use crate::ward::{Ward, unix_micros};
use crate::wire::Wire;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use uuid::Uuid;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    Vitals,
    Reads,
    /// One connection in eight reads, the others post readings.
    Both,
}

pub struct Load {
    pub ward: Arc<Ward>,
    pub listen: SocketAddr,
    /// The nurse's token, for reads.
    pub token: String,
    pub mix: Mix,
    pub connections: usize,
    /// Every so many readings of a connection are abnormal.
    pub abnormal_every: u64,
    pub warm_up: Duration,
    /// How long to measure after warming up.
    pub span: Duration,
    /// Keeps every acknowledgement (not only how long it took) and expects to be cut off when the flag is raised.
    pub until_killed: Option<Arc<AtomicBool>>,
}

#[derive(Default)]
pub struct Tally {
    pub micros: Vec<u32>,
    pub refused: u64,
    pub first_refusal: Option<String>,
    pub acknowledged: Vec<Acknowledged>,
}

/// Something the server said is done, and so must not lose.
pub struct Acknowledged {
    /// Unix time in microseconds at which the answer had arrived.
    pub at: i64,
    /// Which patient of the ward.
    pub patient: usize,
    pub what: What,
}

pub enum What {
    Reading { id: Uuid, alerts: Vec<Uuid> },
    Read,
}

#[derive(Deserialize)]
struct Posted {
    data: PostedReading,
}

#[derive(Deserialize)]
struct PostedReading {
    id: Uuid,
    #[serde(default)]
    alerts: Vec<PostedAlert>,
}

#[derive(Deserialize)]
struct PostedAlert {
    id: Uuid,
}

impl Load {
    /// Runs until the span is over or the server is killed.
    pub async fn run(self) -> Result<Tally> {
        let load = Arc::new(self);
        let mut running = JoinSet::new();
        for number in 0..load.connections {
            running.spawn(connection(load.clone(), number));
        }
        let mut whole = Tally::default();
        while let Some(part) = running.join_next().await {
            let part = part.context("a connection's task failed")??;
            whole.micros.extend(part.micros);
            whole.refused += part.refused;
            whole.first_refusal = whole.first_refusal.or(part.first_refusal);
            whole.acknowledged.extend(part.acknowledged);
        }
        Ok(whole)
    }

    fn reads_on(&self, connection: usize) -> bool {
        match self.mix {
            Mix::Vitals => false,
            Mix::Reads => true,
            Mix::Both => connection % 8 == 7,
        }
    }

    fn killed(&self) -> bool {
        self.until_killed.as_ref().is_some_and(|killed| killed.load(Ordering::SeqCst))
    }
}

async fn connection(load: Arc<Load>, number: usize) -> Result<Tally> {
    let patients = &load.ward.patients;
    // A monitor belongs to its patients: each connection has its own as far as there are enough of them.
    let own: Vec<usize> = if number < patients.len() {
        (number..patients.len()).step_by(load.connections).collect()
    } else {
        vec![number % patients.len()]
    };
    let reads = load.reads_on(number);
    let requests: Vec<Vec<u8>> = own.iter().map(|patient| request::read(&patients[*patient], &load.token)).collect();
    let mut monitor = Monitor::new(&load.ward.key);
    let mut tally = Tally::default();
    let mut wire = Wire::connect(load.listen).await?;
    let measure_from = Instant::now() + load.warm_up;
    let end = measure_from + load.span;
    let expected = if reads { 200 } else { 201 };
    for turn in 0_usize.. {
        let mine = turn % own.len();
        let patient = &patients[own[mine]];
        let abnormal = (turn as u64 + number as u64 * 31).is_multiple_of(load.abnormal_every);
        let sent = Instant::now();
        let request = match (reads, abnormal) {
            (true, _) => &requests[mine],
            (false, true) => monitor.abnormal(patient, patient.next_reading()),
            (false, false) => monitor.normal(patient, patient.next_reading()),
        };
        let answer = match wire.ask(request).await {
            Ok(answer) => answer,
            Err(_) if load.killed() => break,
            Err(error) => return Err(error).context("the server failed under load"),
        };
        let now = Instant::now();
        if now >= end {
            break;
        }
        if answer.status != expected {
            tally.refused += 1;
            if tally.first_refusal.is_none() {
                tally.first_refusal = Some(format!("{}: {}", answer.status, String::from_utf8_lossy(answer.body)));
            }
        } else if now >= measure_from {
            tally.micros.push((now - sent).as_micros() as u32);
        }
        if load.until_killed.is_some() && answer.status == expected {
            let at = unix_micros();
            let what = if reads { What::Read } else { reading(answer.body)? };
            tally.acknowledged.push(Acknowledged { at, patient: own[mine], what });
        }
    }
    Ok(tally)
}

fn reading(body: &[u8]) -> Result<What> {
    let posted: Posted = serde_json::from_slice(body).context("an answer to a reading that is not as documented")?;
    let alerts = posted.data.alerts.into_iter().map(|alert| alert.id).collect();
    Ok(What::Reading { id: posted.data.id, alerts })
}
