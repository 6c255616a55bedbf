//! Reading an export as any unzip program does: from its directory at the end.
use std::collections::BTreeMap;
use std::io::Read as _;

use reqwest::Method;
use serde_json::Value;
use testkit::Client;

/// The files of a ZIP, by their names.
pub struct Archive(pub BTreeMap<String, String>);

/// Fetches a file whole.
pub async fn fetch(by: &Client, path: &str) -> Archive {
    let answer = by.request(Method::GET, &format!("{path}/file")).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "application/zip");
    let length: usize = header("content-length").parse().expect("a number");
    let bytes = answer.bytes().await.expect("a body");
    assert_eq!(bytes.len(), length);
    Archive::read(&bytes)
}

fn two(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

fn four(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize
}

impl Archive {
    pub fn read(bytes: &[u8]) -> Self {
        let end = bytes.len() - 22;
        assert_eq!(four(bytes, end), 0x0605_4b50, "no end of a directory");
        let (count, size, mut at) = (two(bytes, end + 10), four(bytes, end + 12), four(bytes, end + 16));
        assert_eq!(at + size, end);
        let mut files = BTreeMap::new();
        for _ in 0..count {
            assert_eq!(four(bytes, at), 0x0201_4b50);
            let (checksum, packed, plain) = (four(bytes, at + 16), four(bytes, at + 20), four(bytes, at + 24));
            let (named, local) = (two(bytes, at + 28), four(bytes, at + 42));
            let name = String::from_utf8(bytes[at + 46..at + 46 + named].to_vec()).expect("a name");
            assert_eq!(four(bytes, local), 0x0403_4b50);
            assert_eq!((four(bytes, local + 14), four(bytes, local + 18)), (checksum, packed));
            let start = local + 30 + two(bytes, local + 26) + two(bytes, local + 28);
            let mut text = String::new();
            let mut packed = flate2::read::DeflateDecoder::new(&bytes[start..start + packed]);
            packed.read_to_string(&mut text).expect("text");
            let mut crc = flate2::Crc::new();
            crc.update(text.as_bytes());
            assert_eq!((text.len(), crc.sum() as usize), (plain, checksum), "{name}");
            files.insert(name, text);
            at += 46 + named;
        }
        Self(files)
    }

    pub fn document(&self, name: &str) -> Value {
        serde_json::from_str(&self.0[name]).expect("JSON")
    }

    pub fn lines(&self, name: &str) -> Vec<Value> {
        self.0[name].lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The readings of every month, in their order.
    pub fn vitals(&self) -> Vec<Value> {
        let months = self.0.keys().filter(|name| name.starts_with("vitals/"));
        months.flat_map(|name| self.lines(name)).collect()
    }
}
