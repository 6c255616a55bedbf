//! Finding doctors by what they are and how their names begin or sound.
use hospitals::{Workplace, key};
use kernel::{App, Listed, PageQuery, Result, sound, words};
use store::{Sql as _, Where, args};

use super::doctors;
use crate::asked::DoctorFilter;
use crate::profile_in::ProfileFilter;
use crate::specialties::Catalogue;
use crate::{Doctor, LicenseStatus, ProfessionalStatus};

/// Doctors of one place looked at together while a page fills.
const BATCH: i64 = 256;
/// Names have fewer words.
const WORDS: usize = 8;

/// What is asked for, in the forms that are compared.
pub struct Wanted {
    specialization: Option<String>,
    professional_status: Option<ProfessionalStatus>,
    license_status: Option<LicenseStatus>,
    begins: Vec<String>,
    sounds: Vec<String>,
    min_experience: Option<i64>,
    available: Option<bool>,
}

impl Wanted {
    pub fn of(filter: &ProfileFilter, catalogue: &Catalogue) -> Self {
        let specialization = filter.specialty.as_deref().map(|said| catalogue.find(said).map_or(said, |s| &s.name));
        let asked = |text: &Option<String>| -> Vec<String> {
            words(text.as_deref().unwrap_or_default()).into_iter().take(WORDS).collect()
        };
        Self {
            specialization: specialization.map(key).filter(|word| !word.is_empty()),
            professional_status: filter.professional_status,
            license_status: filter.license_status,
            begins: asked(&filter.search),
            sounds: asked(&filter.sounds_like).iter().map(|word| sound(word)).collect(),
            min_experience: filter.min_experience,
            available: filter.available,
        }
    }

    /// What the list of the hospitals' surface asks for.
    pub fn plain(filter: &DoctorFilter) -> Self {
        Self {
            specialization: filter.specialization.as_deref().map(key).filter(|word| !word.is_empty()),
            professional_status: None,
            license_status: None,
            begins: words(filter.search.as_deref().unwrap_or_default()).into_iter().take(WORDS).collect(),
            sounds: Vec::new(),
            min_experience: None,
            available: filter.available,
        }
    }

    fn apply(&self, select: &'static str) -> Where {
        let mut found = Where::new(select)
            .all("is_active", [])
            .and("professional_status = ?", self.professional_status)
            .and("license_status = ?", self.license_status)
            .and("is_available = ?", self.available)
            .and("experience >= ?", self.min_experience)
            .and(
                "id IN (SELECT doctor_id FROM doctor_specializations WHERE specialization_key = ?)",
                self.specialization.as_ref(),
            );
        for word in &self.begins {
            // No text contains the byte 255, so it ends every word that begins so.
            let (from, to) = (word.as_bytes().to_vec(), [word.as_bytes(), &[255]].concat());
            let begins = "id IN (SELECT doctor_id FROM doctor_names WHERE part >= ? AND part < ?)";
            found = found.all(begins, args![from, to]);
        }
        for heard in &self.sounds {
            found = found.all("id IN (SELECT doctor_id FROM doctor_names WHERE sound = ?)", args![heard]);
        }
        found
    }

    /// The same question about one doctor.
    fn fits(&self, doctor: &Doctor) -> bool {
        let (parts, matches) = (words(&doctor.name), |wanted: Option<bool>| wanted.unwrap_or(true));
        doctor.is_active
            && matches(self.professional_status.map(|status| status == doctor.professional_status))
            && matches(self.license_status.map(|status| status == doctor.license_status))
            && matches(self.available.map(|available| available == doctor.is_available))
            && matches(self.min_experience.map(|years| doctor.experience >= years))
            && matches(self.specialization.as_ref().map(|word| doctor.specializations.keys().contains(word)))
            && self.begins.iter().all(|word| parts.iter().any(|part| part.starts_with(word.as_str())))
            && self.sounds.iter().all(|heard| parts.iter().any(|part| sound(part) == *heard))
    }
}

/// A page of the active doctors that fit, in the order they were registered.
pub async fn list(app: &App, wanted: &Wanted, page: &PageQuery) -> Result<Listed<Doctor>> {
    let mut db = app.db();
    let found = wanted
        .apply("SELECT * FROM doctors")
        .and("id > ?", Some(page.after()?.unwrap_or_default()))
        .tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    let listed = Listed::new(db.find(found).await?, page, |doctor: &Doctor| doctor.id.0);
    let total = match page.wants_total() {
        true => db.find::<i64>(wanted.apply("SELECT count(*) AS value FROM doctors")).await?.pop(),
        false => None,
    };
    Ok(listed.with_total(total))
}

/// The same of the doctors who work at one place now.
pub async fn list_at(app: &App, place: &Workplace, wanted: &Wanted, page: &PageQuery) -> Result<Listed<Doctor>> {
    let mut found = at(app, place, wanted, page.after()?, page.limit() + 1 + page.skip() as usize).await?;
    found.drain(..found.len().min(page.skip() as usize));
    let listed = Listed::new(found, page, |doctor: &Doctor| doctor.id.0);
    let total = match page.wants_total() {
        true => Some(at(app, place, wanted, None, usize::MAX).await?.len() as i64),
        false => None,
    };
    Ok(listed.with_total(total))
}

/// Batch by batch, since where doctors work is kept by the service of institutions.
async fn at(
    app: &App,
    place: &Workplace,
    wanted: &Wanted,
    mut after: Option<uuid::Uuid>,
    enough: usize,
) -> Result<Vec<Doctor>> {
    let (mut db, mut found) = (app.db(), Vec::new());
    loop {
        let ids = hospitals::doctor_ids(&mut db, place, after, BATCH).await?;
        found.extend(doctors::by_ids(&db, &ids).await?.into_iter().filter(|doctor| wanted.fits(doctor)));
        after = ids.last().map(|id| id.0);
        if found.len() >= enough || (ids.len() as i64) < BATCH {
            found.truncate(enough);
            return Ok(found);
        }
    }
}
