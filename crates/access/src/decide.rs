//! The one decision: may this caller do this with this patient's data, and why.
use chrono::{DateTime, Utc};
use kernel::PatientId;
use uuid::Uuid;

use crate::{Caller, Kind, Opens, Reach, Relation, Role, Span};

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
        /// When the patient comes to whom, and what for.
        Appointments = "appointments",
        /// What the patient's own devices send.
        Wearables = "wearables",
        /// What the patient agreed to, who may act for them, and who looked.
        Consents = "consents",
        /// Those of the records that are marked as sensitive, as of the mind or of HIV. It opens nothing by itself: to see
        /// them takes the right to the records as well.
        Sensitive = "sensitive",
    }
);

/// What was decided and on what it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Allowed because of `because`, as far as `reach`; `basis` is the relation's, admission's or key's id.
    Allowed {
        because: &'static str,
        basis: Option<Uuid>,
        reach: Reach,
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
            Self::Allowed { because, basis: Some(basis), reach } if reach.sensitive.is_some() => {
                format!("{because}:{basis}, sensitive ones too")
            }
            Self::Allowed { because, basis: Some(basis), .. } => format!("{because}:{basis}"),
            Self::Allowed { because, basis: None, .. } => (*because).to_owned(),
            Self::Refused(Refusal::Stranger) => "no relation to this patient".to_owned(),
            Self::Refused(Refusal::NotTheirs) => "related, but not to this data".to_owned(),
        }
    }
}

/// Decides. `relations` are the patient's current ones, whoever holds them; `now` is when the request was made, by which
/// they have expired or not.
///
/// Everything not named here is refused. What stands on several bases reaches as far as the widest of them.
pub fn decide(
    caller: &Caller,
    action: Action,
    category: Category,
    patient: PatientId,
    relations: &[Relation],
    now: DateTime<Utc>,
) -> Decision {
    let bases = bases(caller, patient, relations, now);
    let span_of = |category| Span::widest(bases.iter().filter(|b| b.opens(action, category)).map(Basis::span));
    let widest = span_of(category);
    let granted = bases.iter().find(|basis| basis.opens(action, category) && Some(basis.span()) == widest);
    match granted {
        Some(basis) => {
            let sensitive = if category == Category::Records { span_of(Category::Sensitive) } else { None };
            let reach = Reach { span: basis.span(), sensitive };
            Decision::Allowed { because: basis.kind.word(), basis: basis.id, reach }
        }
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
    /// A facility that the patient linked.
    Linked,
    /// The institution that said who the patient is.
    Validating,
    /// The doctor of a booked appointment.
    Expecting,
    /// Whom the patient consented to.
    Consented,
    /// Who broke the glass.
    BrokenGlass,
    /// Who acts for the patient.
    Acting,
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
            Self::Linked => "linked_facility",
            Self::Validating => "validating_institution",
            Self::Expecting => "booked_doctor",
            Self::Consented => "consent",
            Self::BrokenGlass => "break_glass",
            Self::Acting => "delegate",
            Self::Responding => "emergency",
            Self::Device => "device",
            Self::Directory => "directory",
        }
    }
}

struct Basis<'a> {
    kind: Standing,
    id: Option<Uuid>,
    /// What is left of the standing's rights; all of them when it does not say.
    narrowed: Option<&'a Opens>,
}

impl Basis<'_> {
    fn span(&self) -> Span {
        self.narrowed.map_or(Span::ALWAYS, |opens| opens.span)
    }

    fn opens(&self, action: Action, category: Category) -> bool {
        opens(self.kind, action, category) && self.narrowed.is_none_or(|opens| opens.includes(action, category))
    }
}

