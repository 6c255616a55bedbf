//! How those who act are called, so that a patient learns more than an id.
use std::collections::HashMap;

use access::{Record, Role};
use kernel::{DoctorId, HospitalId, Result, Text as _, UserId};
use store::Sql;
use uuid::Uuid;

/// The name of the account, or of the doctor or hospital that it stands for; none of a device.
pub async fn name(sql: &mut impl Sql, actor: Uuid, role: Role, reference: Option<Uuid>) -> Result<Option<String>> {
    let account = identity::account(sql, UserId(actor)).await?;
    if let Some(name) = account.as_ref().and_then(|account| account.name.clone()) {
        return Ok(Some(name));
    }
    match (role, reference.or(account.and_then(|account| account.reference_id))) {
        (Role::Doctor, Some(id)) => Ok(doctors::by_id(sql, DoctorId(id)).await?.map(|doctor| doctor.name)),
        (Role::Nurse | Role::Hospital | Role::Responder, Some(id)) => {
            Ok(hospitals::by_id(sql, HospitalId(id)).await?.map(|hospital| hospital.name))
        }
        _ => Ok(None),
    }
}

/// The names of those who act in these entries, each looked up once.
pub async fn names(sql: &mut impl Sql, records: &[Record]) -> Result<HashMap<Uuid, Option<String>>> {
    let mut names = HashMap::new();
    for record in records {
        let role = Role::from_word(&record.role).filter(|role| !matches!(role, Role::Device | Role::System));
        if let (Some(role), false) = (role, names.contains_key(&record.actor)) {
            names.insert(record.actor, name(sql, record.actor, role, None).await?);
        }
    }
    Ok(names)
}
