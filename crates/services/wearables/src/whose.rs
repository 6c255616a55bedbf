//! Whose data a request is about: the patient it names, else the one the account stands for.
use access::{Act, Caller, Data, Grant, Role};
use kernel::{App, Error, PatientId, Result};

/// The ways in which a request may name a patient.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named<'a> {
    /// Our id, or the caller's own reference.
    pub patient_id: Option<&'a str>,
    /// The 64 hexadecimal digits that stand for an Aadhaar number.
    pub patient_aadhar_uid: Option<&'a str>,
}

impl Named<'_> {
    /// The patient. To whoever may not know the patient this is decided with the permission, and answered alike.
    pub async fn find(self, app: &App, caller: &Caller) -> Result<PatientId> {
        let own = || caller.reference.filter(|_| caller.role == Role::Patient).map(PatientId);
        let found = match self.patient_id.or(self.patient_aadhar_uid) {
            // PostgreSQL keeps no text with this character, and would fail where there is nothing to find.
            Some(name) if name.contains('\0') => None,
            Some(name) => patients::find(&app.db(), name).await?,
            None => Some(own().ok_or_else(|| Error::invalid("patient_id", "is required"))?),
        };
        found.ok_or_else(|| Error::not_found("patient"))
    }

    /// The patient, and permission to do something with the patient's data.
    pub async fn grant<A: Act, D: Data>(self, app: &App, caller: &Caller) -> Result<Grant<A, D>> {
        let patient = self.find(app, caller).await?;
        Grant::ask(app, caller, patient).await
    }
}
