//! Does to a [`Disk`] what a traced server did to its files, up to a chosen moment.

use crate::disk::Disk;
use crate::trace::{Arguments, Line, Trace, open_file, parse};
use anyhow::{Context, Result, bail};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub struct Replay {
    root: PathBuf,
    pub disk: Disk,
    trace: Trace,
    /// Where each open file stands, by its number.
    open: HashMap<u32, Open>,
    /// Calls that have begun and not ended, by thread.
    begun: HashMap<u32, Begun>,
    /// A line that was read and lies beyond the moment asked for.
    held: Option<Vec<u8>>,
}

#[derive(Default)]
struct Open {
    position: u64,
    appends: bool,
}

struct Begun {
    arguments: Vec<u8>,
    /// The disk's time at the beginning.
    at: u64,
}

impl Replay {
    /// `root` is the directory the server kept its data in; it was empty when the server first started.
    pub fn new(root: &Path, trace: &Path) -> Result<Replay> {
        let trace = Trace::open(trace)?;
        let disk = Disk::default();
        Ok(Replay { root: root.into(), disk, trace, open: HashMap::new(), begun: HashMap::new(), held: None })
    }

    /// The server was started again on the same data: its files and threads are new, the disk is the same.
    pub fn follow_next(&mut self, trace: &Path) -> Result<()> {
        *self = Replay { disk: std::mem::take(&mut self.disk), ..Replay::new(&self.root, trace)? };
        Ok(())
    }

    /// Does everything that had ended by this moment (Unix microseconds).
    pub fn advance(&mut self, until: i64) -> Result<()> {
        loop {
            let next = match self.held.take() {
                Some(held) => Some(held),
                None => self.trace.next()?,
            };
            let Some(text) = next else { return Ok(()) };
            let about = || excerpt(&text);
            let Some(line) = parse(&text).with_context(about)? else { continue };
            if line.at > until {
                self.held = Some(text);
                return Ok(());
            }
            self.follow(&line).with_context(about)?;
        }
    }

    fn follow(&mut self, line: &Line<'_>) -> Result<()> {
        let now = self.disk.now();
        match (line.begins, line.result) {
            (true, Some(result)) => self.done(line.name, line.arguments, result, now),
            (_, None) => {
                self.begun.insert(line.thread, Begun { arguments: line.arguments.to_vec(), at: now });
                Ok(())
            }
            (false, Some(result)) => {
                let mut begun = self.begun.remove(&line.thread).context("the end of a call that did not begin")?;
                begun.arguments.extend_from_slice(line.arguments);
                self.done(line.name, &begun.arguments, result, begun.at)
            }
        }
    }

    /// A call has ended; `began` is the disk's time when it began.
    fn done(&mut self, name: &str, arguments: &[u8], result: &[u8], began: u64) -> Result<()> {
        if result.starts_with(b"-") {
            return Ok(());
        }
        let arguments = Arguments::split(arguments);
        match name {
            "open" | "openat" => self.opened(&arguments, result),
            "lseek" => {
                self.open.entry(arguments.file(0)?.0).or_default().position = number(result)?;
                Ok(())
            }
            "write" | "pwrite64" => self.wrote(name, &arguments, result),
            "ftruncate" => {
                if let Some(path) = self.ours(arguments.file(0)?.1) {
                    self.disk.set_length(&path, arguments.number(1)?);
                }
                Ok(())
            }
            "fsync" | "fdatasync" => {
                if let Some(path) = self.ours(arguments.file(0)?.1) {
                    self.disk.sync(&path, began);
                }
                Ok(())
            }
            "rename" => self.renamed(arguments.path(0)?, arguments.path(1)?),
            "renameat" | "renameat2" => self.renamed(arguments.path(1)?, arguments.path(3)?),
            "unlink" => self.removed(arguments.path(0)?),
            "unlinkat" => self.removed(arguments.path(1)?),
            // The database is mapped for reading only; the shared wal-index means nothing after a power loss.
            "mmap" if !(arguments.has(2, "PROT_WRITE") && arguments.has(3, "MAP_SHARED")) => Ok(()),
            "io_uring_setup" | "sync" | "syncfs" => bail!("the server uses {name}, which this model cannot follow"),
            _ => self.refuse_unknown(name, &arguments),
        }
    }

    fn opened(&mut self, arguments: &Arguments<'_>, result: &[u8]) -> Result<()> {
        let (file, path) = open_file(result)?;
        let flag = |flag: &str| (1..=2).any(|index| arguments.has(index, flag));
        let Some(path) = self.ours(path) else { return Ok(()) };
        self.open.insert(file, Open { position: 0, appends: flag("O_APPEND") });
        if flag("O_CREAT") {
            self.disk.create(&path);
        }
        if flag("O_TRUNC") && self.disk.length(&path) > 0 {
            self.disk.set_length(&path, 0);
        }
        Ok(())
    }

    fn wrote(&mut self, name: &str, arguments: &Arguments<'_>, result: &[u8]) -> Result<()> {
        let (file, path) = arguments.file(0)?;
        let Some(path) = self.ours(path) else { return Ok(()) };
        let mut data = arguments.string(1)?;
        data.truncate(number(result)? as usize);
        if name == "pwrite64" {
            self.disk.write(&path, arguments.number(3)?, data);
            return Ok(());
        }
        let open = self.open.entry(file).or_default();
        let offset = if open.appends { self.disk.length(&path) } else { open.position };
        open.position = offset + data.len() as u64;
        self.disk.write(&path, offset, data);
        Ok(())
    }

    fn renamed(&mut self, from: PathBuf, to: PathBuf) -> Result<()> {
        if let (Some(from), Some(to)) = (self.ours(Some(from)), self.ours(Some(to))) {
            self.disk.rename(&from, &to);
        }
        Ok(())
    }

    fn removed(&mut self, path: PathBuf) -> Result<()> {
        if let Some(path) = self.ours(Some(path)) {
            self.disk.remove(&path);
        }
        Ok(())
    }

    fn refuse_unknown(&self, name: &str, arguments: &Arguments<'_>) -> Result<()> {
        for index in 0..arguments.0.len() {
            let named = arguments.file(index).ok().and_then(|(_, path)| path).or(arguments.path(index).ok());
            if self.ours(named).is_some() {
                bail!("the server changes its files by {name}, which this model cannot follow");
            }
        }
        Ok(())
    }

    /// A file of the server's data. Its wal-index is not one: after a power loss there is none, and SQLite makes it anew.
    fn ours(&self, path: Option<PathBuf>) -> Option<PathBuf> {
        path.filter(|path| path.starts_with(&self.root) && !path.to_string_lossy().ends_with("-shm"))
    }
}

/// The two ends of a line, which may be very long.
fn excerpt(line: &[u8]) -> String {
    let (start, end) = line.split_at(line.len().min(200));
    let end = &end[end.len().saturating_sub(100)..];
    format!("{} … {}", String::from_utf8_lossy(start), String::from_utf8_lossy(end))
}

fn number(result: &[u8]) -> Result<u64> {
    Ok(std::str::from_utf8(result)?.parse()?)
}
