//! Accounts and how they sign in: passwords, second factors, sessions, refresh tokens, device keys, service accounts.
//!
//! Owns the accounts, their refresh tokens, second factors and one-time codes; emits no events. Sessions, device keys,
//! service accounts and the audit chain are kept by `access`, which this crate calls; it never reads a patient's data.
//! The executable gives it a [`ReferenceCheck`], and [`Mail`] and [`Sms`] to reach people by.
//! Start reading at [`create_account`], then `login.rs` and `refresh.rs`.
mod accounts;
mod apps;
mod by_aadhaar;
mod challenge;
mod device_keys;
mod erase;
mod forgotten;
mod legacy;
mod login;
mod lookup;
mod mail;
mod manage;
mod model;
mod names;
mod outbox;
mod password;
mod passwords;
mod queries;
mod refresh;
mod routes;
mod second_factor;
mod service_accounts;
mod sessions;
mod sms;
mod throttle;
mod users;
mod verification;
mod work;

use kernel::{App, Builder, Service};

pub use accounts::{
    Ensured, account, accounts, close_accounts_of, create_account, ensure_admin, reinstate_accounts_of,
    suspend_accounts_of,
};
pub use apps::{
    Proof, access_token, end_app_session, open_app_session, prove_password, refuse_app_session, renew_app_session,
};
pub use erase::erase_accounts_of;
pub use lookup::{accounts_of, find_account};
pub use mail::{Mail, MailServer, Security};
pub use model::{Account, NewAccount, User};
pub use outbox::{Kind, Outbox};
pub use passwords::{PasswordHash, hash_password};
pub use second_factor::SYSTEM;
pub use sms::{Sms, SmsGateway};
pub use throttle::LoginLimits;
pub use users::ReferenceCheck;

/// Signing in and everything around it.
pub const SERVICE: Service = Service { name: "identity", routes: routes::routes, open, work: work::tasks };

/// How many passwords were checked since the start: one a login, whoever it is that tries.
pub fn passwords_checked(app: &App) -> u64 {
    app.edge::<passwords::Passwords>().count()
}

/// Opens the edges that every password passes.
fn open(app: Builder) -> Builder {
    let limits = app.edge::<LoginLimits>().copied().unwrap_or_default();
    app.with(passwords::Passwords::new()).with(throttle::Throttle::new(limits)).with(forgotten::Underway::default())
}
