//! The whole medical record of a patient in one answer.
use access::data::Records;
use access::{Grant, Read};
use kernel::{App, Error, Result};

use crate::model::{ConditionKind, FullRecord, HealthProfile};
use crate::{conditions, family_history, health, prescriptions};

/// All that is charted about a patient, but the records of single visits. The grants are over the records of one person;
/// the first is over the one that was asked for. Each row says under which of the ids it was charted.
pub async fn medical_record(app: &App, grants: &[Grant<Read, Records>]) -> Result<FullRecord> {
    let asked = grants.first().ok_or_else(|| Error::internal("no grant over any record"))?;
    let mut whole = FullRecord {
        patient_id: asked.patient(),
        health_profile: health_profile(app, grants).await?,
        conditions: Vec::new(),
        medications: Vec::new(),
        allergies: Vec::new(),
        family_history: Vec::new(),
        prescriptions: Vec::new(),
    };
    for grant in grants {
        for condition in conditions::all(app, grant).await? {
            match condition.kind {
                ConditionKind::Allergy => whole.allergies.push(condition),
                ConditionKind::Condition | ConditionKind::Chronic => whole.conditions.push(condition),
            }
        }
        whole.family_history.append(&mut family_history::all(app, grant).await?);
        whole.prescriptions.append(&mut prescriptions::all(app, grant).await?);
    }
    whole.conditions.sort_by_key(|condition| condition.id);
    whole.allergies.sort_by_key(|allergy| allergy.id);
    whole.family_history.sort_by_key(|entry| entry.id);
    whole.prescriptions.sort_by_key(|prescription| std::cmp::Reverse(prescription.id));
    whole.medications = prescriptions::taken_of(&whole.prescriptions);
    Ok(whole)
}

/// The profile that was written last, under whichever of the person's ids; an empty one before any was.
pub async fn health_profile(app: &App, grants: &[Grant<Read, Records>]) -> Result<HealthProfile> {
    let mut newest: Option<HealthProfile> = None;
    for grant in grants {
        let profile = health::show(app, grant).await?;
        if newest.as_ref().is_none_or(|known| profile.updated_at > known.updated_at) {
            newest = Some(profile);
        }
    }
    newest.ok_or_else(|| Error::internal("no grant over any record"))
}
