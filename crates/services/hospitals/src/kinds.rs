//! The types of institutions, and what is known of one's licence.
use kernel::{Text as _, text_enum};
use serde::Serialize;
use utoipa::ToSchema;

text_enum!(
    /// What an institution is. Each type has an id too, which is read wherever the word is.
    InstitutionType {
        Hospital = "hospital" | "0193a000-0000-7000-8000-000000000001",
        Clinic = "clinic" | "0193a000-0000-7000-8000-000000000002",
        Insurer = "insurer" | "0193a000-0000-7000-8000-000000000003",
        Laboratory = "laboratory" | "lab" | "0193a000-0000-7000-8000-000000000004",
        Pharmacy = "pharmacy" | "0193a000-0000-7000-8000-000000000005",
        DiagnosticCenter = "diagnostic_center" | "0193a000-0000-7000-8000-000000000006",
        Rehabilitation = "rehabilitation" | "0193a000-0000-7000-8000-000000000007",
        Hospice = "hospice" | "0193a000-0000-7000-8000-000000000008",
        Other = "other" | "0193a000-0000-7000-8000-000000000009",
    }
);

text_enum!(
    /// Whether an administrator looked into the licence, and with what outcome.
    VerificationStatus { Pending = "pending", Verified = "verified", Rejected = "rejected" }
);

text_enum!(
    /// Whether an institution is open, or was closed.
    InstitutionStatus { Active = "active", Inactive = "inactive" }
);

/// A type of institution, as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstitutionTypeLine {
    /// The same on every server.
    pub id: &'static str,
    pub institution_type: InstitutionType,
    pub description: &'static str,
}

impl InstitutionType {
    pub fn id(self) -> &'static str {
        match self {
            Self::Hospital => "0193a000-0000-7000-8000-000000000001",
            Self::Clinic => "0193a000-0000-7000-8000-000000000002",
            Self::Insurer => "0193a000-0000-7000-8000-000000000003",
            Self::Laboratory => "0193a000-0000-7000-8000-000000000004",
            Self::Pharmacy => "0193a000-0000-7000-8000-000000000005",
            Self::DiagnosticCenter => "0193a000-0000-7000-8000-000000000006",
            Self::Rehabilitation => "0193a000-0000-7000-8000-000000000007",
            Self::Hospice => "0193a000-0000-7000-8000-000000000008",
            Self::Other => "0193a000-0000-7000-8000-000000000009",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Hospital => "Treats patients in beds and as they come; it alone admits",
            Self::Clinic => "Sees patients who come for the day",
            Self::Insurer => "Pays for care",
            Self::Laboratory => "Examines samples",
            Self::Pharmacy => "Hands out medicines",
            Self::DiagnosticCenter => "Examines patients: imaging, functional tests",
            Self::Rehabilitation => "Brings patients back to their strength",
            Self::Hospice => "Cares for those who will not recover",
            Self::Other => "None of the others",
        }
    }

    /// Every type, as it is listed.
    pub fn lines() -> Vec<InstitutionTypeLine> {
        let line = |kind: &Self| InstitutionTypeLine {
            id: kind.id(),
            institution_type: *kind,
            description: kind.description(),
        };
        Self::ALL.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_read_by_its_word_and_by_its_id() {
        for kind in InstitutionType::ALL {
            assert_eq!(InstitutionType::from_word(kind.word()), Some(*kind));
            assert_eq!(InstitutionType::from_word(kind.id()), Some(*kind), "{kind}");
        }
    }
}
