//! A server as a child process: started, waited for, looked at through /proc, stopped or killed.

use crate::machine;
use crate::wire::Wire;
use anyhow::{Context, Result, bail};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const ADMIN_EMAIL: &str = "admin@bench.example";
pub const ADMIN_PASSWORD: &str = "Bench-Ward-2026-admin";

/// How to start a server, as often as needed and always on the same data.
#[derive(Clone)]
pub struct Recipe {
    pub nadi: PathBuf,
    pub data: PathBuf,
    /// PostgreSQL, or none for SQLite.
    pub database: Option<String>,
    pub listen: SocketAddr,
    /// SQLite without a sync on commit: for the control of the power-loss test, never for anything else.
    pub unsafe_sync: bool,
}

pub struct Server {
    pub listen: SocketAddr,
    /// The process itself, and what runs it when it is traced.
    child: Child,
    pub pid: u32,
    /// Whether it keeps its data in PostgreSQL.
    pub uses_postgres: bool,
}

impl Recipe {
    pub fn new(nadi: &Path, data: &Path, database: Option<String>) -> Result<Recipe> {
        Ok(Recipe { nadi: nadi.into(), data: data.into(), database, listen: free_address()?, unsafe_sync: false })
    }

    /// The server's command line for any of its commands, with the settings every one of them needs.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.nadi);
        command.arg(name);
        self.settings(&mut command);
        command
    }

    fn settings(&self, command: &mut Command) {
        // Settings of whoever runs the bench must not leak into the server.
        command.env_clear();
        command.env("NADI_ADMIN_EMAIL", ADMIN_EMAIL).env("NADI_ADMIN_PASSWORD", ADMIN_PASSWORD).env("NADI_LOG", "warn");
        // A few callers send what a hospital's would. Counting them is part of what is measured.
        command.env("NADI_LOGIN_TRIES_PER_ADDRESS", "1000000");
        for class in ["READS", "WRITES", "READINGS"] {
            command.env(format!("NADI_{class}_PER_MINUTE"), "1000000000");
        }
        if let Some(database) = &self.database {
            command.env("DATABASE_URL", database);
        }
        if self.unsafe_sync {
            command.env("NADI_SQLITE_SYNCHRONOUS", "normal");
        }
    }

    pub fn start(&self) -> Result<Server> {
        let mut command = self.command("serve");
        command.arg("--data").arg(&self.data).arg("--listen").arg(self.listen.to_string());
        let child = spawn(&mut command)?;
        Ok(Server { listen: self.listen, pid: child.id(), child, uses_postgres: self.database.is_some() })
    }

    /// Starts the server under `strace`, which writes every change of a file to `trace`.
    pub fn start_traced(&self, trace: &Path) -> Result<Server> {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "--seccomp-bpf", "-y", "-xx", "-s", "33554432", "-ttt", "-T", "-e", "signal=none"]);
        command.arg("-e").arg(format!("trace={}", crate::trace::CALLS.join(","))).arg("-o").arg(trace);
        command.arg(&self.nadi).args(["serve", "--data"]).arg(&self.data).arg("--listen").arg(self.listen.to_string());
        self.settings(&mut command);
        let child = spawn(&mut command).context("is strace installed?")?;
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) {
            // strace forks helpers while it starts; ours is the one that became another program.
            let pid = machine::children(child.id())
                .into_iter()
                .find(|pid| machine::program(*pid) != machine::program(child.id()));
            if let Some(pid) = pid {
                return Ok(Server { listen: self.listen, pid, child, uses_postgres: self.database.is_some() });
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("strace did not start the server")
    }
}

impl Server {
    /// The floor, which is this very program.
    pub fn start_floor(vitals_bytes: usize, read_bytes: usize) -> Result<Server> {
        let listen = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["floor", "--listen", &listen.to_string()]);
        command.args(["--vitals-bytes", &vitals_bytes.to_string(), "--read-bytes", &read_bytes.to_string()]);
        let child = spawn(&mut command)?;
        Ok(Server { listen, pid: child.id(), child, uses_postgres: false })
    }

    /// The server that keeps a row a point, this very program too.
    pub fn start_rows(database: &str) -> Result<Server> {
        let listen = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["rows", "--listen", &listen.to_string(), "--database", database]);
        let child = spawn(&mut command)?;
        Ok(Server { listen, pid: child.id(), child, uses_postgres: database.starts_with("postgres") })
    }

    pub async fn wait_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(60) {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended while starting: {status}");
            }
            if let Ok(mut wire) = Wire::connect(self.listen).await
                && let Ok(answer) = wire.ask(b"GET /ready HTTP/1.1\r\nHost: bench\r\n\r\n").await
                && answer.status == 200
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("the server was not ready after a minute")
    }

    /// SIGKILL, and nothing else: no handler runs, nothing is flushed. Returns the moment just before.
    pub fn kill(&mut self) -> Result<Instant> {
        let killed = Instant::now();
        if self.pid == self.child.id() {
            self.child.kill()?;
        } else {
            signal(self.pid, "KILL")?;
        }
        self.child.wait()?;
        Ok(killed)
    }

    /// SIGTERM, and waiting for the server to end by itself.
    pub fn stop(&mut self) -> Result<()> {
        signal(self.pid, "TERM")?;
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(30) {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        bail!("the server did not stop within 30 seconds of SIGTERM")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            // Nothing can be done about a failure here; the process is ours and is going away.
            let _ = self.kill();
        }
    }
}

fn spawn(command: &mut Command) -> Result<Child> {
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    spawned.with_context(|| format!("starting {}", command.get_program().to_string_lossy()))
}

fn signal(pid: u32, name: &str) -> Result<()> {
    let status = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().context("running kill")?;
    if !status.success() {
        bail!("kill -{name} {pid} failed");
    }
    Ok(())
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
