//! Reads lines of `strace -f -ttt -T -y -xx`: which thread called what with what, when, and with what result.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The calls to trace: every way to change a file, so that one the model does not know is noticed and not missed.
pub const CALLS: [&str; 30] = [
    "open",
    "openat",
    "openat2",
    "creat",
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "ftruncate",
    "truncate",
    "fallocate",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "lseek",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "copy_file_range",
    "sendfile",
    "splice",
    "mmap",
    "io_uring_setup",
    "sync",
    "syncfs",
];

/// One output file of `strace`.
pub struct Trace {
    reader: BufReader<File>,
}

/// A whole call, the beginning of one, or the end of one.
#[derive(Debug, PartialEq)]
pub struct Line<'a> {
    pub thread: u32,
    /// Unix microseconds at which the call had ended (had begun, when the line is only a beginning).
    pub at: i64,
    pub name: &'a str,
    pub arguments: &'a [u8],
    pub begins: bool,
    /// The result as text, once the call has ended.
    pub result: Option<&'a [u8]>,
}

impl Trace {
    pub fn open(path: &Path) -> Result<Trace> {
        let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
        Ok(Trace { reader: BufReader::with_capacity(1 << 20, file) })
    }

    pub fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line)?;
        // A last line without its end was being written when the tracer died.
        Ok(line.ends_with(b"\n").then_some(line))
    }
}

/// `None` for lines that tell of no call.
pub fn parse(line: &[u8]) -> Result<Option<Line<'_>>> {
    let line = line.trim_ascii_end();
    let (thread, rest) = split(line, b" ").context("no thread")?;
    let (time, rest) = split(rest.trim_ascii_start(), b" ").context("no time")?;
    let thread = text(thread)?.parse()?;
    let at = micros(time)?;
    if rest.starts_with(b"+++") || rest.starts_with(b"---") {
        return Ok(None);
    }
    let (name, rest, begins) = match rest.strip_prefix(b"<... ") {
        Some(rest) => {
            let (name, rest) = split(rest, b" resumed>").context("no name")?;
            (name, rest, false)
        }
        None => {
            let (name, rest) = split(rest, b"(").context("no name")?;
            (name, rest, true)
        }
    };
    let name = text(name)?;
    // A thread that is killed in a call leaves it "detached".
    let unfinished = [b" <unfinished ...>".as_slice(), b" <detached ...>"].into_iter();
    if let Some(arguments) = unfinished.filter_map(|end| rest.strip_suffix(end)).next() {
        return Ok(Some(Line { thread, at, name, arguments, begins, result: None }));
    }
    // Strings and paths are hexadecimal, so this is the only closing parenthesis followed by a result.
    let end = memchr::memmem::rfind(rest, b" = ").context("no result")?;
    let arguments = rest[..end].trim_ascii_end().strip_suffix(b")").context("no end of the arguments")?;
    let result = &rest[end + 3..];
    if result.starts_with(b"?") {
        // The thread was killed in the call.
        return Ok(None);
    }
    let lasted = result.strip_suffix(b">").and_then(|result| Some((result, memchr::memmem::rfind(result, b" <")?)));
    let (result, lasted) = match lasted {
        Some((result, at)) => (&result[..at], micros(&result[at + 2..])?),
        None => bail!("no duration"),
    };
    // The time of a whole line is that of its beginning; the time of an end is the end's.
    let at = if begins { at + lasted } else { at };
    Ok(Some(Line { thread, at, name, arguments, begins, result: Some(result) }))
}

fn split<'a>(bytes: &'a [u8], by: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memchr::memmem::find(bytes, by)?;
    Some((&bytes[..at], &bytes[at + by.len()..]))
}

fn text(bytes: &[u8]) -> Result<&str> {
    Ok(std::str::from_utf8(bytes)?)
}

/// Seconds with six decimals.
fn micros(bytes: &[u8]) -> Result<i64> {
    let (seconds, fraction) = text(bytes)?.split_once('.').context("a time without decimals")?;
    Ok(seconds.parse::<i64>()? * 1_000_000 + fraction.parse::<i64>()?)
}

/// The arguments of a call.
pub struct Arguments<'a>(pub Vec<&'a [u8]>);

