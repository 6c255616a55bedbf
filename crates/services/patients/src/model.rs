//! The shapes of this service: what is asked and what is answered, one file a thing.
mod card;
mod care_team;
mod code;
mod condition;
mod contact;
mod duplicate;
mod emergency;
mod family;
mod health;
mod merge;
mod named;
mod overview;
mod own;
mod patient;
mod patient_filter;
mod patient_in;
mod person;
mod person_in;
mod prescription;
mod record;
mod sensitive;
mod validation;
mod words;

pub use card::Card;
pub use care_team::{CareTeam, DoctorCard, InstitutionCard, Member};
pub use code::Code;
pub use condition::{
    Condition, ConditionFilter, ConditionIn, ConditionPatch, ConditionSecret, ConditionStored, Summary,
};
pub use contact::{FamilyContact, FamilyContactIn, called_first};
pub use duplicate::{Candidate, DuplicateQuery, Duplicates, Likeness, Part};
pub use emergency::{EmergencyFlag, EmergencyIn, EmergencyReport};
pub use family::{FamilyHistory, FamilyIllness, FamilyStored};
pub use health::{HealthBody, HealthProfile, HealthProfileIn, HealthStored};
pub use merge::{Merge, MergeIn, UnmergeIn};
pub use named::Named;
pub use overview::{Activity, Dashboard, FullRecord, Profile};
pub use own::{AddressIn, Beside, Insurance, OwnAadhaar, OwnParts, OwnProfile, OwnProfilePatch, first_to_call};
pub(crate) use patient::age;
pub use patient::{Patient, Stored};
pub use patient_filter::{PatientFilter, PatientView};
pub use patient_in::{PatientIn, PatientPatch};
pub use person::Person;
pub use person_in::{PersonIn, PersonPatch, RegisterQuery, needed_together, require_short};
pub use prescription::{
    CurrentMedication, Prescription, PrescriptionBody, PrescriptionFilter, PrescriptionIn, PrescriptionPatch,
    PrescriptionStored, current_between,
};
pub use record::{MedicalRecord, MedicalRecordIn, RecordBody, RecordStored};
pub use sensitive::{Entry, SensitiveIn};
pub use validation::{Awaited, StepStored, Validation, ValidationIn, ValidationStep, WithdrawalIn};
pub use words::{
    AlcoholFrequency, BloodType, CodeSystem, ConditionKind, ConditionSeverity, ConditionStatus, EmergencyKind, Gender,
    Include, PatientStatus, PrescriptionStatus, Sex, ValidationStatus,
};
