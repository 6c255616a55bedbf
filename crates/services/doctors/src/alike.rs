//! A doctor's patients as people: one whose records were merged is one, however many of them are assigned.
use std::collections::{HashMap, HashSet};

use kernel::{DoctorId, PatientId, Result};
use store::Sql;
use uuid::Uuid;

use crate::queries::assignments;

/// How many people a doctor looks after now: of the current assignments all but those of [`again`].
pub async fn people(sql: &mut impl Sql, doctor: DoctorId, again: &HashSet<Uuid>) -> Result<i64> {
    Ok(assignments::count(sql, doctor).await? - again.len() as i64)
}

/// The doctor's current assignments over records of people who are the doctor's by another assignment already. The one
/// over the record that stands for the person comes first, and then the oldest.
pub async fn again(sql: &mut impl Sql, doctor: DoctorId) -> Result<HashSet<Uuid>> {
    let current = assignments::current_of_doctor(sql, doctor).await?;
    let patients: Vec<PatientId> = current.iter().map(|place| place.patient_id).collect();
    let heads = access::heads_among(sql, &patients).await?;
    let mut groups: HashMap<PatientId, Vec<(bool, Uuid)>> = HashMap::new();
    for place in current {
        if let Some(head) = heads.get(&place.patient_id) {
            groups.entry(*head).or_default().push((place.patient_id != *head, place.id));
        }
    }
    let rest = |mut places: Vec<(bool, Uuid)>| {
        places.sort_unstable();
        places.into_iter().skip(1).map(|(_, id)| id)
    };
    Ok(groups.into_values().flat_map(rest).collect())
}
