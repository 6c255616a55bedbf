//! The emergencies' table.
use access::{Grant, Read, Span, data};
use chrono::{DateTime, Utc};
use kernel::{AlertId, EmergencyId, HospitalId, PatientId, Result};
use patients::EmergencyKind;
use store::{Sql, Tx, args, from_row, sql};
use uuid::Uuid;
use vault::{PatientKey, Row};

use crate::model::{Detail, Emergency, Severity, Status};

/// A row, its detail still sealed.
pub struct Stored {
    pub id: EmergencyId,
    pub reference: String,
    pub patient_id: PatientId,
    pub hospital_id: Option<HospitalId>,
    pub alert_id: Option<AlertId>,
    pub kind: EmergencyKind,
    pub severity: Severity,
    pub status: Status,
    pub triggered_by: String,
    sealed: Vec<u8>,
    pub created_at: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub acknowledged_by: Option<Uuid>,
    pub responding_at: Option<DateTime<Utc>>,
    pub responding_by: Option<Uuid>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by: Option<Uuid>,
}
from_row!(Stored {
    id,
    reference,
    patient_id,
    hospital_id,
    alert_id,
    kind,
    severity,
    status,
    triggered_by,
    sealed,
    created_at,
    acknowledged_at,
    acknowledged_by,
    responding_at,
    responding_by,
    ended_at,
    ended_by,
});

pub fn place(id: EmergencyId) -> Row<'static> {
    Row { table: "emergencies", id: id.0 }
}

impl Stored {
    pub fn detail(&self, key: &PatientKey) -> Result<Detail> {
        serde_json::from_slice(&key.open(place(self.id), &self.sealed)?).map_err(kernel::Error::internal)
    }

    /// Opens the row for somebody who was granted to read it.
    pub fn open(
        self,
        grant: &Grant<Read, data::Emergencies>,
        key: &PatientKey,
        name: Option<String>,
    ) -> Result<Emergency> {
        grant.covers(self.patient_id)?;
        let detail = self.detail(key)?;
        Ok(Emergency {
            id: self.id,
            alert_id: self.reference,
            patient_id: self.patient_id,
            patient_name: name,
            hospital_id: self.hospital_id,
            ward_alert_id: self.alert_id,
            alert_type: self.kind,
            severity: self.severity,
            status: self.status,
            description: detail.description,
            triggered_by: self.triggered_by,
            trigger_data: detail.trigger_data,
            location: detail.location,
            created_at: self.created_at,
            acknowledged_at: self.acknowledged_at,
            acknowledged_by: self.acknowledged_by,
            responding_at: self.responding_at,
            responder_id: self.responding_by,
            response_notes: detail.response_notes,
            resolved_at: self.ended_at,
            resolved_by: self.ended_by,
            resolution_notes: detail.resolution_notes,
        })
    }
}

macro_rules! columns {
    ($tail:literal) => {
        concat!(
            "SELECT id, reference, patient_id, hospital_id, alert_id, kind, severity, status, triggered_by, sealed, created_at,
             acknowledged_at, acknowledged_by, responding_at, responding_by, ended_at, ended_by FROM emergencies ",
            $tail
        )
    };
}

sql!(
    EMERGENCY_ADD = "INSERT INTO emergencies
    (id, reference, patient_id, hospital_id, alert_id, kind, severity, status, triggered_by, sealed, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
);
sql!(EMERGENCY_BY_ID = columns!("WHERE id = $1"));
sql!(EMERGENCY_BY_REFERENCE = columns!("WHERE reference = $1"));
sql!(EMERGENCY_LOCK = columns!("WHERE id = $1 FOR UPDATE"));
sql!(
    EMERGENCIES_OF = columns!(
        "WHERE patient_id = $1 AND (ended_at IS NULL OR $2) AND (severity = $3 OR $3 IS NULL) AND id < $4 AND created_at >= $6 AND created_at <= $7
        ORDER BY id DESC LIMIT $5"
    )
);
sql!(
    EMERGENCIES_PAGE = columns!(
        "WHERE (ended_at IS NULL OR $1) AND (severity = $2 OR $2 IS NULL) AND id < $3 ORDER BY id DESC LIMIT $4"
    )
);
sql!(EMERGENCY_FIGURES = "SELECT status, severity, count(*) AS count FROM emergencies GROUP BY status, severity");
sql!(
    ACKNOWLEDGED_TIMES = "SELECT created_at, acknowledged_at AS value FROM emergencies WHERE acknowledged_at IS NOT NULL ORDER BY id DESC LIMIT 1000"
);
sql!(EMERGENCIES_OF_ALERT = columns!("WHERE alert_id = $1 AND ended_at IS NULL"));
sql!(
    OPEN_OF_ALERTS = "SELECT count(*) AS value FROM emergencies
    WHERE patient_id = $1 AND ended_at IS NULL AND alert_id IS NOT NULL"
);
sql!(OPEN_COUNT = "SELECT count(*) AS value FROM emergencies WHERE patient_id = $1 AND ended_at IS NULL");
sql!(
    EMERGENCY_STEP = "UPDATE emergencies SET status = $2, sealed = $3,
    acknowledged_at = $4, acknowledged_by = $5, responding_at = $6, responding_by = $7, ended_at = $8, ended_by = $9
    WHERE id = $1"
);

pub async fn add(tx: &mut Tx, row: &Stored, key: &PatientKey, detail: &Detail) -> Result<()> {
    let sealed = seal(key, row.id, detail)?;
    let args = args![
        row.id,
        &row.reference,
        row.patient_id,
        row.hospital_id,
        row.alert_id,
        row.kind,
        row.severity,
        row.status,
        &row.triggered_by,
        sealed,
        row.created_at
    ];
    match tx.run(&EMERGENCY_ADD, args).await {
        Err(error) if error.is_duplicate_of("reference") => {
            Err(kernel::Error::conflict("an alert with this alert_id exists").about("alert_id"))
        }
        done => Ok(done.map(drop)?),
    }
}

pub async fn by_id(sql: &mut impl Sql, id: EmergencyId) -> Result<Option<Stored>> {
    Ok(sql.one(&EMERGENCY_BY_ID, args![id]).await?)
}

/// The id or the caller's own reference, as a path gives it. The id comes first: a reference somebody chose must never
/// stand for another emergency.
pub async fn by_name(sql: &mut impl Sql, name: &str) -> Result<Option<Stored>> {
    if let Ok(id) = name.parse()
        && let Some(found) = by_id(sql, id).await?
    {
        return Ok(Some(found));
    }
    // PostgreSQL keeps no text with this character, and would fail where there is nothing to find.
    if name.contains('\0') {
        return Ok(None);
    }
    Ok(sql.one(&EMERGENCY_BY_REFERENCE, args![name]).await?)
}

pub async fn lock(tx: &mut Tx, id: EmergencyId) -> Result<Option<Stored>> {
    Ok(tx.one(&EMERGENCY_LOCK, args![id]).await?)
}

/// Newest first. Which of them: open ones or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Open,
    All,
}

