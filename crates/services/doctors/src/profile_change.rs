//! Changing a profile: only what was sent changes.
use access::{Caller, Role};
use contacts::email_key;
use hospitals::Hospital;
use kernel::{App, DoctorId, Error, IfMatch, Patch, Result};
use store::Tx;

use crate::asked::{AffiliationIn, trimmed};
use crate::newcomer::{institution, renamed, unfit};
use crate::profile_in::ProfilePatch;
use crate::specialties::Catalogue;
use crate::{Doctor, directory, places};

/// A change whose names were looked up, before a transaction begins.
pub struct Change {
    patch: ProfilePatch,
    institution: Option<Hospital>,
    specialty: Option<String>,
}

impl Change {
    /// 422 naming the member when there is no such institution or specialty; 403 when somebody other than an
    /// administrator names another institution: doctors do not employ themselves.
    pub async fn of(app: &App, caller: &Caller, catalogue: &Catalogue, patch: ProfilePatch) -> Result<Self> {
        let institution = match &patch.institution_id {
            Some(_) if caller.role != Role::Admin => {
                return Err(Error::forbidden("an administrator changes institution_id"));
            }
            Some(named) => Some(institution(&mut app.db(), "institution_id", named).await?),
            None => None,
        };
        let specialty = match &patch.specialty_id {
            Some(named) => Some(catalogue.named(named)?.name.clone()),
            None => None,
        };
        Ok(Self { patch, institution, specialty })
    }
}

/// Changes a doctor. 412 when it is another version than the caller has seen.
pub async fn apply(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    id: DoctorId,
    if_match: &IfMatch,
    change: Change,
) -> Result<Doctor> {
    let Change { patch, institution, specialty } = change;
    let place = institution.map(|known| known.id);
    let mut before = None;
    let over = |was: Doctor| {
        before = was.institution_id;
        let institution_id = place.or(was.institution_id);
        Doctor { institution_id, ..specialized(over(patch, was), specialty) }
    };
    let doctor = directory::change(app, tx, caller, id, if_match, over).await.map_err(renamed)?;
    if let Some(before) = before.filter(|before| place.is_some_and(|place| place != *before))
        && hospitals::affiliation(tx, id, before).await?.is_some()
    {
        places::end(app, tx, caller, id, before).await?;
    }
    if let Some(place) = place
        && hospitals::affiliation(tx, id, place).await?.is_none()
    {
        let made = places::start(app, tx, caller, (&doctor, place), AffiliationIn::default()).await;
        made.map_err(|error| unfit(error, "institution_id"))?;
    }
    Ok(doctor)
}

fn over(patch: ProfilePatch, was: Doctor) -> Doctor {
    let (first, last) = was.names();
    let named = |new: Option<String>, old: &str| new.map_or_else(|| old.to_owned(), |text| trimmed(&text));
    let renamed = patch.first_name.is_some() || patch.last_name.is_some();
    let (first, last) = (named(patch.first_name, first), named(patch.last_name, last));
    Doctor {
        name: if renamed { format!("{first} {last}").trim().to_owned() } else { was.name },
        first_name: if renamed { Some(first) } else { was.first_name },
        last_name: if renamed { Some(last) } else { was.last_name },
        gender: patch.gender.unwrap_or(was.gender),
        contact: match patch.contact_phone {
            Patch::Keep => was.contact,
            Patch::Clear => None,
            Patch::Set(phone) => Some(trimmed(&phone.phone_number)),
        },
        email: patch.contact_email.map_or(was.email, |email| email_key(&email.email_address)),
        license_number: patch.medical_license.map_or(was.license_number, |text| trimmed(&text)),
        qualification: patch.qualification.unwrap_or(was.qualification),
        experience: patch.years_experience.unwrap_or(was.experience),
        consultation_fee: patch.consultation_fee.over(was.consultation_fee),
        is_available: patch.is_available.unwrap_or(was.is_available),
        ..was
    }
}

/// The specialty takes the place of the first specialization; what else the doctor specialises in stays.
fn specialized(doctor: Doctor, specialty: Option<String>) -> Doctor {
    let Some(specialty) = specialty else { return doctor };
    let sought = hospitals::key(&specialty);
    let others = doctor.specializations.0.into_iter().skip(1).filter(|word| hospitals::key(word) != sought);
    let words = std::iter::once(specialty).chain(others).collect();
    Doctor { specializations: hospitals::Words(words), ..doctor }
}
