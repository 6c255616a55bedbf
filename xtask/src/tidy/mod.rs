//! Checks of the house rules that clippy cannot know; each prints `file:line: message`.
mod directions;
mod docs;
mod handlers;
mod homes;
mod names;
mod schemas;
mod shape;
mod statements;
mod tables;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::tree::{File, Tree};

/// One thing that is not as the rules say.
pub struct Finding {
    path: String,
    line: usize,
    message: String,
    warning: bool,
}

type Check = fn(&Tree) -> Vec<Finding>;

const CHECKS: [Check; 12] = [
    shape::openings,
    shape::lengths,
    handlers::lengths,
    homes::check,
    names::check,
    schemas::names,
    directions::check,
    tables::check,
    statements::keywords,
    statements::second_texts,
    docs::links,
    docs::machine_paths,
];

/// Runs every check over the project; warnings are printed and let pass.
pub fn run(root: &Path) -> Result<ExitCode> {
    let tree = Tree::read(root)?;
    let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&tree)).collect();
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    for finding in &findings {
        println!("{}", finding.shown());
    }
    let faults = findings.iter().filter(|finding| !finding.warning).count();
    println!("tidy: {faults} findings and {} warnings in {} files", findings.len() - faults, tree.files.len());
    Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Finding {
    fn new(file: &File, line: usize, message: impl Into<String>) -> Self {
        Self { path: file.path.clone(), line, message: message.into(), warning: false }
    }

    fn warning(file: &File, line: usize, message: impl Into<String>) -> Self {
        Self { warning: true, ..Self::new(file, line, message) }
    }

    fn shown(&self) -> String {
        let Self { path, line, message, warning } = self;
        format!("{path}:{line}: {}{message}", if *warning { "warning: " } else { "" })
    }
}

/// What a check says about files made up for it, as `path:line` and the message.
#[cfg(test)]
fn said(check: Check, files: &[(&str, &str)]) -> Vec<String> {
    check(&Tree::of(files)).iter().map(Finding::shown).collect()
}
