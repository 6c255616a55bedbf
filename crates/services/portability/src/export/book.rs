//! The book that an export writes: its parts, packed and sealed chunk by chunk.
use std::collections::HashSet;
use std::io::Write as _;

use access::{Data, Grant, Read};
use chrono::{DateTime, Utc};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use jobs::Run;
use kernel::{App, Error, PatientId, Result};
use serde::Serialize;
use store::Tx;
use uuid::Uuid;
use vault::Vault;

use super::archive;
use super::behalf::Behalf;
use crate::queries::exports;

/// Packed bytes that are sealed together: what memory holds of an export at a time.
const CHUNK: usize = 64 * 1024;

/// An export that is being written.
pub struct Book<'a> {
    pub app: &'a App,
    /// When this attempt began. Each part is as it was when it was written, a little later.
    pub begun: DateTime<Utc>,
    behalf: Behalf,
    id: Uuid,
    patient: PatientId,
    run: Option<&'a Run>,
    written: HashSet<String>,
    /// Parts that there will be, as far as that can be told.
    expected: usize,
}

impl<'a> Book<'a> {
    /// Begins a book, or goes on with one: complete parts stay, the one that was not completed is written anew.
    pub async fn open(
        app: &'a App,
        behalf: Behalf,
        patient: PatientId,
        id: Uuid,
        run: Option<&'a Run>,
    ) -> Result<Self> {
        let begun = app.clock().now();
        let mut tx = app.db().begin().await?;
        exports::add(&mut tx, id, patient, begun).await?;
        let parts = exports::parts(&mut tx, id).await?;
        let mut book = Self { app, begun, behalf, id, patient, run, written: HashSet::new(), expected: 1 };
        book.written.extend(parts.into_iter().map(|part| part.name));
        exports::drop_unfinished(&mut tx, id, book.next()).await?;
        book.report(&mut tx, "preparing").await?;
        tx.commit().await?;
        Ok(book)
    }

    pub fn expect(&mut self, parts: usize) {
        self.expected = parts.max(1);
    }

    pub fn has(&self, name: &str) -> bool {
        self.written.contains(name)
    }

    /// A grant for whoever the export is made for.
    pub async fn grant<D: Data>(&self, patient: PatientId) -> Result<Grant<Read, D>> {
        self.behalf.grant(self.app, patient).await
    }

    pub fn behalf(&self) -> &Behalf {
        &self.behalf
    }

    /// Begins the next part.
    pub fn part<'b>(&'b mut self, name: &str) -> Part<'b, 'a> {
        let encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        Part { name: name.to_owned(), crc: Crc::new(), plain: 0, packed: 0, chunks: 0, encoder, book: self }
    }

    fn next(&self) -> i64 {
        self.written.len() as i64
    }

    /// Says how far it is. 409 when somebody else makes this export by now.
    async fn report(&self, tx: &mut Tx, note: &str) -> Result<()> {
        let Some(run) = self.run else { return Ok(()) };
        let percent = 100 * self.written.len() / self.expected;
        run.report(tx, percent as i64, note, self.app.clock().now()).await
    }

    /// Ends the book and answers the size of its file.
    pub async fn close(self) -> Result<i64> {
        let mut tx = self.app.db().begin().await?;
        let parts = exports::parts(&mut tx, self.id).await?;
        let size = archive::size(&parts)?;
        self.report(&mut tx, "closing").await?;
        exports::finish(&mut tx, self.id, size, self.app.clock().now()).await?;
        tx.commit().await?;
        Ok(size)
    }
}

/// A part that is being written.
pub struct Part<'b, 'a> {
    book: &'b mut Book<'a>,
    name: String,
    crc: Crc,
    plain: i64,
    packed: i64,
    chunks: i64,
    encoder: DeflateEncoder<Vec<u8>>,
}

impl Part<'_, '_> {
    /// One line of NDJSON.
    pub async fn line(&mut self, entry: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(entry).map_err(Error::internal)?;
        line.push(b'\n');
        self.write(&line).await
    }

    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.crc.update(bytes);
        self.plain += bytes.len() as i64;
        self.encoder.write_all(bytes).map_err(Error::internal)?;
        if self.encoder.get_ref().len() < CHUNK {
            return Ok(());
        }
        let full = std::mem::take(self.encoder.get_mut());
        self.book.behalf.require_live(self.book.app).await?;
        let mut tx = self.book.app.db().begin().await?;
        self.keep(&mut tx, &full).await?;
        Ok(tx.commit().await?)
    }

    /// Seals a chunk and keeps it, as long as this attempt is the one that counts.
    async fn keep(&mut self, tx: &mut Tx, packed: &[u8]) -> Result<()> {
        self.book.report(tx, &self.name).await?;
        let place = (self.book.id, self.book.next(), self.chunks);
        // Asked for each time: the book may be written for longer than a key is lent.
        let key = self.book.app.edge::<Vault>().key_in(tx, self.book.patient).await?;
        let sealed = archive::seal(&key, place, packed)?;
        exports::add_chunk(tx, place, sealed).await?;
        self.packed += packed.len() as i64;
        self.chunks += 1;
        Ok(())
    }

    /// Completes the part.
    pub async fn end(mut self) -> Result<()> {
        let encoder = std::mem::replace(&mut self.encoder, DeflateEncoder::new(Vec::new(), Compression::none()));
        let rest = encoder.finish().map_err(Error::internal)?;
        self.book.behalf.require_live(self.book.app).await?;
        let mut tx = self.book.app.db().begin().await?;
        self.keep(&mut tx, &rest).await?;
        let part = exports::Part {
            number: self.book.next(),
            name: self.name.clone(),
            checksum: i64::from(self.crc.sum()),
            plain_size: self.plain,
            packed_size: self.packed,
            chunks: self.chunks,
            written_at: self.book.app.clock().now(),
        };
        exports::add_part(&mut tx, self.book.id, &part).await?;
        tx.commit().await?;
        self.book.written.insert(self.name);
        Ok(())
    }
}
