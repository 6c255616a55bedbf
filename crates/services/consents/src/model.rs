//! Consents, broken glass and delegates, as stored and as answered.
mod consent;
mod delegate;
mod glass;
mod looks;
mod words;

pub use consent::{Consent, ConsentId, Stored, WearableConsent, Words};
pub use delegate::{Delegate, Delegation, May, Relationship, StoredDelegate};
pub use glass::{BrokenGlass, Outcome, StoredGlass};
pub use looks::{Look, SignedHead};
pub use words::{ConsentStatus, Deed, GranteeKind, PurposeCode, Set, Subject};
