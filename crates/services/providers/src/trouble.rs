//! Why a provider's data did not come, and what that means for trying again.
use chrono::TimeDelta;

/// What went wrong with one question to a provider.
#[derive(Debug)]
pub enum Trouble {
    /// It does not answer now; it may have said for how long not.
    Later { why: &'static str, wait: Option<TimeDelta> },
    /// It does not answer this question, and will not in a minute: another question it may.
    Refused { why: &'static str },
    /// The access token is not good any more.
    Unknown,
    /// The patient, or the provider for them, took the permission back.
    Ended { why: &'static str },
    /// The patient does not let it be kept.
    NotAllowed { why: &'static str },
    /// It failed on our side: the job is tried again.
    Ours(kernel::Error),
}

impl Trouble {
    pub fn later(why: &'static str) -> Self {
        Self::Later { why, wait: None }
    }
}

impl From<kernel::Error> for Trouble {
    fn from(error: kernel::Error) -> Self {
        Self::Ours(error)
    }
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        Self::Ours(error.into())
    }
}
