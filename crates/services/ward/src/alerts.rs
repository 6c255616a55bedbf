//! The alerts' table: one open row a patient and rule.
use access::{Grant, Read, data};
use chrono::{DateTime, Utc};
use emergency::Severity;
use kernel::{AlertId, EncounterId, Error, PatientId, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;
use vault::{PatientKey, Row};

use crate::judge::SOURCE;
use crate::model::{Alert, AlertSource, AlertStatus};

/// The sealed part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Detail {
    pub message: String,
    pub explanation: Value,
    pub resolution_notes: Option<String>,
}

/// A row, its detail still sealed.
pub struct Stored {
    pub id: AlertId,
    pub patient_id: PatientId,
    pub encounter_id: Option<EncounterId>,
    pub rule: String,
    pub severity: Severity,
    pub status: AlertStatus,
    pub opened_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub repeats: i64,
    pub closed_at: Option<DateTime<Utc>>,
    pub closed_by: Option<Uuid>,
    sealed: Vec<u8>,
}
from_row!(Stored {
    id,
    patient_id,
    encounter_id,
    rule,
    severity,
    status,
    opened_at,
    last_seen_at,
    repeats,
    closed_at,
    closed_by,
    sealed,
});

macro_rules! columns {
    ($tail:literal) => {
        concat!(
            "SELECT id, patient_id, encounter_id, rule, severity, status, opened_at, last_seen_at, repeats, closed_at, closed_by, sealed
             FROM alerts ",
            $tail
        )
    };
}

sql!(
    ALERT_ADD = "INSERT INTO alerts (id, patient_id, encounter_id, rule, severity, status, opened_at, last_seen_at, repeats, sealed)
    VALUES ($1, $2, $3, $4, $5, 'open', $6, $6, 0, $7)"
);
sql!(
    ALERT_SEEN =
        "UPDATE alerts SET last_seen_at = $3, repeats = $4 WHERE patient_id = $1 AND rule = $2 AND status = 'open'"
);
sql!(ALERT_WORSE = "UPDATE alerts SET severity = $2, last_seen_at = $3, repeats = $4, sealed = $5 WHERE id = $1");
sql!(
    ALERT_END =
        "UPDATE alerts SET status = $2, closed_at = $3, closed_by = $4, sealed = $5 WHERE id = $1 AND status = 'open'"
);
sql!(ALERT_OPEN = columns!("WHERE patient_id = $1 AND rule = $2 AND status = 'open'"));
sql!(ALERT_BY_ID = columns!("WHERE id = $1"));
sql!(
    ALERTS_OF_ENCOUNTER = columns!(
        "WHERE encounter_id = $1 AND (status = $2 OR $2 IS NULL) AND id < $3 AND opened_at >= $5 AND opened_at <= $6 ORDER BY id DESC LIMIT $4"
    )
);
sql!(ALERTS_OF_PATIENT = columns!("WHERE patient_id = $1 AND id > $2 ORDER BY id LIMIT $3"));
sql!(
    OPEN_ALERTS = "SELECT count(*) AS value FROM alerts
    WHERE encounter_id = $1 AND status = 'open' AND opened_at >= $2 AND opened_at <= $3"
);

fn place(id: AlertId) -> Row<'static> {
    Row { table: "alerts", id: id.0 }
}

fn seal(key: &PatientKey, id: AlertId, detail: &Detail) -> Result<Vec<u8>> {
    key.seal(place(id), &serde_json::to_vec(detail).map_err(Error::internal)?)
}

impl Stored {
    pub fn detail(&self, key: &PatientKey) -> Result<Detail> {
        serde_json::from_slice(&key.open(place(self.id), &self.sealed)?).map_err(Error::internal)
    }

    /// Opens the row for somebody who was granted to read it.
    pub fn open(self, grant: &Grant<Read, data::Alerts>, key: &PatientKey) -> Result<Alert> {
        grant.covers(self.patient_id)?;
        let detail = self.detail(key)?;
        Ok(Alert {
            id: self.id,
            patient_id: self.patient_id,
            encounter_id: self.encounter_id,
            r#type: self.rule,
            severity: self.severity,
            status: self.status,
            message: detail.message,
            timestamp: self.opened_at,
            last_seen_at: self.last_seen_at,
            repeats: self.repeats,
            resolved_at: self.closed_at,
            resolved_by: self.closed_by,
            resolution_notes: detail.resolution_notes,
            source: match detail.explanation.get(SOURCE) {
                Some(_) => AlertSource::Wearable,
                None => AlertSource::Bedside,
            },
            explanation: detail.explanation,
        })
    }
}

