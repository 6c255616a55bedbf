//! patients
