//! A new master key: what the old one sealed is sealed with it, in one transaction, while nobody serves.
//!
//! Other keys are made from the root secret, which stays: it is the first master key, and from the first change on lies in
//! the database, sealed with the one that counts.
use std::path::Path;

use chrono::{DateTime, Utc};
use kernel::{App, Error, PatientId, Result};
use store::{Db, Sql as _, Tx, args, from_row, sql};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::keys::{digesting, wrapping};
use crate::seal::{self, system_binding};
use crate::sealed_column::{Ask, SealedColumn};
use crate::secrets::{NewMaster, Secrets};

sql!(ROOT_OF = "SELECT sealed AS value FROM root_secrets LIMIT 1");
sql!(
    ROOT_PUT = "INSERT INTO root_secrets (one, sealed, written_at) VALUES (1, $1, $2)
    ON CONFLICT (one) DO UPDATE SET sealed = excluded.sealed, written_at = excluded.written_at"
);
sql!(
    KEYS_PAGE = "SELECT patient_id, version, wrapped, digests FROM data_keys
    WHERE (patient_id, version) > ($1, $2)
    ORDER BY patient_id, version
    LIMIT $3"
);
sql!(
    KEY_WRAP_ANEW = "UPDATE data_keys SET wrapped = $4, digests = $5
    WHERE patient_id = $1 AND version = $2 AND wrapped = $3"
);

/// Rows read at a time.
const PAGE: i64 = 1000;
const PURPOSE: &str = "root secret";

struct Wrapped {
    patient_id: PatientId,
    version: i64,
    wrapped: Vec<u8>,
    digests: Option<Vec<u8>>,
}
from_row!(Wrapped { patient_id, version, wrapped, digests });

impl Secrets {
    /// Learns the root secret of a database whose master key was changed. Fails when the key here is not that of the database.
    pub async fn learn_root(&mut self, db: &Db) -> Result<()> {
        if let Some(sealed) = root_of(db).await? {
            let root = seal::open(&seal::cipher(&self.master)?, &system_binding(PURPOSE), &sealed);
            self.root =
                Some(Zeroizing::new(root.map_err(|_| Error::internal("the master key is not that of this database"))?));
        }
        Ok(())
    }
}

async fn root_of(db: &Db) -> Result<Option<Vec<u8>>> {
    Ok(db.clone().one(&ROOT_OF, args![]).await?)
}

/// Whether what is in the database is under this master key.
async fn is_under(db: &Db, key: &[u8]) -> Result<bool> {
    let cipher = seal::cipher(key)?;
    Ok(root_of(db).await?.is_some_and(|sealed| seal::open(&cipher, &system_binding(PURPOSE), &sealed).is_ok()))
}

/// Ends a change that broke off between the database and the key's file: a key that waits, and that the database is under, is
/// put in its place. Tells whether the master key is another one now.
pub async fn finish_change(directory: &Path, db: &Db) -> Result<bool> {
    let Some(next) = NewMaster::beside(directory)? else { return Ok(false) };
    let counts = is_under(db, &next.0).await?;
    if counts {
        next.put_in_place(directory)?;
    }
    Ok(counts)
}

/// Seals with a new master key whatever the old one sealed: patients' keys, the root secret, and `columns`, which are the
/// system's. Anything that changes meanwhile undoes it all.
pub async fn change(
    app: &App,
    tx: &mut Tx,
    (old, new): (&Secrets, &NewMaster),
    columns: impl Iterator<Item = &'static SealedColumn>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let (before, after) = (seal::cipher(&old.master)?, seal::cipher(&new.0)?);
    let anew = |binding: &[u8], sealed: &[u8]| {
        let version = seal::version_of(sealed).unwrap_or_default();
        seal::seal(&after, version, binding, &Zeroizing::new(seal::open(&before, binding, sealed)?))
    };
    let (mut last, mut changed) = ((PatientId(Uuid::nil()), 0), 0);
    loop {
        let page: Vec<Wrapped> = tx.all(&KEYS_PAGE, args![last.0, last.1, PAGE]).await?;
        let Some(end) = page.last() else { break };
        last = (end.patient_id, end.version);
        for row in page {
            let number = u32::try_from(row.version).map_err(Error::internal)?;
            let wrapped = anew(&wrapping(row.patient_id, number), &row.wrapped)?;
            let digests = row.digests.map(|sealed| anew(&digesting(row.patient_id, number), &sealed)).transpose()?;
            once(tx.run(&KEY_WRAP_ANEW, args![row.patient_id, row.version, row.wrapped, wrapped, digests]).await?)?;
            changed += 1;
        }
    }
    for column in columns {
        let mut at = (column.first)();
        loop {
            let ask = Ask { patient: PatientId(Uuid::nil()), version: vec![u8::MAX; 4], after: at, limit: PAGE };
            let page = (column.others)(&mut app.db(), ask).await?;
            for value in &page {
                let sealed = anew(&system_binding(value.bound.table()), &value.sealed)?;
                let mut args = args![Uuid::nil(), &value.sealed, sealed];
                args.extend(value.at.iter().cloned());
                once(tx.run(column.put, args).await?)?;
                changed += 1;
            }
            match page.into_iter().next_back() {
                Some(last) => at = last.at,
                None => break,
            }
        }
    }
    let root = seal::seal(&after, 0, &system_binding(PURPOSE), old.root())?;
    tx.run(&ROOT_PUT, args![root, now]).await?;
    Ok(changed)
}

fn once(rows: u64) -> Result<()> {
    match rows {
        1 => Ok(()),
        _ => Err(Error::conflict("something is served here: stop every server first")),
    }
}