/// An alert to open.
pub struct NewAlert<'a> {
    pub key: &'a PatientKey,
    pub encounter: Option<EncounterId>,
    pub rule: &'static str,
    pub severity: Severity,
    pub detail: Detail,
    pub at: DateTime<Utc>,
}

pub async fn add(tx: &mut Tx, new: &NewAlert<'_>) -> Result<AlertId> {
    let id = AlertId::new();
    let sealed = seal(new.key, id, &new.detail)?;
    let args = args![id, new.key.patient(), new.encounter, new.rule, new.severity, new.at, sealed];
    tx.run(&ALERT_ADD, args).await?;
    Ok(id)
}

/// Counts one more abnormal reading of an open alert.
pub async fn seen(tx: &mut Tx, patient: PatientId, rule: &str, at: DateTime<Utc>, repeats: i64) -> Result<()> {
    tx.run(&ALERT_SEEN, args![patient, rule, at, repeats]).await?;
    Ok(())
}

/// Makes an open alert more severe.
pub async fn worsen(
    tx: &mut Tx,
    row: &Stored,
    key: &PatientKey,
    severity: Severity,
    repeats: i64,
    detail: &Detail,
    at: DateTime<Utc>,
) -> Result<()> {
    tx.run(&ALERT_WORSE, args![row.id, severity, at, repeats, seal(key, row.id, detail)?]).await?;
    Ok(())
}

/// How an alert ends.
pub struct Ending {
    pub status: AlertStatus,
    pub by: Option<Uuid>,
    pub notes: Option<String>,
    pub at: DateTime<Utc>,
}

/// Ends an open alert; false when it had ended already.
pub async fn end(tx: &mut Tx, row: &Stored, key: &PatientKey, ending: &Ending) -> Result<bool> {
    let detail = Detail { resolution_notes: ending.notes.clone(), ..row.detail(key)? };
    let args = args![row.id, ending.status, ending.at, ending.by, seal(key, row.id, &detail)?];
    Ok(tx.run(&ALERT_END, args).await? > 0)
}

pub async fn open_one(tx: &mut Tx, patient: PatientId, rule: &str) -> Result<Option<Stored>> {
    Ok(tx.one(&ALERT_OPEN, args![patient, rule]).await?)
}

pub async fn by_id(sql: &mut impl Sql, id: AlertId) -> Result<Option<Stored>> {
    Ok(sql.one(&ALERT_BY_ID, args![id]).await?)
}

/// An encounter's alerts older than `before` and of the grant's time, newest first.
pub async fn of_encounter(
    sql: &mut impl Sql,
    grant: &Grant<Read, data::Alerts>,
    (encounter, status): (EncounterId, Option<AlertStatus>),
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Stored>> {
    let (from, to) = grant.span().bounds();
    let args = args![encounter, status, before.unwrap_or(Uuid::max()), limit, from, to];
    Ok(sql.all(&ALERTS_OF_ENCOUNTER, args).await?)
}

/// A patient's alerts of every stay newer than `after`, oldest first.
pub async fn of_patient(
    sql: &mut impl Sql,
    patient: PatientId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Stored>> {
    Ok(sql.all(&ALERTS_OF_PATIENT, args![patient, after.unwrap_or_default(), limit]).await?)
}

/// How many alerts of these encounters are open. A number of a whole hospital tells of nobody, so it takes no grant.
pub async fn open_alerts(sql: &mut impl Sql, encounters: &[EncounterId]) -> Result<i64> {
    let counted = Where::new("SELECT count(*) AS value FROM alerts").all("status = 'open'", []);
    Ok(sql.find(counted.among("encounter_id", encounters)).await?.pop().unwrap_or_default())
}

/// How many alerts of this encounter are open, of the grant's time.
pub async fn count_open(sql: &mut impl Sql, grant: &Grant<Read, data::Care>, encounter: EncounterId) -> Result<i64> {
    let (from, to) = grant.span().bounds();
    Ok(sql.one(&OPEN_ALERTS, args![encounter, from, to]).await?.unwrap_or_default())
}
