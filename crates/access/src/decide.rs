//! The one decision: may this caller do this with this patient's data, and why.
use kernel::PatientId;
use uuid::Uuid;

use crate::{Caller, Kind, Relation, Role};

kernel::text_enum!(Action { Read = "read", Write = "write" });

kernel::text_enum!(
    /// Kinds of patient data that are opened separately.
    Category {
        /// Name, birth date, address, contact: what a front desk needs. Not clinical.
        Registration = "registration",
        /// The people to call.
        Contacts = "contacts",
        Vitals = "vitals",
        /// Admissions and observations.
        Care = "care",
        /// Alerts raised by rules.
        Alerts = "alerts",
        Emergencies = "emergencies",
        /// Conditions, records, prescriptions.
        Records = "records",
        /// Which doctors look after the patient: naming one opens everything above to them.
        CareTeam = "care_team",
    }
);

/// What was decided and on what it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Allowed because of `because`; `basis` is the relation's, admission's or key's id.
    Allowed {
        because: &'static str,
        basis: Option<Uuid>,
    },
    Refused(Refusal),
}

/// Why not. The words are for the audit log; the caller learns less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The caller has nothing to do with this patient: to them the patient does not exist.
    Stranger,
    /// The caller knows the patient, but this is not theirs to see or do.
    NotTheirs,
}

impl Decision {
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// The reason as the audit log keeps it.
    pub fn explain(&self) -> String {
        match self {
            Self::Allowed { because, basis: Some(basis) } => format!("{because}:{basis}"),
            Self::Allowed { because, basis: None } => (*because).to_owned(),
            Self::Refused(Refusal::Stranger) => "no relation to this patient".to_owned(),
            Self::Refused(Refusal::NotTheirs) => "related, but not to this data".to_owned(),
        }
    }
}

/// Decides. `relations` are the patient's current ones, whoever holds them.
///
/// Everything not named here is refused.
pub fn decide(
    caller: &Caller,
    action: Action,
    category: Category,
    patient: PatientId,
    relations: &[Relation],
) -> Decision {
    let bases = bases(caller, patient, relations);
    let granted = bases.iter().find(|basis| opens(basis.kind, action, category));
    match granted {
        Some(basis) => Decision::Allowed { because: basis.kind.word(), basis: basis.id },
        None if bases.is_empty() => Decision::Refused(Refusal::Stranger),
        None => Decision::Refused(Refusal::NotTheirs),
    }
}

/// What a caller can stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Oneself,
    Treating(Kind),
    Registering,
    Responding,
    Device,
    Directory,
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Self::Oneself => "self",
            Self::Treating(kind) => kernel::Text::word(&kind),
            Self::Registering => "registering_hospital",
            Self::Responding => "emergency",
            Self::Device => "device",
            Self::Directory => "directory",
        }
    }
}

struct Basis {
    kind: Standing,
    id: Option<Uuid>,
}

fn bases(caller: &Caller, patient: PatientId, relations: &[Relation]) -> Vec<Basis> {
    let held = |relation: &Relation| caller.reference == Some(relation.holder_id);
    let from_relation = |relation: &Relation| {
        let kind = match (caller.role, relation.kind) {
            (Role::Doctor, kind @ (Kind::AssignedDoctor | Kind::AttendingDoctor)) if held(relation) => {
                Standing::Treating(kind)
            }
            (Role::Nurse | Role::Hospital, kind @ Kind::AdmittingHospital) if held(relation) => {
                Standing::Treating(kind)
            }
            (Role::Nurse | Role::Hospital, Kind::RegisteringHospital) if held(relation) => Standing::Registering,
            (Role::Doctor, Kind::RegisteringDoctor) if held(relation) => Standing::Registering,
            (Role::Responder, Kind::Emergency) => Standing::Responding,
            (Role::Device, Kind::AdmittingHospital) if held(relation) => Standing::Device,
            _ => return None,
        };
        Some(Basis { kind, id: Some(relation.basis_id) })
    };
    let own = match caller.role {
        Role::Patient if caller.reference == Some(patient.0) => Some(Standing::Oneself),
        Role::Device if caller.reference == Some(patient.0) => Some(Standing::Device),
        Role::Admin => Some(Standing::Directory),
        _ => None,
    };
    own.map(|kind| Basis { kind, id: None }).into_iter().chain(relations.iter().filter_map(from_relation)).collect()
}

/// The table of rights. Read it aloud to a clinician.
fn opens(standing: Standing, action: Action, category: Category) -> bool {
    use Category::{Alerts, Care, CareTeam, Contacts, Emergencies, Records, Registration, Vitals};
    match (standing, action) {
        (Standing::Treating(_), _) | (Standing::Oneself, Action::Read) => true,
        (Standing::Oneself, Action::Write) => {
            matches!(category, Registration | Contacts | Vitals | Emergencies | CareTeam)
        }
        (Standing::Registering, _) => matches!(category, Registration | Contacts | CareTeam),
        // Not the care team: an administrator makes doctors' accounts, and could name one of them to read a chart.
        (Standing::Directory, _) => matches!(category, Registration | Contacts),
        (Standing::Responding, Action::Read) => {
            matches!(category, Registration | Contacts | Vitals | Alerts | Emergencies | Records)
        }
        (Standing::Responding, Action::Write) => matches!(category, Emergencies),
        (Standing::Device, Action::Write) => matches!(category, Vitals),
        (Standing::Device, Action::Read) => {
            // Named so that a new category has to be thought about here too.
            match category {
                Registration | Contacts | Vitals | Care | Alerts | Emergencies | Records | CareTeam => false,
            }
        }
    }
}

#[cfg(test)]
mod tests;
