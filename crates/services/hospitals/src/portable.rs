//! What a patient takes along: every stay, with what it was for and how it ended.
use access::data::Care;
use access::{Grant, Read};
use kernel::{App, Error, Listed, PageQuery, Result};
use serde_json::Value;
use store::{FromRow, Row as Columns, Sql as _, args, sql};
use uuid::Uuid;
use vault::{PatientKey, Row, Vault};

use crate::{Admission, notes};

sql!(
    ADMISSIONS_TAKEN_ALONG =
        "SELECT a.id, a.patient_id, a.hospital_id, a.doctor_id, a.room_id, r.room_number, a.treatment_type,
        a.department, a.status, a.admitted_at, a.discharged_at, a.reason, a.discharge_summary
    FROM admissions a
    LEFT JOIN rooms r ON r.id = a.room_id
    WHERE a.patient_id = $1 AND a.id > $2
    ORDER BY a.id
    LIMIT $3"
);

struct Stay {
    admission: Admission,
    reason: Option<Vec<u8>>,
    summary: Option<Vec<u8>>,
}

impl FromRow for Stay {
    fn from_row(row: &Columns<'_>) -> store::Result<Self> {
        let (reason, summary) = (row.get("reason")?, row.get("discharge_summary")?);
        Ok(Self { admission: Admission::from_row(row)?, reason, summary })
    }
}

/// A page of a patient's stays, the first one first: each as it is answered, with `reason` and `discharge_summary`.
pub async fn admissions(app: &App, grant: &Grant<Read, Care>, page: &PageQuery) -> Result<Listed<Value>> {
    let after = page.after()?.unwrap_or_default();
    let found: Vec<Stay> = app.db().all(&ADMISSIONS_TAKEN_ALONG, args![grant.patient(), after, page.rows()]).await?;
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let shown = |stay: Stay| {
        grant.covers(stay.admission.patient_id)?;
        Ok((stay.admission.id.0, stay.shown(&key)?))
    };
    let shown = found.into_iter().map(shown).collect::<Result<Vec<_>>>()?;
    Ok(Listed::new(shown, page, |(id, _)| *id).map(|(_, stay)| stay))
}

impl Stay {
    fn shown(self, key: &PatientKey) -> Result<Value> {
        let id = self.admission.id.0;
        let mut shown = serde_json::to_value(self.admission).map_err(Error::internal)?;
        shown["reason"] = opened(key, notes::REASON, id, self.reason)?.into();
        shown["discharge_summary"] = opened(key, notes::SUMMARY, id, self.summary)?.into();
        Ok(shown)
    }
}

fn opened(key: &PatientKey, table: &str, id: Uuid, sealed: Option<Vec<u8>>) -> Result<Option<String>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = key.open(Row { table, id }, &sealed)?;
    String::from_utf8(plain).map(Some).map_err(Error::internal)
}
