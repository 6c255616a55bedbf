//! A doctor's own login, made together with the doctor or not at all.
use access::{Caller, Role};
use identity::{NewAccount, PasswordHash};
use kernel::{App, Result};
use store::Tx;

use crate::Doctor;

/// Hashes the password, if one was sent: before the transaction, which must not wait for it.
pub async fn hashed(app: &App, password: Option<&str>) -> Result<Option<PasswordHash>> {
    match password {
        Some(password) => identity::hash_password(app, password).await.map(Some),
        None => Ok(None),
    }
}

/// Makes the doctor's login under the email address, if there is a password.
pub async fn open(tx: &mut Tx, by: &Caller, doctor: &Doctor, password: Option<PasswordHash>) -> Result<()> {
    let Some(password) = password else { return Ok(()) };
    let account = NewAccount {
        email: Some(doctor.email.clone()),
        username: None,
        phone: None,
        name: Some(doctor.name.clone()),
        password,
        role: Role::Doctor,
        reference: Some(doctor.id.0),
    };
    identity::create_account(tx, by, account, doctor.created_at).await?;
    Ok(())
}
