//! Registrations and changes of an institution, from whichever surface they came.
use kernel::{Patch, Text as _};

use crate::asked::{HospitalIn, HospitalPatch};
use crate::institution_in::{InstitutionIn, InstitutionPatch};
use crate::members::{self, Members};
use crate::{Address, InstitutionType, Words};

/// An institution to register.
pub struct Draft {
    /// What the sender calls the members.
    pub members: Members,
    pub name: String,
    pub registration_number: String,
    pub institution_type: InstitutionType,
    pub hospital_type: String,
    pub contact: String,
    pub email: String,
    pub address: Address,
    pub website: Option<String>,
    pub region: Option<String>,
    pub total_beds: i64,
    /// All of them when nothing is said.
    pub available_beds: Option<i64>,
    pub emergency_services: bool,
    pub specializations: Words,
    pub accreditations: Words,
}

impl From<HospitalIn> for Draft {
    fn from(input: HospitalIn) -> Self {
        Self {
            members: members::HOSPITAL,
            name: input.hospital_name,
            registration_number: input.registration_number,
            institution_type: InstitutionType::Hospital,
            hospital_type: input.hospital_type,
            contact: input.contact,
            email: input.email,
            address: input.address,
            website: input.website,
            region: None,
            total_beds: input.total_beds,
            available_beds: input.available_beds,
            emergency_services: input.emergency_services,
            specializations: input.specializations,
            accreditations: input.accreditations,
        }
    }
}

impl From<InstitutionIn> for Draft {
    fn from(input: InstitutionIn) -> Self {
        Self {
            members: members::INSTITUTION,
            name: input.name,
            registration_number: input.license_number,
            institution_type: input.institution_type_id,
            hospital_type: input.institution_type_id.word().to_owned(),
            contact: input.contact_phone.map(|phone| phone.phone_number).unwrap_or_default(),
            email: input.contact_email.email_address,
            address: input.address,
            website: input.website,
            region: input.region,
            total_beds: input.total_beds,
            available_beds: None,
            emergency_services: input.emergency_services,
            specializations: input.specializations,
            accreditations: input.accreditations,
        }
    }
}

/// What to change of an institution; what is left out stays as it is.
pub struct Change {
    /// What the sender calls the members.
    pub members: Members,
    pub name: Option<String>,
    pub registration_number: Option<String>,
    pub institution_type: Option<InstitutionType>,
    pub hospital_type: Option<String>,
    /// An institution may have no phone of its own.
    pub contact: Option<String>,
    pub email: Option<String>,
    pub address: Option<Address>,
    pub website: Patch<String>,
    pub region: Patch<String>,
    pub total_beds: Option<i64>,
    pub available_beds: Option<i64>,
    pub emergency_services: Option<bool>,
    pub specializations: Option<Words>,
    pub accreditations: Option<Words>,
}

impl Change {
    /// Changes nothing yet.
    pub fn nothing(members: Members) -> Self {
        Self {
            members,
            name: None,
            registration_number: None,
            institution_type: None,
            hospital_type: None,
            contact: None,
            email: None,
            address: None,
            website: Patch::Keep,
            region: Patch::Keep,
            total_beds: None,
            available_beds: None,
            emergency_services: None,
            specializations: None,
            accreditations: None,
        }
    }
}

impl From<HospitalPatch> for Change {
    fn from(patch: HospitalPatch) -> Self {
        Self {
            name: patch.hospital_name,
            registration_number: patch.registration_number,
            hospital_type: patch.hospital_type,
            contact: patch.contact,
            email: patch.email,
            address: patch.address,
            website: patch.website,
            total_beds: patch.total_beds,
            available_beds: patch.available_beds,
            emergency_services: patch.emergency_services,
            specializations: patch.specializations,
            accreditations: patch.accreditations,
            ..Self::nothing(members::HOSPITAL)
        }
    }
}

impl From<InstitutionPatch> for Change {
    fn from(patch: InstitutionPatch) -> Self {
        Self {
            name: patch.name,
            registration_number: patch.license_number,
            institution_type: patch.institution_type_id,
            contact: match patch.contact_phone {
                Patch::Keep => None,
                Patch::Clear => Some(String::new()),
                Patch::Set(phone) => Some(phone.phone_number),
            },
            email: patch.contact_email.map(|email| email.email_address),
            address: patch.address,
            website: patch.website,
            region: patch.region,
            total_beds: patch.total_beds,
            emergency_services: patch.emergency_services,
            specializations: patch.specializations,
            accreditations: patch.accreditations,
            ..Self::nothing(members::INSTITUTION)
        }
    }
}
