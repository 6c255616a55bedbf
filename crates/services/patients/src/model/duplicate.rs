//! Records that may be one person's, and why.
use garde::Validate;
use kernel::PatientId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Patient;

/// Which duplicates to look for.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct DuplicateQuery {
    /// Only records that are at least so alike, of 100; 50 when left out.
    #[garde(inner(range(max = 100)))]
    #[param(maximum = 100)]
    pub min_score: Option<u32>,
    /// Records at most; 20 when left out.
    #[garde(inner(range(min = 1, max = 100)))]
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
}

/// The records that may be the same person's as one of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Duplicates {
    pub patient_id: PatientId,
    /// The likest first.
    pub candidates: Vec<Candidate>,
}

/// A record that may be the same person's.
#[derive(Debug, Serialize, ToSchema)]
pub struct Candidate {
    pub patient: Patient,
    #[serde(flatten)]
    pub likeness: Likeness,
}

/// How alike two records are: the points of all parts, of the points that these parts could have, times 100.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Likeness {
    /// Of 100.
    pub score: i64,
    /// What was compared. What either record lacks is not.
    pub parts: Vec<Part>,
}

/// One member that was compared.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Part {
    pub member: &'static str,
    /// Between 0 and 1.
    pub similarity: f64,
    /// The similarity times `of`, rounded.
    pub points: i64,
    /// What this member counts.
    pub of: i64,
    pub because: String,
}
