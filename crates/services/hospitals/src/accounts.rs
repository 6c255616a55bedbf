//! A hospital's own login, made together with the hospital or not at all.
use access::{Caller, Role};
use identity::{NewAccount, PasswordHash};
use kernel::{App, Result};
use store::Tx;

use crate::Hospital;

/// Hashes the password, if one was sent: before the transaction, which must not wait for it.
pub async fn hashed(app: &App, password: Option<&str>) -> Result<Option<PasswordHash>> {
    match password {
        Some(password) => identity::hash_password(app, password).await.map(Some),
        None => Ok(None),
    }
}

/// Makes the hospital's login under its email address, if there is a password.
pub async fn open(tx: &mut Tx, by: &Caller, hospital: &Hospital, password: Option<PasswordHash>) -> Result<()> {
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
    identity::create_account(tx, by, account, hospital.created_at).await?;
    Ok(())
}
