//! The rows of a CSV file, one at a time.
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::cells::Refusal;

/// A row as it was read.
pub struct Row {
    /// As a spreadsheet counts: the header is row 1.
    pub number: usize,
    /// The cells, or why they are none.
    pub cells: Result<Vec<String>, Refusal>,
}

fn open(path: &Path) -> Result<Reader<File>> {
    // Flexible: a row that is too short is one refused row, not the end of the file.
    let reader = ReaderBuilder::new().flexible(true).from_path(path);
    reader.with_context(|| format!("{} cannot be read", path.display()))
}

/// The names of the columns.
pub fn header(path: &Path) -> Result<Vec<String>> {
    let mut reader = open(path)?;
    let header = reader.headers().with_context(|| format!("the header of {} is not UTF-8", path.display()))?;
    let names: Vec<String> = header.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
    if names.iter().all(String::is_empty) {
        bail!("{} has no header", path.display());
    }
    Ok(names)
}

/// The line on which a quote begins that nothing closes: everything after it would be read as one cell.
fn unclosed(path: &Path) -> Result<Option<usize>> {
    let file = BufReader::new(File::open(path)?);
    let (mut state, mut line, mut began) = (Place::Start, 1, 1);
    for byte in file.bytes() {
        let byte = byte?;
        state = match (state, byte) {
            (Place::Start, b'"') => {
                began = line;
                Place::Quoted
            }
            (Place::Quoted, b'"') => Place::Quote,
            (Place::Quoted, _) => Place::Quoted,
            // Two quotes are one that belongs to the cell.
            (Place::Quote, b'"') => Place::Quoted,
            (_, b',' | b'\n' | b'\r') => Place::Start,
            // A mark that some programs put at the beginning of a file.
            (Place::Start, b'\xef' | b'\xbb' | b'\xbf') if line == 1 => Place::Start,
            _ => Place::Plain,
        };
        line += usize::from(byte == b'\n');
    }
    Ok((state == Place::Quoted).then_some(began))
}

/// Where in a cell a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Plain,
    Quoted,
    /// After a quote in a quoted cell.
    Quote,
}

/// How many rows there are after the header; rows of empty cells alone are passed over.
pub fn count(path: &Path) -> Result<usize> {
    if let Some(line) = unclosed(path).with_context(|| format!("{} cannot be read", path.display()))? {
        bail!("the quote that begins on line {line} of {} is never closed", path.display());
    }
    let mut reader = open(path)?;
    let (mut record, mut count) = (ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).with_context(|| format!("{} cannot be read", path.display()))? {
        count += usize::from(!is_blank(&record));
    }
    Ok(count)
}

/// The rows after the header.
pub fn read(path: &Path) -> Result<impl Iterator<Item = Row>> {
    let mut reader = open(path)?;
    let width = reader.byte_headers()?.len();
    let rows = reader.into_byte_records().enumerate().filter(|(_, record)| !record.as_ref().is_ok_and(is_blank));
    Ok(rows.map(move |(index, record)| Row { number: index + 2, cells: cells(record, width) }))
}

fn is_blank(record: &ByteRecord) -> bool {
    record.iter().all(|cell| cell.iter().all(u8::is_ascii_whitespace))
}

fn cells(record: csv::Result<ByteRecord>, width: usize) -> Result<Vec<String>, Refusal> {
    let record = record.map_err(|error| Refusal::of("", format!("the row cannot be read: {error}")))?;
    if record.len() != width {
        return Err(Refusal::of("", format!("the row has {} cells and the header {width}", record.len())));
    }
    let text = |cell: &[u8]| String::from_utf8(cell.to_vec());
    record.iter().map(text).collect::<Result<_, _>>().map_err(|_| Refusal::of("", "the row is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, bytes).expect("a file");
        (folder, path)
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let (_folder, path) =
            written(b"\xef\xbb\xbf\"first_name\", notes\r\nAsha,\"two\r\nlines\"\r\n,\r\n\r\nRavi,x\r\n");
        assert_eq!(header(&path).expect("a header"), ["first_name", "notes"]);
        assert_eq!(count(&path).expect("a count"), 2);
        let rows: Vec<Row> = read(&path).expect("rows").collect();
        let read: Vec<_> = rows.into_iter().map(|row| (row.number, row.cells.expect("cells"))).collect();
        let cells = |one: &str, two: &str| vec![one.to_owned(), two.to_owned()];
        assert_eq!(read, [(2, cells("Asha", "two\r\nlines")), (4, cells("Ravi", "x"))]);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told_of() {
        let (_folder, path) = written(b"a,b\nx,y\n\"x,y\nz,w\n");
        let refused = count(&path).expect_err("a refusal").to_string();
        assert!(refused.contains("begins on line 3"), "{refused}");
        for fits in [&b"a,b\nx,5\"\n"[..], b"a\n\"he said \"\"no\"\"\"\n", b"\xef\xbb\xbf\"a\",b\n\"x\",\"\"\n"] {
            let (_folder, path) = written(fits);
            assert_eq!(count(&path).expect("a count"), 1);
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_is_one_refused_row() {
        let (_folder, path) = written(b"a,b\nx\n\xff,y\nx,y\n");
        let rows: Vec<Row> = read(&path).expect("rows").collect();
        let refused: Vec<_> = rows.iter().map(|row| row.cells.as_ref().err().map(|r| r.reason.as_str())).collect();
        assert_eq!(refused, [Some("the row has 1 cells and the header 2"), Some("the row is not UTF-8"), None]);
    }
}
