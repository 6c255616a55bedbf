//! Connections that send one batch, wait for its answer and send the next; what that cost.
use anyhow::{Result, bail};
use futures::future::try_join_all;
use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::people::People;
use crate::machine;
use crate::report::percentile;
use crate::server::Server;
use crate::wire::Wire;

pub struct Load<'a> {
    pub people: &'a People,
    pub server: &'a Server,
    pub connections: usize,
    pub span: Duration,
}

/// What one server did in one turn.
pub struct Turn {
    /// Batches a second.
    pub rate: f64,
    pub p50: u32,
    pub p99: u32,
    /// Processor time of server and database a batch, in microseconds.
    pub cpu: f64,
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |micros: u32| f64::from(micros) / 1000.0;
        write!(
            f,
            "{:>6.0} batches/s   p50 {:>6.2} ms  p99 {:>6.2} ms   {:>6.0} µs of processor a batch",
            self.rate,
            millis(self.p50),
            millis(self.p99),
            self.cpu
        )
    }
}

/// Processor time of a server, and of PostgreSQL's processes if it uses that, in milliseconds. A process of PostgreSQL's that has ended is
/// counted with the one that started it, so that the sum never becomes less.
pub fn cpu(server: &Server) -> Result<u64> {
    let mut sum = machine::cpu_millis(server.pid)?;
    if !server.uses_postgres {
        return Ok(sum);
    }
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let is_postgres = fs::read_to_string(entry.path().join("comm")).is_ok_and(|name| name.trim() == "postgres");
        // One that ends while this looks is missing once, and then in its parent.
        sum += if is_postgres { machine::cpu_millis(pid).unwrap_or_default() } else { 0 };
    }
    Ok(sum)
}

impl Load<'_> {
    pub async fn run(&self) -> Result<Turn> {
        let (before, started) = (cpu(self.server)?, Instant::now());
        let micros = try_join_all((0..self.connections).map(|number| self.connection(number, started))).await?;
        let mut micros = micros.concat();
        micros.sort_unstable();
        let done = micros.len().max(1) as f64;
        Ok(Turn {
            rate: done / started.elapsed().as_secs_f64(),
            p50: percentile(&micros, 0.5),
            p99: percentile(&micros, 0.99),
            cpu: cpu(self.server)?.saturating_sub(before) as f64 * 1000.0 / done,
        })
    }

    async fn connection(&self, number: usize, started: Instant) -> Result<Vec<u32>> {
        let many = self.people.patients.len();
        let own: Vec<usize> = (number % many..many).step_by(self.connections).collect();
        let new = |patient: &usize| Batch::new(&self.people.patients[*patient], &self.people.token);
        let mut batches: Vec<Batch> = own.iter().map(new).collect();
        let (mut wire, mut micros) = (Wire::connect(self.server.listen).await?, Vec::new());
        for turn in 0.. {
            if started.elapsed() >= self.span {
                break;
            }
            let place = turn % own.len();
            let request = batches[place].fill(self.people.next(own[place]));
            let sent = Instant::now();
            let answer = wire.ask(request).await?;
            if answer.status != 201 {
                bail!("a batch was answered {}: {}", answer.status, String::from_utf8_lossy(answer.body));
            }
            micros.push(sent.elapsed().as_micros() as u32);
        }
        Ok(micros)
    }
}
