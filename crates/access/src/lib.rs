//! Who may do what: callers, sessions, care relations, the one decision, grants, and the audit chain.
//!
//! Only this crate mints a [`Grant`], after [`decide`] said yes and the look was put on the audit chain. It owns the
//! tables of sessions, device keys, care relations and the audit log. Start reading at [`decide`], then [`Grant`].
mod audit;
mod caller;
mod decide;
mod device;
mod grant;
mod relation;
mod session;

pub use audit::{Entry, Record, Verdict, list, record, verify};
pub use caller::{Admin, Anyone, By, Caller, Clerk, Clinician, Doctor, Role, Who};
pub use decide::{Action, Category, Decision, Refusal, decide};
pub use device::{DeviceKey, Scope, revoke_device_keys_of};
pub use grant::{Access, Act, Chart, Data, Grant, PatientNames, Read, Write, data, may_still_read_vitals};
pub use relation::{
    Kind, Related, Relation, end, end_all_of_patient, end_basis, of_patient, relate, related, related_to,
    relation_of_emergency,
};
pub use session::{NewSession, Session, open, revoke, revoke_all, sessions_of, ticket};
