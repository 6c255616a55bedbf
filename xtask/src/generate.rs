//! Writes the files that are made from the program itself, and says when a committed one is stale.
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

/// A committed file, and the `nadi` command whose output it is, byte for byte.
struct Generated {
    path: &'static str,
    command: &'static [&'static str],
}

const GENERATED: [Generated; 2] = [
    Generated { path: "generated/openapi.json", command: &["openapi"] },
    Generated { path: "docs/CONFIG.md", command: &["config", "--reference"] },
];

/// Writes every generated file.
pub fn write(root: &Path) -> Result<ExitCode> {
    for file in &GENERATED {
        let path = root.join(file.path);
        std::fs::create_dir_all(path.parent().context("a generated file has a folder")?)?;
        std::fs::write(&path, output(root, file)?).with_context(|| format!("writing {}", file.path))?;
        println!("wrote {}", file.path);
    }
    Ok(ExitCode::SUCCESS)
}

/// Fails when a committed file differs from what the program says now.
pub fn check(root: &Path) -> Result<ExitCode> {
    let mut stale = 0;
    for file in &GENERATED {
        let held = std::fs::read_to_string(root.join(file.path)).unwrap_or_default();
        if let Some(line) = first_difference(&held, &output(root, file)?) {
            println!("{}:{line}: not what `nadi {}` prints: run `make gen`", file.path, file.command.join(" "));
            stale += 1;
        }
    }
    println!("gen: {stale} of {} files stale", GENERATED.len());
    Ok(if stale == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn output(root: &Path, file: &Generated) -> Result<String> {
    let run = Command::new("cargo")
        .args(["run", "--quiet", "--package", "nadi", "--"])
        .args(file.command)
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo")?;
    let shown = file.command.join(" ");
    ensure!(run.status.success(), "`nadi {shown}` failed: {}", run.status);
    let mut text = String::from_utf8(run.stdout).with_context(|| format!("`nadi {shown}` prints text"))?;
    ensure!(!text.trim().is_empty(), "`nadi {shown}` printed nothing");
    if file.path.ends_with(".json") {
        serde_json::from_str::<serde_json::Value>(&text).with_context(|| format!("`nadi {shown}` prints JSON"))?;
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// The number of the first line in which two texts differ.
fn first_difference(held: &str, wanted: &str) -> Option<usize> {
    if held == wanted {
        return None;
    }
    let same = held.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_file_is_pointed_at_by_its_first_differing_line() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("", "a\n"), Some(1));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a\n\n", "a\n"), Some(2));
    }
}
