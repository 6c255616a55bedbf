//! To whom a consent is given: who asks for it, how they are called, and whether they are still there.
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use access::{Caller, Kind, Role};
use kernel::{DoctorId, Error, HospitalId, Result};
use store::{Sql, Tx};
use uuid::Uuid;

use crate::model::{GranteeKind, Stored};

/// Whom the caller asks for: a doctor for oneself, a hospital's staff for the hospital.
pub fn of(caller: &Caller) -> Option<(GranteeKind, Uuid)> {
    let kind = match caller.role {
        Role::Doctor => GranteeKind::Doctor,
        Role::Nurse | Role::Hospital => GranteeKind::Hospital,
        _ => return None,
    };
    caller.reference.map(|own| (kind, own))
}

/// Whether the consent is, or is to be, the caller's.
pub fn is(caller: &Caller, consent: &Stored) -> bool {
    of(caller) == Some((consent.grantee_kind, consent.grantee_id))
}

/// The relation that a consent in force is; none for wearables, which nobody reads by it.
pub fn relation(kind: GranteeKind) -> Option<Kind> {
    match kind {
        GranteeKind::Doctor => Some(Kind::ConsentToDoctor),
        GranteeKind::Hospital => Some(Kind::ConsentToHospital),
        GranteeKind::Wearables => None,
    }
}

/// Refuses a grantee who has left. A doctor stays until the transaction ends: the row is locked, before the patient's.
pub async fn require_there(tx: &mut Tx, kind: GranteeKind, id: Uuid) -> Result<()> {
    let there = match kind {
        GranteeKind::Doctor => doctors::exists_active(tx, DoctorId(id)).await?,
        GranteeKind::Hospital => hospitals::exists(tx, HospitalId(id)).await?,
        GranteeKind::Wearables => true,
    };
    match there {
        true => Ok(()),
        false => Err(Error::conflict("whoever asked has left")),
    }
}

/// The name of a doctor or hospital; a patient's wearables have none.
pub async fn name(sql: &mut impl Sql, kind: GranteeKind, id: Uuid) -> Result<Option<String>> {
    Ok(match kind {
        GranteeKind::Doctor => doctors::by_id(sql, DoctorId(id)).await?.map(|doctor| doctor.name),
        GranteeKind::Hospital => hospitals::by_id(sql, HospitalId(id)).await?.map(|hospital| hospital.name),
        GranteeKind::Wearables => None,
    })
}

/// The names of the grantees of a page.
pub async fn names(sql: &mut impl Sql, consents: &[Stored]) -> Result<HashMap<Uuid, Option<String>>> {
    let mut names = HashMap::new();
    for consent in consents {
        if let Entry::Vacant(unknown) = names.entry(consent.grantee_id) {
            unknown.insert(name(sql, consent.grantee_kind, consent.grantee_id).await?);
        }
    }
    Ok(names)
}
