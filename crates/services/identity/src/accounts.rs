//! Accounts: made, read and closed. Other services call these functions inside their own transactions.
use access::{Caller, Entry, Role};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::{App, Error, PatientId, Result, UserId};
use store::{Sql, Tx};
use uuid::Uuid;

use crate::model::{Account, NewAccount};
use crate::{hash_password, names, queries};

/// Makes an account, and puts it on the audit chain as this caller's deed. Names are brought into their one spelling; 422
/// when none is given or one does not fit, and when a patient, doctor, nurse or hospital account stands for nobody; 409
/// naming the member when another account has it; 403 for service accounts, which would outlive themselves by it.
pub async fn create_account(tx: &mut Tx, by: &Caller, new: NewAccount, now: DateTime<Utc>) -> Result<UserId> {
    by.must_be_person()?;
    let (patient, new) = (patient_of(new.role, new.reference), checked(new)?);
    let id = queries::add_user(tx, new, now).await?;
    access::record(tx, Entry { patient, ..Entry::of(by, "account.create", id, now) });
    Ok(id)
}

/// The patient an account stands for, if any.
pub(crate) fn patient_of(role: Role, reference: Option<Uuid>) -> Option<PatientId> {
    reference.filter(|_| role == Role::Patient).map(PatientId)
}

/// The account of this id, open or closed.
pub async fn account(sql: &mut impl Sql, id: UserId) -> Result<Option<Account>> {
    queries::user(sql, id).await
}

/// The accounts of these ids, in one question; those that do not exist are left out.
pub async fn accounts(sql: &mut impl Sql, ids: &[UserId]) -> Result<Vec<Account>> {
    queries::users_among(sql, ids).await
}

/// Closes every account that stands for this patient, doctor or hospital (a hospital's nurses too) and ends their
/// sessions.
pub async fn close_accounts_of(tx: &mut Tx, reference: Uuid, now: DateTime<Utc>) -> Result<()> {
    for user in queries::close_users(tx, reference, now).await? {
        access::revoke_all(tx, user, now).await?;
    }
    Ok(())
}

/// Closes every account that stands for a doctor who is suspended, ends their sessions, and lets no other live, until
/// [`reinstate_accounts_of`].
pub async fn suspend_accounts_of(tx: &mut Tx, reference: Uuid, now: DateTime<Utc>) -> Result<()> {
    access::suspend(tx, reference, now).await?;
    for user in queries::suspend_users(tx, reference, now).await? {
        access::revoke_all(tx, user, now).await?;
    }
    Ok(())
}

/// Opens the accounts that [`suspend_accounts_of`] closed. One that was closed by hand stays closed, and every session
/// that ended stays ended.
pub async fn reinstate_accounts_of(tx: &mut Tx, reference: Uuid, now: DateTime<Utc>) -> Result<()> {
    access::reinstate(tx, reference).await?;
    queries::reinstate_users(tx, reference, now).await
}

/// What [`ensure_admin`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ensured {
    Created(UserId),
    /// The account was there; its password was left alone.
    Existed(UserId),
}

/// Makes the first administrator, or leaves the one that has this address; 409 when the address is someone else's.
pub async fn ensure_admin(app: &App, email: &str, password: &str) -> Result<Ensured> {
    let spelled = names::email(email)?;
    if let Some(id) = queries::admin_by_email(&mut app.db(), &spelled).await? {
        return Ok(Ensured::Existed(id));
    }
    let made = add_admin(app, &spelled, password).await;
    match made {
        // Another process that started at the same moment was faster.
        Err(error) if error.status() == StatusCode::CONFLICT => {
            let found = queries::admin_by_email(&mut app.db(), &spelled).await?;
            found.map(Ensured::Existed).ok_or(error)
        }
        made => made.map(Ensured::Created),
    }
}

async fn add_admin(app: &App, email: &str, password: &str) -> Result<UserId> {
    let password = hash_password(app, password).await?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let email = Some(email.to_owned());
    let new =
        NewAccount { email, username: None, phone: None, name: None, password, role: Role::Admin, reference: None };
    // The operator at the machine has no account yet.
    let operator = Caller::operator();
    let id = create_account(&mut tx, &operator, new, now).await?;
    tx.commit().await?;
    Ok(id)
}

/// True for the roles that mean nothing without whom they stand for.
fn needs_reference(role: Role) -> bool {
    matches!(role, Role::Patient | Role::Doctor | Role::Nurse | Role::Hospital)
}

/// Accounts are people's.
pub(crate) fn refuse_programs(role: Role) -> Result<()> {
    match role {
        Role::Device | Role::System => {
            Err(Error::invalid("user_type", "is not for accounts; devices sign in with a device key"))
        }
        _ => Ok(()),
    }
}

fn checked(new: NewAccount) -> Result<NewAccount> {
    refuse_programs(new.role)?;
    if needs_reference(new.role) && new.reference.is_none() {
        return Err(Error::invalid("reference_id", format!("is needed for the user type {}", new.role)));
    }
    let email = new.email.as_deref().map(names::email).transpose()?;
    let username = new.username.as_deref().map(names::username).transpose()?;
    let phone = new.phone.as_deref().map(names::phone).transpose()?;
    if email.is_none() && username.is_none() && phone.is_none() {
        return Err(Error::invalid("email", "is needed, or else a username or a phone"));
    }
    let name = new.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    Ok(NewAccount { email, username, phone, name, ..new })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Text as _;

    fn new(role: Role, reference: Option<Uuid>) -> NewAccount {
        let (email, password) = (Some(" Asha@Example.ORG".to_owned()), crate::passwords::for_tests());
        NewAccount { email, username: None, phone: None, name: Some(" ".to_owned()), password, role, reference }
    }

    #[test]
    fn names_are_kept_in_one_spelling() {
        let kept = checked(new(Role::Admin, None)).ok().unwrap();
        assert_eq!((kept.email.as_deref(), kept.name), (Some("asha@example.org"), None));
    }

    #[test]
    fn an_account_has_a_name_to_log_in_by() {
        assert!(checked(NewAccount { email: None, ..new(Role::Admin, None) }).is_err());
    }

    #[test]
    fn those_who_stand_for_somebody_say_for_whom_and_programs_have_no_accounts() {
        for role in Role::ALL.iter().copied() {
            let program = matches!(role, Role::Device | Role::System);
            assert_eq!(checked(new(role, Some(kernel::ids::new()))).is_ok(), !program, "{role}");
            assert_eq!(checked(new(role, None)).is_ok(), !program && !needs_reference(role), "{role}");
        }
    }
}
