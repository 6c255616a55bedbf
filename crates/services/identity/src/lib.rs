//! Accounts and how they sign in: passwords, sessions, refresh tokens, device keys.
//!
//! Owns the tables `users` and `refresh_tokens`; emits no events. Sessions, device keys and the audit chain are kept by
//! `access`, which this crate calls; it never reads a patient's data. The executable gives it a [`ReferenceCheck`].
//! Start reading at [`create_account`], then `login.rs` and `refresh.rs`.
mod accounts;
mod device_keys;
mod login;
mod model;
mod names;
mod password;
mod passwords;
mod queries;
mod refresh;
mod routes;
mod sessions;
mod users;
mod work;

use kernel::Service;

pub use accounts::{Ensured, account, close_accounts_of, create_account, ensure_admin};
pub use model::{Account, NewAccount, User};
pub use passwords::{PasswordHash, hash_password};
pub use users::ReferenceCheck;

/// Signing in and everything around it.
pub const SERVICE: Service = Service {
    name: "identity",
    routes: routes::routes,
    open: |app| app.with(passwords::Passwords::new()),
    work: work::tasks,
};
