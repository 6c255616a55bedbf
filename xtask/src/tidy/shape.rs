//! How a file opens and how long it may grow.
use super::Finding;
use crate::rust::Source;
use crate::tree::Tree;

/// A file this long is split before it grows further.
const CROWDED: usize = 400;
/// No file is longer than this.
const FULL: usize = 600;

/// Every Rust file opens with a sentence that says what it is for.
pub fn openings(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|(_, source)| !opens_with_a_sentence(source))
        .map(|(file, _)| Finding::new(file, 1, "a file opens with one `//!` sentence that says what it is for"))
        .collect()
}

fn opens_with_a_sentence(source: &Source) -> bool {
    let lines = source.text.lines().map_while(|line| line.strip_prefix("//!"));
    let opening: Vec<&str> = lines.map(str::trim).take_while(|line| !line.is_empty()).collect();
    let sentence = opening.join(" ");
    sentence.contains(' ') && sentence.ends_with(['.', '?', '!', ':'])
}

/// A file is one idea: long ones are pointed out, and too long ones refused.
pub fn lengths(tree: &Tree) -> Vec<Finding> {
    let sources = [".rs", ".ts", ".svelte"].into_iter().flat_map(|end| tree.texts(end));
    sources
        .filter_map(|(file, text)| match text.lines().count() {
            n if n > FULL => Some(Finding::new(file, FULL + 1, format!("{n} lines: split it, {FULL} is the end"))),
            n if n > CROWDED => {
                Some(Finding::warning(file, CROWDED + 1, format!("{n} lines: split it before it grows past {FULL}")))
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    #[test]
    fn a_file_without_an_opening_sentence_is_found() {
        let files = [
            ("a.rs", "//! Beds and who lies in them.\n"),
            ("b.rs", "//! Beds, over\n//! two lines.\n//!\n//! More\nfn b() {}\n"),
            ("c.rs", "fn c() {}\n"),
            ("d.rs", "//! beds\n"),
            ("e.rs", "//!\n//! Late.\n"),
            ("f.rs", "\n//! One line late.\n"),
        ];
        let found = said(openings, &files);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].starts_with("c.rs:1: ") && found[3].starts_with("f.rs:1: "));
    }

    #[test]
    fn a_long_file_is_warned_of_and_a_longer_one_refused() {
        let [fits, crowded, full] = [400, 401, 601].map(|n| "\n".repeat(n));
        let found = said(lengths, &[("a.rs", &fits), ("b.rs", &crowded), ("c.svelte", &full), ("d.md", &full)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("b.rs:401: warning: 401 lines"));
        assert!(found[1].starts_with("c.svelte:601: 601 lines"));
    }
}
