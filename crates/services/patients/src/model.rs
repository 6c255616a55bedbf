//! The shapes of this service: what is asked and what is answered, one file a thing.
mod card;
mod condition;
mod contact;
mod emergency;
mod patient;
mod patient_filter;
mod patient_in;
mod record;
mod words;

pub use card::Card;
pub use condition::{Condition, ConditionFilter, ConditionIn, ConditionSecret, ConditionStored, Summary};
pub use contact::{FamilyContact, FamilyContactIn};
pub use emergency::{EmergencyFlag, EmergencyIn, EmergencyReport};
pub use patient::{Patient, Stored};
pub(crate) use patient::{age, name_key};
pub use patient_filter::{PatientFilter, PatientView};
pub use patient_in::{PatientIn, PatientPatch};
pub use record::{MedicalRecord, MedicalRecordIn, RecordBody, RecordStored};
pub use words::{BloodType, ConditionKind, ConditionSeverity, ConditionStatus, EmergencyKind, Gender, Include};
