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

async fn named(app: &App, name: &str) -> Result<Option<PatientId>> {
    // PostgreSQL keeps no text with this character, and would fail where there is nothing to find.
    if name.contains('\0') { Ok(None) } else { patients::find(&app.db(), name).await }
}

impl Named<'_> {
    /// The patient. To whoever may not know the patient this is decided with the permission, and answered alike.
    pub async fn find(self, app: &App, caller: &Caller) -> Result<PatientId> {
        let own = || caller.reference.filter(|_| caller.role == Role::Patient).map(PatientId);
        let found = match (self.patient_id, self.patient_aadhar_uid) {
            (Some(name), Some(uid)) => {
                let both = (named(app, name).await?, named(app, uid).await?);
                // Who is not there is answered as somebody else is: nobody finds out by trying who exists.
                let refused =
                    || Error::invalid("patient_aadhar_uid", "does not name the patient that patient_id names");
                Some(both.0.filter(|patient| both.1 == Some(*patient)).ok_or_else(refused)?)
            }
            (Some(name), None) | (None, Some(name)) => named(app, name).await?,
            (None, None) => Some(own().ok_or_else(|| Error::invalid("patient_id", "is required"))?),
        };
        found.ok_or_else(|| Error::not_found("patient"))
    }

    /// The patient, and permission to do something with the patient's data.
    pub async fn grant<A: Act, D: Data>(self, app: &App, caller: &Caller) -> Result<Grant<A, D>> {
        let patient = self.find(app, caller).await?;
        Grant::ask(app, caller, patient).await
    }
}