/// A patient's emergencies older than `before` and of this time, newest first.
pub async fn of_patient(
    sql: &mut impl Sql,
    (patient, span): (PatientId, Span),
    which: Which,
    severity: Option<Severity>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Stored>> {
    let (before, (from, to)) = (before.unwrap_or(Uuid::max()), span.bounds());
    let args = args![patient, which == Which::All, severity, before, limit, from, to];
    Ok(sql.all(&EMERGENCIES_OF, args).await?)
}

/// Everybody's emergencies older than `before`, newest first; the caller shows only those it may.
pub async fn page(
    sql: &mut impl Sql,
    which: Which,
    severity: Option<Severity>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Stored>> {
    let before = before.unwrap_or(Uuid::max());
    Ok(sql.all(&EMERGENCIES_PAGE, args![which == Which::All, severity, before, limit]).await?)
}

/// How many emergencies there are of a status and severity.
pub struct Figure {
    pub status: Status,
    pub severity: Severity,
    pub count: i64,
}
from_row!(Figure { status, severity, count });

pub async fn figures(sql: &mut impl Sql) -> Result<Vec<Figure>> {
    Ok(sql.all(&EMERGENCY_FIGURES, args![]).await?)
}

struct Answered {
    created_at: DateTime<Utc>,
    value: DateTime<Utc>,
}
from_row!(Answered { created_at, value });

/// Seconds from raising to acknowledging, over the last thousand acknowledged.
pub async fn answer_times(sql: &mut impl Sql) -> Result<Vec<f64>> {
    let answered: Vec<Answered> = sql.all(&ACKNOWLEDGED_TIMES, args![]).await?;
    Ok(answered.iter().map(|a| (a.value - a.created_at).as_seconds_f64()).collect())
}

/// A rule alert's open emergencies, not locked: the patient's row is, before any of them ends.
pub async fn of_alert(tx: &mut Tx, alert: AlertId) -> Result<Vec<Stored>> {
    Ok(tx.all(&EMERGENCIES_OF_ALERT, args![alert]).await?)
}

/// Whether an open emergency of the patient came from a rule alert.
pub async fn any_of_alert(tx: &mut Tx, patient: PatientId) -> Result<bool> {
    Ok(tx.one::<i64>(&OPEN_OF_ALERTS, args![patient]).await?.unwrap_or_default() > 0)
}

pub async fn count_open(tx: &mut Tx, patient: PatientId) -> Result<i64> {
    Ok(tx.one(&OPEN_COUNT, args![patient]).await?.unwrap_or_default())
}

pub async fn step(tx: &mut Tx, row: &Stored, key: &PatientKey, detail: &Detail) -> Result<()> {
    let sealed = seal(key, row.id, detail)?;
    let args = args![
        row.id,
        row.status,
        sealed,
        row.acknowledged_at,
        row.acknowledged_by,
        row.responding_at,
        row.responding_by,
        row.ended_at,
        row.ended_by
    ];
    tx.run(&EMERGENCY_STEP, args).await?;
    Ok(())
}

fn seal(key: &PatientKey, id: EmergencyId, detail: &Detail) -> Result<Vec<u8>> {
    key.seal(place(id), &serde_json::to_vec(detail).map_err(kernel::Error::internal)?)
}

impl Stored {
    /// A new, open emergency.
    pub fn new(
        id: EmergencyId,
        patient: PatientId,
        kind: EmergencyKind,
        severity: Severity,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            reference: id.to_string(),
            patient_id: patient,
            hospital_id: None,
            alert_id: None,
            kind,
            severity,
            status: Status::Active,
            triggered_by: String::new(),
            sealed: Vec::new(),
            created_at: now,
            acknowledged_at: None,
            acknowledged_by: None,
            responding_at: None,
            responding_by: None,
            ended_at: None,
            ended_by: None,
        }
    }
}
