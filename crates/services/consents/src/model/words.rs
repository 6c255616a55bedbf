//! The words of consents.
use access::{Action, Category};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Bind, Column, PgRow, Raw};

kernel::text_enum!(
    /// What became of a request. `expired` is told by the clock.
    ConsentStatus {
        Requested = "requested" | "pending",
        Approved = "approved",
        Denied = "denied",
        Revoked = "revoked",
        Expired = "expired",
    }
);

kernel::text_enum!(
    /// To whom a consent is given: a doctor, the staff of a hospital, or the patient's own wearables, which may then be kept.
    GranteeKind { Doctor = "doctor", Hospital = "hospital" | "facility", Wearables = "wearables" }
);

kernel::text_enum!(
    /// What a consent lets its grantee do.
    Deed {
        Read = "read",
        Write = "write",
        /// Passing on to others. Nothing is opened by it here.
        Share = "share",
    }
);

kernel::text_enum!(
    /// Why, in the codes of ABDM's consent artefacts.
    PurposeCode {
        CareManagement = "CAREMGT",
        BreakTheGlass = "BTG",
        PublicHealth = "PUBHLTH",
        Payment = "HPAYMT",
        Research = "DSRCH",
        PatientRequest = "PATRQT",
    }
);

kernel::text_enum!(
    /// What a consent is about, in the words that patients are asked in.
    Subject {
        Wearables = "wearables",
        Vitals = "vitals",
        LabReports = "lab_reports",
        Prescriptions = "prescriptions",
        Records = "records" | "medical_records",
        /// The records, also those that are marked as sensitive. Nothing else opens these, `all` neither.
        Sensitive = "sensitive",
        Care = "care",
        Alerts = "alerts",
        Emergencies = "emergencies",
        Appointments = "appointments",
        Registration = "registration",
        All = "all",
    }
);

/// All that a consent opens without naming it: what is sensitive has to be named.
const EVERYTHING: [Category; 10] = [
    Category::Registration,
    Category::Contacts,
    Category::Vitals,
    Category::Care,
    Category::Alerts,
    Category::Emergencies,
    Category::Records,
    Category::CareTeam,
    Category::Appointments,
    Category::Wearables,
];

impl Subject {
    /// What it opens. Laboratory reports and prescriptions are kept with the records and cannot be opened apart from them.
    pub fn opens(self) -> &'static [Category] {
        match self {
            Self::Wearables => &[Category::Wearables],
            Self::Vitals => &[Category::Vitals],
            Self::LabReports | Self::Prescriptions | Self::Records => &[Category::Records],
            Self::Sensitive => &[Category::Records, Category::Sensitive],
            Self::Care => &[Category::Care],
            Self::Alerts => &[Category::Alerts],
            Self::Emergencies => &[Category::Emergencies],
            Self::Appointments => &[Category::Appointments],
            Self::Registration => &[Category::Registration, Category::Contacts],
            Self::All => &EVERYTHING,
        }
    }
}

impl Deed {
    pub fn opens(self) -> Option<Action> {
        match self {
            Self::Read => Some(Action::Read),
            Self::Write => Some(Action::Write),
            Self::Share => None,
        }
    }
}

/// Words of a fixed list, each once, kept as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Set<T>(pub Vec<T>);

impl<T: Ord + Copy> Set<T> {
    pub fn of(mut words: Vec<T>) -> Self {
        words.sort_unstable();
        words.dedup();
        Self(words)
    }
}

impl<T: Serialize> Bind for Set<T> {
    const NULL: store::Value = store::Value::Json(None);
    fn bind(self) -> store::Value {
        store::Value::Json(Some(serde_json::json!(self.0)))
    }
}

impl<T: DeserializeOwned> Column for Set<T> {
    fn from_sqlite(value: Raw<'_>) -> Option<Self> {
        serde_json::from_value(Value::from_sqlite(value)?).ok().map(Self)
    }
    fn from_postgres(row: &PgRow, name: &str) -> store::Result<Self> {
        let value = Value::from_postgres(row, name)?;
        serde_json::from_value(value).map(Self).map_err(|error| store::Error::unreadable(name, &error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Text as _;

    #[test]
    fn no_consent_opens_who_looked_or_what_else_was_consented_to() {
        for subject in Subject::ALL {
            assert!(!subject.opens().is_empty(), "{subject}");
            assert!(!subject.opens().contains(&Category::Consents), "{subject}");
        }
        let kept = [Category::Consents, Category::Sensitive];
        let all = Category::ALL.iter().filter(|category| !kept.contains(category));
        assert!(all.eq(Subject::All.opens()), "a new category is part of everything, or has to be left out here");
    }
}
