//! doctors