fn bases<'a>(caller: &Caller, patient: PatientId, relations: &'a [Relation], now: DateTime<Utc>) -> Vec<Basis<'a>> {
    let held = |relation: &Relation| caller.reference == Some(relation.holder_id);
    let by_account = |relation: &Relation| caller.actor == relation.holder_id;
    let from_relation = |relation: &'a Relation| {
        let kind = match (caller.role, relation.kind) {
            (Role::Doctor, kind @ (Kind::AssignedDoctor | Kind::AttendingDoctor)) if held(relation) => {
                Standing::Treating(kind)
            }
            (Role::Nurse | Role::Hospital, kind @ (Kind::AdmittingHospital | Kind::TreatingInstitution))
                if held(relation) =>
            {
                Standing::Treating(kind)
            }
            (Role::Nurse | Role::Hospital, Kind::ValidatingInstitution) if held(relation) => Standing::Validating,
            (Role::Nurse | Role::Hospital, Kind::RegisteringHospital) if held(relation) => Standing::Registering,
            (Role::Nurse | Role::Hospital, Kind::LinkedFacility) if held(relation) => Standing::Linked,
            (Role::Doctor, Kind::RegisteringDoctor) if held(relation) => Standing::Registering,
            (Role::Doctor, Kind::BookedDoctor) if held(relation) => Standing::Expecting,
            // A consent that does not say what it opens opens nothing.
            (Role::Doctor, Kind::ConsentToDoctor) if held(relation) && relation.opens.is_some() => Standing::Consented,
            (Role::Nurse | Role::Hospital, Kind::ConsentToHospital) if held(relation) && relation.opens.is_some() => {
                Standing::Consented
            }
            (Role::Doctor | Role::Nurse | Role::Hospital, Kind::BreakGlass) if by_account(relation) => {
                Standing::BrokenGlass
            }
            (Role::Patient, Kind::Delegate) if by_account(relation) => Standing::Acting,
            (Role::Responder, Kind::Emergency) => Standing::Responding,
            (Role::Device, Kind::AdmittingHospital) if held(relation) => Standing::Device,
            _ => return None,
        };
        Some(Basis { kind, id: Some(relation.basis_id), narrowed: relation.opens.as_ref() })
    };
    let own = match caller.role {
        Role::Patient if caller.reference == Some(patient.0) => Some(Standing::Oneself),
        Role::Device if caller.reference == Some(patient.0) => Some(Standing::Device),
        Role::Admin => Some(Standing::Directory),
        _ => None,
    };
    let live = relations.iter().filter(|relation| relation.expires_at.is_none_or(|ends| now < ends));
    let own = own.map(|kind| Basis { kind, id: None, narrowed: None });
    own.into_iter().chain(live.filter_map(from_relation)).collect()
}

/// The table of rights. Read it aloud to a clinician.
fn opens(standing: Standing, action: Action, category: Category) -> bool {
    use Category::{
        Alerts, Appointments, Care, CareTeam, Consents, Contacts, Emergencies, Records, Registration, Sensitive,
        Vitals, Wearables,
    };
    match (standing, action) {
        // Everything but what is between the patient and others. What is sensitive is for whoever wrote it.
        (Standing::Treating(_), _) => !matches!(category, Consents | Sensitive),
        // A consent opens what is sensitive when it names it.
        (Standing::Consented | Standing::BrokenGlass, Action::Read) => category != Consents,
        (Standing::Oneself, Action::Read) => true,
        // A parent need not know all that a child told a doctor.
        (Standing::Acting, Action::Read) => category != Sensitive,
        (Standing::Oneself, Action::Write) if category == Sensitive => true,
        (Standing::Oneself | Standing::Acting, Action::Write) => {
            matches!(
                category,
                Registration | Contacts | Vitals | Emergencies | CareTeam | Appointments | Wearables | Consents
            )
        }
        // What is charted. To write the care team would be to let others in.
        (Standing::Consented, Action::Write) => {
            matches!(category, Vitals | Care | Alerts | Emergencies | Records | Appointments | Wearables | Sensitive)
        }
        (Standing::BrokenGlass, Action::Write) => matches!(category, Vitals | Care | Records),
        (Standing::Registering, _) => matches!(category, Registration | Contacts | CareTeam | Appointments),
        // The patient lets them know who comes. To write the care team would be to let themselves in.
        (Standing::Linked, Action::Read) => matches!(category, Registration | Contacts | CareTeam),
        (Standing::Linked, Action::Write) => false,
        (Standing::Validating, Action::Read) => {
            matches!(category, Registration | Contacts | CareTeam | Appointments | Records)
        }
        (Standing::Validating, Action::Write) => matches!(category, Registration | Contacts | CareTeam | Appointments),
        // Who is coming; what is charted about them is for those who treat.
        (Standing::Expecting, Action::Read) => matches!(category, Registration | Contacts | Appointments),
        (Standing::Expecting, Action::Write) => matches!(category, Appointments),
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
                Registration | Contacts | Vitals | Care | Alerts | Emergencies | Records | CareTeam | Appointments
                | Wearables | Consents | Sensitive => false,
            }
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
