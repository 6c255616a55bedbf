//! Who may do what: callers, sessions, care relations, the one decision, grants, and the audit chain.
//!
//! Only this crate mints a [`Grant`], after [`decide`] said yes and the look was put on the audit chain. It owns the
//! tables of sessions, suspensions, approvals, device keys, care relations and the audit log. Start reading at [`decide`], then
//! [`Grant`].
mod approval;
mod audit;
mod caller;
mod decide;
mod device;
mod grant;
mod opens;
mod person;
mod presumed;
mod rates;
mod reach;
mod relation;
mod service;
mod session;
mod streams;
mod suspension;

pub use approval::{approve, await_approval, is_approved, require_approved, unapproved_among};
pub use audit::{
    AuditHead, Entry, Record, Verdict, audit_end, audit_heads, entries_about, entries_of, index_audit, list, record,
    sign_audit_head, verify, verify_heads,
};
pub use caller::{Admin, Anyone, By, Caller, Clerk, Clinician, Doctor, Role, Who};
pub use decide::{Action, Category, Decision, Refusal, decide};
pub use device::{DeviceKey, Scope, revoke_device_keys_of};
pub use grant::{Access, Act, Chart, Data, Grant, PatientNames, Read, Write, data};
pub use opens::Opens;
pub use person::{Person, Sharing, group, heads_among, hold_group, join, part};
pub use presumed::{Presumed, Proven};
pub use rates::{RateLimits, Rates, network};
pub use reach::{Mark, Reach, Span, When};
pub use relation::{
    Kind, Related, Relation, count_held, end, end_all_of_patient, end_basis, end_expired, last_ended, of_patient,
    own_kinds, relate, relate_as, related, related_among, related_to, relation_of_emergency, reopen_registering,
};
pub use service::{NewServiceAccount, ServiceAccount, add_service_account, revoke_service_account, service_accounts};
pub use session::{
    NewSession, Session, forget_sessions_of, open, prolong, revoke, revoke_all, revoke_others, sessions_of, ticket,
    touch,
};
pub use streams::{OpenStream, Place, Streams, still_open};
pub use suspension::{reinstate, suspend};
