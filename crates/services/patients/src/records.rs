//! Keeping medical records and reading them, with a grant over the patient's records.
use access::data::Records;
use access::{Caller, Grant, Read, Role, Write};
use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use kernel::{App, Error, Listed, PageQuery, Result};
use store::Tx;
use uuid::Uuid;
use vault::{Row, Vault};

use crate::lookup::require_active;
use crate::model::{MedicalRecord, MedicalRecordIn, RecordBody, RecordStored};
use crate::queries::records;
use crate::{sealed, tell};

/// Keeps a medical record. 409 about `record_id` when another record has that reference.
pub async fn add(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Records>,
    said: MedicalRecordIn,
) -> Result<MedicalRecord> {
    let (patient, now, id) = (grant.patient(), app.clock().now(), kernel::ids::new());
    refuse_impossible_visit(said.visit_date, now)?;
    require_active(tx, patient).await?;
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    let own_doctor = caller.reference.filter(|_| caller.role == Role::Doctor);
    let body = RecordBody {
        title: said.title,
        description: said.description,
        diagnosis: said.diagnosis,
        symptoms: said.symptoms,
        vital_signs: said.vital_signs,
        wearable_data_ids: said.wearable_data_ids,
        notes: said.notes,
    };
    let new = RecordStored {
        id,
        reference: said.record_id.unwrap_or_else(|| id.to_string()),
        patient_id: patient,
        doctor_id: said.doctor_id.or(own_doctor.map(|id| id.to_string())),
        hospital_id: said.hospital_id.or(caller.hospital().map(|id| id.to_string())),
        record_type: said.record_type,
        visit_date: said.visit_date,
        sealed: sealed::seal(&key, row(id), &body)?,
        created_by: grant.actor(),
        created_at: now,
        is_sensitive: said.is_sensitive.unwrap_or_default(),
    };
    records::add(tx, &new).await?;
    tell::event(app, tx, "record.added", patient, id, now);
    Ok(MedicalRecord::of(new, body))
}

/// A page of a patient's records, the one written last first.
pub async fn list(app: &App, grant: &Grant<Read, Records>, page: &PageQuery) -> Result<Listed<MedicalRecord>> {
    let db = app.db();
    let found = records::of_patient(&mut db.clone(), grant, page).await?;
    let key = app.edge::<Vault>().key(&db, grant.patient()).await?;
    let open = |stored: RecordStored| {
        grant.covers(stored.patient_id)?;
        sealed::open(&key, row(stored.id), &stored.sealed).map(|body| MedicalRecord::of(stored, body))
    };
    let opened = found.into_iter().map(open).collect::<Result<Vec<_>>>()?;
    Ok(Listed::new(opened, page, |record| record.id))
}

/// A visit lies in the past. A day is allowed for clocks that run ahead and for dates east of Greenwich.
fn refuse_impossible_visit(visit: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    match visit {
        visit if visit > now + TimeDelta::days(1) => Err(Error::invalid("visit_date", "is in the future")),
        visit if visit.year() < 1880 => Err(Error::invalid("visit_date", "is before 1880")),
        _ => Ok(()),
    }
}

fn row(id: Uuid) -> Row<'static> {
    Row { table: "medical_records", id }
}
