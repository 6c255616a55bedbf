//! The end of the chain, signed once a day: who rewrites the chain and all its hashes cannot sign it anew.
use chrono::{DateTime, NaiveDate, Utc};
use kernel::Result;
use store::{Db, Sql, args, from_row, sql};
use vault::Vault;

use super::{AUDIT_HASH, Row, Verdict};

sql!(AUDIT_HEADS = "SELECT day, seq, hash, signature FROM audit_heads ORDER BY day");
sql!(AUDIT_HEAD_OF_DAY = "SELECT seq AS value FROM audit_heads WHERE day = $1");
sql!(AUDIT_LAST = "SELECT seq, first, entries, hash FROM audit_log ORDER BY seq DESC LIMIT 1");
sql!(
    AUDIT_HEAD_SIGN = "INSERT INTO audit_heads (day, seq, hash, signature) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING"
);

/// The end of the chain at the beginning of a day, in UTC, or when the program was first there on that day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    pub day: NaiveDate,
    /// The number of the last entry.
    pub seq: i64,
    /// The hash of its row.
    pub hash: Vec<u8>,
    pub signature: Vec<u8>,
}
from_row!(AuditHead { day, seq, hash, signature });

impl AuditHead {
    /// What is signed.
    fn text(&self) -> String {
        format!("nadi audit head {} {} {}", self.day, self.seq, vault::hex(&self.hash))
    }
}

/// Signs the end of the chain unless that was done today; tells whether it was done now.
pub async fn sign_audit_head(db: &Db, vault: &Vault, now: DateTime<Utc>) -> Result<bool> {
    let day = now.date_naive();
    if db.clone().one::<i64>(&AUDIT_HEAD_OF_DAY, args![day]).await?.is_some() {
        return Ok(false);
    }
    let Some(Row { seq, hash, .. }) = db.clone().one(&AUDIT_LAST, args![]).await? else { return Ok(false) };
    let mut head = AuditHead { day, seq, hash, signature: Vec::new() };
    head.signature = vault.attest(head.text().as_bytes());
    let mut tx = db.begin().await?;
    tx.run(&AUDIT_HEAD_SIGN, args![head.day, head.seq, head.hash, head.signature]).await?;
    tx.commit().await?;
    Ok(true)
}

/// Every signed head, the first day first.
pub async fn audit_heads(sql: &mut impl Sql) -> Result<Vec<AuditHead>> {
    Ok(sql.all(&AUDIT_HEADS, args![]).await?)
}

/// Holds the chain against its signed heads. [`Verdict::Whole`] tells how many there are; the chain itself is checked by
/// [`verify`](super::verify).
pub async fn verify_heads(db: &mut Db, vault: &Vault) -> Result<Verdict> {
    let heads = audit_heads(db).await?;
    for head in &heads {
        let broken = |why: &str| Ok(Verdict::Broken { seq: head.seq, why: format!("{why} on {}", head.day) });
        if !vault.attests(head.text().as_bytes(), &head.signature) {
            return broken("another key signed the end of the chain");
        }
        let hash: Option<Vec<u8>> = db.one(&AUDIT_HASH, args![head.seq]).await?;
        match hash {
            Some(hash) if hash == head.hash => {}
            Some(_) => return broken("the row is not the one that was signed"),
            None => return broken("the row that was signed is missing, the end of the chain"),
        }
    }
    Ok(Verdict::Whole { entries: heads.len() as i64 })
}