impl<'a> Arguments<'a> {
    pub fn split(bytes: &'a [u8]) -> Arguments<'a> {
        let mut all = Vec::new();
        let mut rest = bytes;
        while let Some((one, more)) = split(rest, b", ") {
            all.push(one);
            rest = more;
        }
        all.push(rest);
        Arguments(all)
    }

    fn get(&self, index: usize) -> Result<&'a [u8]> {
        self.0.get(index).copied().with_context(|| format!("no argument {index}"))
    }

    pub fn number(&self, index: usize) -> Result<u64> {
        Ok(text(self.get(index)?)?.parse()?)
    }

    pub fn has(&self, index: usize, flag: &str) -> bool {
        self.0.get(index).is_some_and(|flags| flags.split(|byte| *byte == b'|').any(|one| one == flag.as_bytes()))
    }

    /// A string, decoded.
    pub fn string(&self, index: usize) -> Result<Vec<u8>> {
        let quoted = self.get(index)?.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        unhex(quoted.context("a string that was cut short")?)
    }

    pub fn path(&self, index: usize) -> Result<PathBuf> {
        Ok(std::ffi::OsString::from_vec(self.string(index)?).into())
    }

    /// An open file by its number and name.
    pub fn file(&self, index: usize) -> Result<(u32, Option<PathBuf>)> {
        open_file(self.get(index)?)
    }
}

/// `7<\x2f\x61>` is file 7, which is `/a`. A file that has been removed, a socket and a number alone have no name.
pub fn open_file(bytes: &[u8]) -> Result<(u32, Option<PathBuf>)> {
    let Some((number, rest)) = split(bytes, b"<") else {
        return Ok((text(bytes)?.parse().unwrap_or(u32::MAX), None));
    };
    let number = text(number)?.parse().unwrap_or(u32::MAX);
    let path = rest.strip_suffix(b">").filter(|path| path.starts_with(b"\\x2f"));
    let path = path.map(unhex).transpose()?.map(|bytes| std::ffi::OsString::from_vec(bytes).into());
    Ok((number, path))
}

fn unhex(bytes: &[u8]) -> Result<Vec<u8>> {
    let nibble = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let mut out = Vec::with_capacity(bytes.len() / 4);
    for four in bytes.chunks(4) {
        match four {
            [b'\\', b'x', high, low] => match (nibble(*high), nibble(*low)) {
                (Some(high), Some(low)) => out.push(high << 4 | low),
                _ => bail!("not hexadecimal"),
            },
            _ => bail!("a string that is not hexadecimal throughout"),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_call_ends_when_it_has_lasted() {
        let text = br#"9934  1795157619.003243 pwrite64(4<\x2f\x61>, "\x68\x69", 2, 8) = 2 <0.000133>"#;
        let line = parse(text).unwrap().unwrap();
        assert_eq!((line.thread, line.at, line.name), (9934, 1_795_157_619_003_376, "pwrite64"));
        assert_eq!(line.result, Some(b"2".as_slice()));
        let arguments = Arguments::split(line.arguments);
        assert_eq!(arguments.file(0).unwrap(), (4, Some("/a".into())));
        assert_eq!(arguments.string(1).unwrap(), b"hi");
        assert_eq!(arguments.number(3).unwrap(), 8);
    }

    #[test]
    fn a_call_in_two_halves_is_two_lines() {
        let begun = parse(br"12 1.000001 fdatasync(4<\x2f\x61> <unfinished ...>").unwrap().unwrap();
        assert_eq!((begun.begins, begun.result, begun.arguments), (true, None, br"4<\x2f\x61>".as_slice()));
        let ended = parse(b"12 1.000401 <... fdatasync resumed>) = 0 <0.000400>").unwrap().unwrap();
        assert_eq!((ended.begins, ended.result, ended.at), (false, Some(b"0".as_slice()), 1_000_401));
    }

    #[test]
    fn other_lines_tell_of_no_call() {
        assert_eq!(parse(b"12 1.000001 +++ killed by SIGKILL +++").unwrap(), None);
        assert_eq!(parse(br"12 1.000001 fdatasync(4<\x2f\x61>) = ?").unwrap(), None);
        assert_eq!(parse(br"12 1.000001 fdatasync(4<\x2f\x61>) = ? <unavailable>").unwrap(), None);
    }
}
