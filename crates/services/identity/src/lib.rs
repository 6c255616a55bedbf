//! Accounts and how they sign in: passwords, sessions, refresh tokens, device keys.
//!
//! Owns the tables `users` and `refresh_tokens`; emits no events. Sessions, device keys and the audit chain are kept by
//! `access`, which this crate calls; it never reads a patient's data. The executable gives it a [`ReferenceCheck`].
//! Start reading at [`create_account`], then `login.rs` and `refresh.rs`.
mod accounts;
mod device_keys;
mod login;
mod manage;
mod model;
mod names;
mod password;
mod passwords;
mod queries;
mod refresh;
mod routes;
mod sessions;
mod throttle;
mod users;
mod work;

use kernel::{Builder, Service};

pub use accounts::{Ensured, account, close_accounts_of, create_account, ensure_admin};
pub use model::{Account, NewAccount, User};
pub use passwords::{PasswordHash, hash_password};
pub use throttle::LoginLimits;
pub use users::ReferenceCheck;

/// Signing in and everything around it.
pub const SERVICE: Service = Service { name: "identity", routes: routes::routes, open, work: work::tasks };

/// Opens the two edges that every password passes.
fn open(app: Builder) -> Builder {
    let limits = app.edge::<LoginLimits>().copied().unwrap_or_default();
    app.with(passwords::Passwords::new()).with(throttle::Throttle::new(limits))
}
