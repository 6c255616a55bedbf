//! Accounts made for others: by an administrator for anyone, by a hospital for its own nurses.
use access::{By, Caller, Clerk, Role};
use futures::future::BoxFuture;
use kernel::{App, Error, Result};
use serde::Deserialize;
use store::Db;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::refuse_programs;
use crate::model::{NewAccount, User};
use crate::{PasswordHash, account, create_account, hash_password};

/// Whether there is such a patient, doctor or hospital to stand for. The executable gives this edge, since the services
/// that know are built on this one. For nurses, hospitals and responders the id is a hospital's.
pub struct ReferenceCheck(pub fn(Db, Role, Uuid) -> BoxFuture<'static, Result<bool>>);

impl ReferenceCheck {
    /// Refuses a reference to nobody. `member` is the request's member that named it.
    pub(crate) async fn ask(app: &App, role: Role, id: Uuid, member: &str) -> Result<()> {
        match (app.edge::<Self>().0)(app.db(), role, id).await? {
            true => Ok(()),
            false => Err(Error::invalid(member, "names nobody that is registered here")),
        }
    }
}

/// At least one of `email`, `username` and `phone` is needed, and one of `password` and `password_hash`.
#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct UserIn {
    #[garde(length(chars, max = 254))]
    #[schema(max_length = 254)]
    pub email: Option<String>,
    #[garde(length(chars, max = 254))]
    #[schema(max_length = 254)]
    pub username: Option<String>,
    #[garde(length(chars, max = 254), inner(custom(kernel::contact)))]
    #[schema(max_length = 254)]
    pub phone: Option<String>,
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub password: Option<String>,
    /// In place of `password`, for administrators: the hash of an older system (bcrypt, or werkzeug's `pbkdf2:sha256` or
    /// `scrypt`). It is checked until its owner has signed in once.
    #[garde(length(chars, max = 512))]
    #[schema(max_length = 512)]
    pub password_hash: Option<String>,
    #[garde(skip)]
    pub user_type: Role,
    /// The patient, the doctor or the hospital the account stands for.
    #[garde(skip)]
    pub reference_id: Option<Uuid>,
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub name: Option<String>,
}

/// Makes an account for somebody.
pub async fn create(app: &App, caller: &By<Clerk>, ask: UserIn) -> Result<User> {
    caller.must_be_person()?;
    let reference = reference_for(caller, &ask)?;
    require_looked_into(app, caller).await?;
    refuse_programs(ask.user_type)?;
    if let Some(id) = reference {
        ReferenceCheck::ask(app, ask.user_type, id, "reference_id").await?;
    }
    let password = password_of(app, caller, &ask).await?;
    let UserIn { email, username, phone, name, user_type: role, .. } = ask;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let new = NewAccount { email, username, phone, name, password, role, reference };
    let id = create_account(&mut tx, caller, new, now).await?;
    let made = account(&mut tx, id).await?.ok_or_else(|| Error::internal("the account just made is not there"))?;
    tx.commit().await?;
    Ok(made.into())
}

/// Whoever registered themselves makes no accounts before an administrator has looked into it.
async fn require_looked_into(app: &App, caller: &Caller) -> Result<()> {
    match caller.hospital() {
        Some(own) if !access::is_approved(&mut app.db(), own).await? => {
            Err(Error::forbidden("the hospital waits for an administrator to approve it"))
        }
        _ => Ok(()),
    }
}

async fn password_of(app: &App, caller: &Caller, ask: &UserIn) -> Result<PasswordHash> {
    match (&ask.password, &ask.password_hash) {
        (Some(password), None) => hash_password(app, password).await,
        (None, Some(_)) if caller.role != Role::Admin => {
            Err(Error::forbidden("hashes of older systems are brought by administrators"))
        }
        (None, Some(hash)) => PasswordHash::taken_over(hash).ok_or_else(|| {
            Error::invalid("password_hash", "is not a bcrypt, pbkdf2:sha256 or scrypt hash that is taken here")
        }),
        (Some(_), Some(_)) => Err(Error::invalid("password_hash", "is in place of a password: send one of the two")),
        (None, None) => Err(Error::invalid("password", "is needed")),
    }
}

/// Whom the new account will stand for, when this caller may make it. A hospital's nurses stand for that hospital.
fn reference_for(caller: &Caller, ask: &UserIn) -> Result<Option<Uuid>> {
    let own = ask.reference_id.is_none_or(|id| caller.hospital() == Some(id));
    match caller.role {
        Role::Admin => Ok(ask.reference_id),
        Role::Hospital if ask.user_type == Role::Nurse && own => Ok(caller.reference),
        Role::Hospital => Err(Error::forbidden("a hospital makes accounts for its own nurses only")),
        _ => Err(Error::forbidden("accounts are made by administrators, and by hospitals for their nurses")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role, reference: Option<Uuid>) -> Caller {
        Caller { actor: kernel::ids::new(), role, reference, session: None }
    }

    fn ask(user_type: Role, reference_id: Option<Uuid>) -> UserIn {
        let (email, username, phone, name) = (None, None, None, None);
        UserIn { email, username, phone, password: None, password_hash: None, user_type, reference_id, name }
    }

    #[test]
    fn a_hospital_makes_accounts_for_its_own_nurses_only() {
        let (own, other) = (Some(kernel::ids::new()), Some(kernel::ids::new()));
        let desk = caller(Role::Hospital, own);
        assert_eq!(reference_for(&desk, &ask(Role::Nurse, own)).unwrap(), own);
        assert_eq!(reference_for(&desk, &ask(Role::Nurse, None)).unwrap(), own);
        assert!(reference_for(&desk, &ask(Role::Nurse, other)).is_err());
        for role in [Role::Admin, Role::Hospital, Role::Doctor, Role::Patient, Role::Responder] {
            assert!(reference_for(&desk, &ask(role, own)).is_err(), "{role}");
        }
    }

    #[test]
    fn only_an_administrator_makes_any_account() {
        let id = Some(kernel::ids::new());
        assert_eq!(reference_for(&caller(Role::Admin, None), &ask(Role::Doctor, id)).unwrap(), id);
        for role in [Role::Doctor, Role::Nurse, Role::Patient, Role::Responder, Role::Device] {
            assert!(reference_for(&caller(role, id), &ask(Role::Nurse, id)).is_err(), "{role}");
        }
    }
}
