//! Fetching a finished export: opened and sent chunk by chunk, never whole in memory.
use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt as _};
use kernel::{App, Error, PatientId, Result};
use uuid::Uuid;
use vault::Vault;

use super::archive::{self, Place};
use crate::queries::exports;

/// A file that is ready to be sent.
pub struct Packed {
    pub size: i64,
    pieces: Vec<Piece>,
    app: App,
    patient: PatientId,
}

enum Piece {
    Header(Vec<u8>),
    Chunk(Place),
}

/// The file of a finished export of this patient; none when it is not finished, or was swept.
pub async fn fetch(app: &App, patient: PatientId, export: Uuid) -> Result<Option<Packed>> {
    let mut db = app.db();
    if exports::finished(&mut db, export).await? != Some(patient) {
        return Ok(None);
    }
    let parts = exports::parts(&mut db, export).await?;
    let (size, mut pieces) = (archive::size(&parts)?, Vec::new());
    for part in &parts {
        pieces.push(Piece::Header(archive::local_header(part)?));
        pieces.extend((0..part.chunks).map(|place| Piece::Chunk((export, part.number, place))));
    }
    pieces.push(Piece::Header(archive::directory(&parts)?));
    Ok(Some(Packed { size, pieces, app: app.clone(), patient }))
}

impl Packed {
    /// The file's bytes in their order. It breaks off where a chunk is gone: the export was removed meanwhile, or the
    /// patient erased.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
        let Self { pieces, app, patient, .. } = self;
        stream::iter(pieces).then(move |piece| {
            let app = app.clone();
            async move {
                match piece {
                    Piece::Header(bytes) => Ok(bytes.into()),
                    Piece::Chunk(place) => chunk(&app, patient, place).await,
                }
            }
        })
    }
}

async fn chunk(app: &App, patient: PatientId, place: Place) -> Result<Bytes> {
    let sealed = exports::chunk(&mut app.db(), place).await?.ok_or_else(|| Error::gone("the export was removed"))?;
    let key = app.edge::<Vault>().key(&app.db(), patient).await?;
    archive::open(&key, place, &sealed).map(Bytes::from)
}
