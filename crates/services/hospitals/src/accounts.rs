//! An institution's own login, made together with the institution or not at all.
use access::{Caller, Role};
use axum::http::StatusCode;
use identity::{NewAccount, PasswordHash};
use kernel::{App, Error, Result};
use store::Tx;

use crate::Hospital;
use crate::members::Members;

/// Hashes the password, if one was sent: before the transaction, which must not wait for it.
pub async fn hashed(app: &App, password: Option<&str>) -> Result<Option<PasswordHash>> {
    match password {
        Some(password) => identity::hash_password(app, password).await.map(Some),
        None => Ok(None),
    }
}

/// Makes the hospital's login under its email address, if there is a password. A refusal is about that address, which
/// `members` knows by the sender's name.
pub async fn open(
    tx: &mut Tx,
    by: &Caller,
    hospital: &Hospital,
    password: Option<PasswordHash>,
    members: Members,
) -> Result<()> {
    let Some(password) = password else { return Ok(()) };
    let account = NewAccount {
        email: Some(hospital.email.clone()),
        username: None,
        phone: None,
        name: Some(hospital.name.clone()),
        password,
        role: Role::Hospital,
        reference: Some(hospital.id.0),
    };
    let made = identity::create_account(tx, by, account, hospital.created_at).await;
    made.map(drop).map_err(|error| match error.status() {
        StatusCode::CONFLICT => Error::conflict("an account with this email exists").about(members.email),
        StatusCode::UNPROCESSABLE_ENTITY => Error::invalid(members.email, "is not an email address"),
        _ => error,
    })
}
