//! Accounts looked after by others: listed, disabled, enabled, given another password.
use access::{Admin, By, Caller, Clerk, Entry, Role};
use chrono::{DateTime, Utc};
use kernel::{App, Error, Listed, PageQuery, Result, UserId};
use serde::Deserialize;
use store::Tx;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::accounts::patient_of;
use crate::model::{Account, User};
use crate::queries::{self, resets};
use crate::{ReferenceCheck, account, hash_password};

/// Which accounts to list.
#[derive(Deserialize, IntoParams, garde::Validate)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    #[garde(skip)]
    pub user_type: Option<Role>,
    /// The patient, the doctor or the hospital the accounts stand for.
    #[garde(skip)]
    pub reference_id: Option<Uuid>,
}

#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct NewPasswordIn {
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub new_password: String,
}

/// A page of accounts, ordered by id. The look is on the audit chain before the answer.
pub async fn list(app: &App, caller: &By<Admin>, page: &PageQuery, which: &UserFilter) -> Result<Listed<User>> {
    let found = queries::users(&mut app.db(), page, which).await?;
    let listed = Listed::new(found, page, |account| account.id.0).map(User::from);
    let mut tx = app.db().begin().await?;
    let shown = format!("{} accounts", listed.entries.len());
    access::record(&mut tx, Entry::of(caller, "list accounts", shown, app.clock().now()));
    tx.commit().await?;
    Ok(listed)
}

/// Closes an account and ends its sessions; one that is closed already stays so.
pub async fn disable(app: &App, caller: &By<Clerk>, id: UserId) -> Result<User> {
    let account = theirs(app, caller, id).await?;
    refuse_oneself(caller, id)?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    if queries::set_active(&mut tx, id, false, now).await? {
        access::revoke_all(&mut tx, id, now).await?;
        put_down(&mut tx, caller, "account.disable", &account, now);
    }
    tx.commit().await?;
    Ok(User { is_active: false, ..account.into() })
}

/// Opens a closed account again; 422 when whom it stands for is not there any more.
pub async fn enable(app: &App, caller: &By<Clerk>, id: UserId) -> Result<User> {
    let account = theirs(app, caller, id).await?;
    if let Some(reference) = account.reference_id {
        ReferenceCheck::ask(app, account.user_type, reference, "reference_id").await?;
    }
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    if queries::set_active(&mut tx, id, true, now).await? {
        put_down(&mut tx, caller, "account.enable", &account, now);
    }
    tx.commit().await?;
    Ok(User { is_active: true, ..account.into() })
}

/// Gives an account another password and ends its sessions.
pub async fn reset_password(app: &App, caller: &By<Admin>, id: UserId, ask: &NewPasswordIn) -> Result<()> {
    let account = theirs(app, caller, id).await?;
    // Whoever finds an administrator's session open must not be able to keep the account.
    refuse_oneself(caller, id)?;
    let new = hash_password(app, &ask.new_password).await?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    queries::reset_password(&mut tx, id, new, now).await?;
    resets::void(&mut tx, id).await?;
    access::revoke_all(&mut tx, id, now).await?;
    put_down(&mut tx, caller, "password.reset", &account, now);
    Ok(tx.commit().await?)
}

pub(crate) fn put_down(tx: &mut Tx, caller: &Caller, action: &'static str, account: &Account, now: DateTime<Utc>) {
    let patient = patient_of(account.user_type, account.reference_id);
    access::record(tx, Entry { patient, ..Entry::of(caller, action, account.id, now) });
}

/// The account, if it is the caller's to look after: an administrator's is every one, a hospital's its own nurses'.
async fn theirs(app: &App, caller: &Caller, id: UserId) -> Result<Account> {
    caller.must_be_person()?;
    if !matches!(caller.role, Role::Admin | Role::Hospital) {
        return Err(Error::forbidden("accounts are looked after by administrators, and by hospitals for their nurses"));
    }
    let found = account(&mut app.db(), id).await?;
    found.filter(|account| looks_after(caller, account)).ok_or_else(|| Error::not_found("account"))
}

fn looks_after(caller: &Caller, account: &Account) -> bool {
    let nurse = || account.reference_id.is_some_and(|hospital| caller.stands_for(Role::Hospital, hospital));
    caller.role == Role::Admin || (account.user_type == Role::Nurse && nurse())
}

pub(crate) fn refuse_oneself(caller: &Caller, id: UserId) -> Result<()> {
    match caller.actor == id.0 {
        true => Err(Error::conflict("this is your own account; change your password by telling the one you have")),
        false => Ok(()),
    }
}
