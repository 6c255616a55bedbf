//! The program as a child process.
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::until;

/// `nadi` with these arguments, in a place of its own, with nothing of this environment but what it needs to run.
pub fn nadi(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nadi"));
    command.env_clear().env("HOME", home).env("XDG_STATE_HOME", home).current_dir(home);
    command.args(arguments).stdin(Stdio::null());
    command
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A running child; it goes with the test.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts"))
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.0.id().to_string()]).status();
        assert!(sent.expect("kill is here").success());
    }

    /// Waits for the end, and fails when it does not come.
    pub async fn end(mut self) -> (ExitStatus, String) {
        let mut status = None;
        let child = &mut self.0;
        let ended = std::cell::RefCell::new(&mut status);
        let child = std::cell::RefCell::new(child);
        until("the program ends", || async {
            **ended.borrow_mut() = child.borrow_mut().try_wait().expect("a status");
            ended.borrow().is_some()
        })
        .await;
        let mut text = String::new();
        if let Some(mut out) = self.0.stdout.take() {
            out.read_to_string(&mut text).expect("text");
        }
        if let Some(mut err) = self.0.stderr.take() {
            err.read_to_string(&mut text).expect("text");
        }
        (status.expect("an end"), text)
    }
}

/// A server on a port of its own.
pub struct Server {
    pub child: Running,
    pub base: String,
}

/// Starts `nadi serve` over this data directory and waits until it serves.
pub fn serve(home: &Path, data: &Path) -> Server {
    let mut command = nadi(home, &["serve", "--listen", "127.0.0.1:0", "--data", &data.display().to_string()]);
    command.env("NADI_ADMIN_EMAIL", "admin@example.org").env("NADI_ADMIN_PASSWORD", "correct-horse-battery");
    served(Running::start(command))
}

/// Waits until a child that was started serves.
pub fn served(mut child: Running) -> Server {
    let lines = BufReader::new(child.0.stderr.take().expect("standard error")).lines();
    let (sender, receiver) = mpsc::channel();
    // Read to its end, so that the child never waits for somebody to listen.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(sender.send(line))));
    let mut before = String::new();
    loop {
        let line =
            receiver.recv_timeout(Duration::from_secs(30)).unwrap_or_else(|_| panic!("it does not serve: {before}"));
        if let Some((_, rest)) = line.split_once("nadi is serving on ") {
            let base = rest.split_whitespace().next().expect("an address").to_owned();
            return Server { child, base };
        }
        before.push_str(&line);
    }
}
