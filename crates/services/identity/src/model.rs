//! An account, as it is kept, as it is made, and as its owner sees it.
use access::{Caller, Role};
use chrono::{DateTime, Utc};
use kernel::{SessionId, UserId};
use serde::Serialize;
use store::{FromRow, Row, from_row};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::PasswordHash;

/// An account. Its password is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: UserId,
    pub user_type: Role,
    pub email: Option<String>,
    pub username: Option<String>,
    pub phone: Option<String>,
    pub name: Option<String>,
    /// Whom the account stands for: the patient, the doctor, or the hospital of a nurse or a front desk.
    pub reference_id: Option<Uuid>,
    pub is_active: bool,
    /// When the owner proved to read mail there.
    pub email_verified_at: Option<DateTime<Utc>>,
    pub phone_verified_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
from_row!(Account {
    id,
    user_type,
    email,
    username,
    phone,
    name,
    reference_id,
    is_active,
    email_verified_at,
    phone_verified_at,
    created_at,
    updated_at
});

impl Account {
    /// This account as a caller, for entries on the audit chain made before a session exists.
    pub(crate) fn as_caller(&self, session: Option<SessionId>) -> Caller {
        Caller { actor: self.id.0, role: self.user_type, reference: self.reference_id, session }
    }
}

/// An account with what proves it.
pub(crate) struct Credentials {
    pub account: Account,
    pub password: PasswordHash,
}

impl FromRow for Credentials {
    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        Ok(Self { account: Account::from_row(row)?, password: row.get("password_hash")? })
    }
}

/// What a new account is made of. At least one of `email`, `username` and `phone` is needed.
pub struct NewAccount {
    pub email: Option<String>,
    pub username: Option<String>,
    pub phone: Option<String>,
    /// The person's or the institution's name.
    pub name: Option<String>,
    pub password: PasswordHash,
    pub role: Role,
    /// Needed for patients, doctors, nurses and hospitals.
    pub reference: Option<Uuid>,
}

/// An account as its owner sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct User {
    pub id: UserId,
    pub email: Option<String>,
    pub username: Option<String>,
    pub phone: Option<String>,
    pub name: Option<String>,
    pub user_type: Role,
    /// The same as `user_type`, for clients that read a list.
    pub roles: Vec<Role>,
    /// The patient, the doctor or the hospital the account stands for.
    pub reference_id: Option<Uuid>,
    pub is_active: bool,
    /// Whether a code that was sent there came back.
    pub email_verified: bool,
    pub phone_verified: bool,
    pub created_at: DateTime<Utc>,
}

impl From<Account> for User {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            email: account.email,
            username: account.username,
            phone: account.phone,
            name: account.name,
            user_type: account.user_type,
            roles: vec![account.user_type],
            reference_id: account.reference_id,
            is_active: account.is_active,
            email_verified: account.email_verified_at.is_some(),
            phone_verified: account.phone_verified_at.is_some(),
            created_at: account.created_at,
        }
    }
}
