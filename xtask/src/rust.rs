//! Rust source split into code, comments and string literals, so that a check never mistakes one for another.
use std::ops::Range;

use regex::Regex;

/// A string literal: where its text starts, and the text with escapes blanked so that offsets still fit.
pub struct Literal {
    pub at: usize,
    pub text: String,
}

/// One source file, lexed.
pub struct Source {
    pub text: String,
    /// As long as the text, with comments and literals blanked.
    pub code: String,
    pub literals: Vec<Literal>,
    /// What `#[cfg(test)]` keeps out of the program.
    tests: Vec<Range<usize>>,
}

/// Compiles a pattern that is written in this program.
pub fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant of this program")
}

/// The number of the line an offset lies on.
pub fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

impl Source {
    pub fn new(text: &str) -> Self {
        let (code, literals) = lex(text);
        let tests = test_ranges(&code);
        Self { text: text.to_owned(), code, literals, tests }
    }

    pub fn line(&self, at: usize) -> usize {
        line_of(&self.text, at)
    }

    /// Does this offset lie in code that only tests compile?
    pub fn in_test(&self, at: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&at))
    }

    /// The literals inside every call of a macro, as in `sql!(NAME = "…")`.
    pub fn literals_of(&self, name: &str) -> impl Iterator<Item = &Literal> {
        let call = pattern(&format!(r"\b{name}!\s*[(\[{{]"));
        let spans: Vec<_> = call
            .find_iter(&self.code)
            .filter_map(|call| Some(call.end()..closing(&self.code, call.end() - 1)?))
            .collect();
        self.literals.iter().filter(move |literal| spans.iter().any(|span| span.contains(&literal.at)))
    }
}

/// The offset of the bracket that closes the one at `open`; `code` holds no literals.
pub fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
            _ => continue,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn lex(text: &str) -> (String, Vec<Literal>) {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut literals = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            block_comment(bytes, at)
        } else if let Some(inside) = raw_string(bytes, at) {
            let hashes = inside - at - 2;
            let close = find(bytes, inside, &[b"\"".as_slice(), &b"#".repeat(hashes)].concat());
            literals.push(Literal { at: inside, text: text[inside..close].to_owned() });
            close + 1 + hashes
        } else if rest[0] == b'"' {
            let close = quoted_end(bytes, at + 1, b'"');
            literals.push(Literal { at: at + 1, text: without_escapes(&text[at + 1..close]) });
            close + 1
        } else if is_char_literal(text, at) {
            quoted_end(bytes, at + 1, b'\'') + 1
        } else {
            at += 1;
            continue;
        };
        let end = end.min(bytes.len());
        code[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        at = end;
    }
    (String::from_utf8_lossy(&code).into_owned(), literals)
}

fn block_comment(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at < bytes.len() {
        match bytes[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

/// Where the text of a raw string starts, when one opens here.
fn raw_string(bytes: &[u8], at: usize) -> Option<usize> {
    let word = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let prefixed = at > 0 && matches!(bytes[at - 1], b'b' | b'c');
    let joined = if prefixed { at > 1 && word(at - 2) } else { at > 0 && word(at - 1) };
    if bytes[at] != b'r' || joined {
        return None;
    }
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    (bytes.get(at + 1 + hashes) == Some(&b'"')).then_some(at + 2 + hashes)
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    bytes[from..].windows(what.len()).position(|window| window == what).map_or(bytes.len(), |found| from + found)
}

fn quoted_end(bytes: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

/// Tells `'x'` from the lifetime `'x`.
fn is_char_literal(text: &str, at: usize) -> bool {
    let mut chars = text[at..].char_indices();
    let opens = text.as_bytes()[at] == b'\'' && chars.next().is_some();
    opens
        && chars
            .next()
            .is_some_and(|(_, first)| first == '\\' || chars.next().is_some_and(|(_, second)| second == '\''))
}

fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('"')) => out.push_str(" \""),
            ('\\', Some('\n')) => out.push_str(" \n"),
            ('\\', Some(_)) => out.push_str("  "),
            _ => out.push(c),
        }
    }
    out
}

fn test_ranges(code: &str) -> Vec<Range<usize>> {
    let marked = pattern(r"#\[cfg\(\s*(?:(?:all|any)\(\s*)?test\b");
    let ranges = marked.find_iter(code).filter_map(|mark| {
        let attribute = closing(code, mark.start() + 1)?;
        let end = attribute + code[attribute..].find(['{', ';'])?;
        Some(mark.start()..if code.as_bytes()[end] == b'{' { closing(code, end)? + 1 } else { end })
    });
    ranges.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code() {
        let source = Source::new("a // b\n/* c /* d */ */ e(\"f \\\" g\", r#\"h \" i\"#, 'j', b'\\'', br\"k\") 'l: m");
        let words: Vec<_> = source.code.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        assert_eq!(words, ["a", "e", "b", "b", "l", "m"]);
        assert_eq!(source.code.len(), source.text.len());
        let texts: Vec<_> = source.literals.iter().map(|literal| literal.text.as_str()).collect();
        assert_eq!(texts, ["f  \" g", "h \" i", "k"]);
    }

    #[test]
    fn a_raw_identifier_opens_no_string() {
        let source = Source::new("let r#type = for_\"x\"; var\"y\";");
        assert!(source.code.contains("r#type"));
        assert_eq!(source.literals.len(), 2);
    }

    #[test]
    fn offsets_survive_other_scripts() {
        let source = Source::new("// नाड़ी\nlet x = \"नाड़ी\"; 'न'; y");
        assert_eq!(source.line(source.code.find('y').unwrap()), 2);
        assert_eq!(&source.text[source.literals[0].at..][..source.literals[0].text.len()], "नाड़ी");
    }

    #[test]
    fn test_modules_are_told_apart() {
        let source =
            Source::new("fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\n#[cfg(test)]\nmod more;\nfn c() {}");
        let at = |what: &str| source.in_test(source.code.find(what).unwrap());
        assert!(!at("fn a") && at("fn b") && at("more") && !at("fn c"));
    }

    #[test]
    fn the_texts_of_a_macro_are_found() {
        let source = Source::new("const A: &str = \"no\"; sql!(\n  /// Doc.\n  B = \"yes\"\n); sql! { C = r\"too\" }");
        let texts: Vec<_> = source.literals_of("sql").map(|literal| literal.text.as_str()).collect();
        assert_eq!(texts, ["yes", "too"]);
    }
}
