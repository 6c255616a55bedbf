//! The documents: the changelog exists, links lead somewhere, and nothing names a path of one machine.
use super::Finding;
use crate::rust::{line_of, pattern};
use crate::tree::{File, Tree};

/// Finds links between our own documents that lead nowhere, and a missing changelog.
pub fn links(tree: &Tree) -> Vec<Finding> {
    let linked = pattern(r#"\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|(?m:^\[[^\]]+\]:\s+(\S+))"#);
    let mut findings = Vec::new();
    if !tree.holds("CHANGELOG.md") {
        let message = "the project keeps a changelog".to_owned();
        findings.push(Finding { path: "CHANGELOG.md".to_owned(), line: 1, message, warning: false });
    }
    for (file, text) in tree.texts(".md") {
        let prose = without_code(text);
        for found in linked.captures_iter(&prose) {
            let Some(target) = found.get(1).or(found.get(2)) else { continue };
            if !resolves(tree, file, target.as_str()) {
                findings.push(Finding::new(
                    file,
                    line_of(&prose, target.start()),
                    format!("link to nothing: {}", target.as_str()),
                ));
            }
        }
    }
    findings
}

fn resolves(tree: &Tree, from: &File, target: &str) -> bool {
    if target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let Some(path) = (if path.is_empty() { Some(from.path.clone()) } else { from_root(&from.path, path) }) else {
        return false;
    };
    if anchor.is_empty() || !path.ends_with(".md") {
        return tree.holds(&path);
    }
    tree.texts(".md").any(|(file, text)| file.path == path && anchors(text).iter().any(|known| known == anchor))
}

/// The path a link means, seen from the root; none when it leaves the project.
fn from_root(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = if link.starts_with('/') { Vec::new() } else { from.split('/').collect() };
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The anchors of a document's headings, spelled as the usual renderers do; a repeated one gets a number.
fn anchors(text: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for heading in without_blocks(text).lines().filter_map(|line| line.strip_prefix('#')) {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let slug: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let numbered = (1..).map(|n| format!("{slug}-{n}"));
        anchors.extend(std::iter::once(slug.clone()).chain(numbered).find(|anchor| !anchors.contains(anchor)));
    }
    anchors
}

/// The text with code blocks and code spans blanked, line for line.
fn without_code(text: &str) -> String {
    let span = pattern("`[^`\n]+`");
    span.replace_all(&without_blocks(text), |found: &regex::Captures| " ".repeat(found[0].len())).into_owned()
}

fn without_blocks(text: &str) -> String {
    let mut fenced = false;
    let lines = text.lines().map(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if fenced || fence { "" } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Finds paths that exist on one machine only. What is deployed has fixed places, and locks are written by tools.
pub fn machine_paths(tree: &Tree) -> Vec<Finding> {
    let folders = ["work", "root", "tmp", "home", "Users"].join("|");
    let named = pattern(&format!(r"(?:^|[^\w.\-/}}])(/(?:{folders})/[\w.\-/]*)"));
    let checked = tree.texts("").filter(|(file, _)| !file.path.starts_with("deploy/") && !file.path.contains("lock"));
    let mut findings = Vec::new();
    for (file, text) in checked {
        for (index, line) in text.lines().enumerate() {
            let found = named.captures(line).and_then(|found| found.get(1));
            findings.extend(
                found.map(|path| Finding::new(file, index + 1, format!("a path of one machine: {}", path.as_str()))),
            );
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    const CHANGELOG: (&str, &str) = ("CHANGELOG.md", "# Changes\n");

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let text = "# One: a `b`\n[a](SQL.md) [b](../README.md#top) [c](gone.md)\n[d](#one-a-b) [e](#two) ![f](../logo.png \"x\")\n\
            `[g](gone.md)` [h](https://example.org)\n```\n[i](gone.md)\n```\n[j]: ../../out.md\n[k](/docs/SQL.md) [l](adr) [m](../README.md#bottom)\n";
        let files = [
            CHANGELOG,
            ("docs/A.md", text),
            ("docs/SQL.md", ""),
            ("README.md", "## Top\n"),
            ("logo.png", ""),
            ("docs/adr/0001.md", ""),
        ];
        let found = said(links, &files);
        let expected = [(2, "gone.md"), (3, "#two"), (8, "../../out.md"), (9, "../README.md#bottom")];
        assert_eq!(found, expected.map(|(line, target)| format!("docs/A.md:{line}: link to nothing: {target}")));
    }

    #[test]
    fn a_missing_changelog_is_found() {
        assert_eq!(said(links, &[("README.md", "")]), ["CHANGELOG.md:1: the project keeps a changelog"]);
    }

    #[test]
    fn repeated_headings_get_numbers() {
        assert_eq!(anchors("# A b\n## A b\n```\n# not one\n```\n### C/d_e\n"), ["a-b", "a-b-1", "cd_e"]);
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        let [work, tmp, inner] = ["work/main", "tmp/x", "api/work/x"].map(|path| format!("/{path}"));
        let text = format!("see {work}\nurl {inner}\n--data {tmp}\n${{DIR}}{tmp}\n../{}\n", "tmp/x");
        let found = said(machine_paths, &[("a.md", &text), ("deploy/Dockerfile", &text), ("Cargo.lock", &text)]);
        assert_eq!(
            found,
            [format!("a.md:1: a path of one machine: {work}"), format!("a.md:3: a path of one machine: {tmp}")]
        );
    }
}
