//! What each surface calls the members of an institution, so that a refusal names what was sent.

/// The names of the members that a refusal may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Members {
    pub name: &'static str,
    pub number: &'static str,
    pub kind: &'static str,
    pub email: &'static str,
}

/// `/api/hospitals`
pub const HOSPITAL: Members =
    Members { name: "hospital_name", number: "registration_number", kind: "institution_type", email: "email" };

/// `/api/v1/institutions`
pub const INSTITUTION: Members = Members {
    name: "name",
    number: "license_number",
    kind: "institution_type_id",
    email: "contact_email.email_address",
};

/// A contact point that becomes the record's own.
pub const CONTACT_POINT: Members = Members { email: "value", ..INSTITUTION };
