//! What the kernel knows about processes and disks.

use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Peak memory of a process in bytes.
pub fn peak_memory(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the server is gone")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().context("VmHWM")?;
    Ok(kilobytes * 1024)
}

/// Processor time a process has used, and those of its children that ended, in milliseconds (the kernel counts in hundredths
/// of a second).
pub fn cpu_millis(pid: u32) -> Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the server is gone")?;
    let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect::<Vec<_>>()).unwrap_or_default();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
    Ok((11..15).map(ticks).sum::<u64>() * 10)
}

pub fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// The file a process runs.
pub fn program(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

/// Share of the machine's processors in use over the next moment.
async fn busy() -> Result<f64> {
    let before = processor_time()?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let after = processor_time()?;
    let total = (after.0 - before.0).max(1) as f64;
    Ok(1.0 - (after.1 - before.1) as f64 / total)
}

/// All processor time and the idle part of it, since boot.
fn processor_time() -> Result<(u64, u64)> {
    let stat = fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().unwrap_or_default();
    let fields: Vec<u64> = line.split_whitespace().skip(1).filter_map(|text| text.parse().ok()).collect();
    let idle = fields.get(3).copied().unwrap_or_default() + fields.get(4).copied().unwrap_or_default();
    Ok((fields.iter().sum(), idle))
}

/// Waits until nothing else runs (a checkpoint, a vacuum); answers how busy the machine still is when it never calms down.
pub async fn wait_quiet() -> Result<Option<f64>> {
    let started = Instant::now();
    let mut quiet = 0;
    loop {
        let share = busy().await?;
        quiet = if share < 0.1 { quiet + 1 } else { 0 };
        if quiet == 2 {
            return Ok(None);
        }
        if started.elapsed() > Duration::from_secs(20) {
            return Ok(Some(share));
        }
    }
}

/// An empty directory for one server's data. Refused in memory, where a sync costs nothing and proves nothing.
pub fn fresh_directory(work: &Path, name: &str) -> Result<PathBuf> {
    let path = work.join(name);
    if path.exists() {
        fs::remove_dir_all(&path)?;
    }
    fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))?;
    let path = path.canonicalize()?;
    let kind = filesystem(&path)?;
    if matches!(kind.as_str(), "tmpfs" | "ramfs") {
        bail!("{} is in memory ({kind}); choose a directory on a disk with --work", path.display());
    }
    Ok(path)
}

fn filesystem(path: &Path) -> Result<String> {
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let longest = mounts.filter(|(at, _)| path.starts_with(at)).max_by_key(|(at, _)| at.len());
    Ok(longest.map(|(_, kind)| kind.to_owned()).unwrap_or_default())
}

/// How long this disk takes to sync one appended page: the median of a hundred, in microseconds.
pub fn sync_micros(directory: &Path) -> Result<u64> {
    let path = directory.join("sync-probe");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let started = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(started.elapsed().as_micros() as u64);
    }
    fs::remove_file(&path)?;
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
