//! Service accounts: what programs sign in with. Each has the rights of one role, and perhaps those to read alone.
use axum::http::Method;
use chrono::{DateTime, Utc};
use kernel::{App, Error, Listed, PageQuery, Result};
use store::{Sql as _, Tx, Where, args, from_row, sql};
use uuid::Uuid;

use crate::{Caller, Role};

/// What every service account's secret starts with, so that one found in a log or a repository is recognised.
pub(crate) const PREFIX: &str = "nadi_sa_";

/// A service account as it is listed: the secret itself is not kept.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct ServiceAccount {
    pub id: Uuid,
    pub label: String,
    pub role: Role,
    /// The hospital it stands for.
    pub reference_id: Option<Uuid>,
    /// Whether it is refused everything but reading.
    pub read_only: bool,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}
from_row!(ServiceAccount { id, label, role, reference_id, read_only, created_at, expires_at, revoked_at });

struct Stored {
    load_key: Uuid,
    secret_hash: Vec<u8>,
    role: Role,
    reference_id: Option<Uuid>,
    read_only: bool,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}
from_row!(Stored { load_key, secret_hash, role, reference_id, read_only, expires_at, revoked_at });

sql!(
    SERVICE_ACCOUNT_ADD = "INSERT INTO service_accounts
    (id, secret_hash, label, role, reference_id, read_only, created_by, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);
sql!(
    SERVICE_ACCOUNT_BY_ID =
        "SELECT id AS load_key, secret_hash, role, reference_id, read_only, expires_at, revoked_at FROM service_accounts
    WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM suspensions AS x WHERE x.holder_id = service_accounts.reference_id)"
);
sql!(SERVICE_ACCOUNT_REVOKE = "UPDATE service_accounts SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL");
sql!(
    SERVICE_ACCOUNTS_REVOKE = "UPDATE service_accounts SET revoked_at = $2
    WHERE reference_id = $1 AND revoked_at IS NULL"
);

/// What a new service account is made of.
pub struct NewServiceAccount {
    pub label: String,
    pub role: Role,
    pub reference: Option<Uuid>,
    pub read_only: bool,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a service account and answers its id and its secret, which is not kept.
pub async fn add_service_account(
    tx: &mut Tx,
    new: &NewServiceAccount,
    by: &Caller,
    now: DateTime<Utc>,
) -> Result<(Uuid, String)> {
    // Ids that sort by time, for the list; what cannot be guessed is the secret.
    let (id, secret) = (kernel::ids::new(), vault::new_secret()?);
    let digest = vault::sha256(secret.as_bytes());
    let row = args![id, digest, &new.label, new.role, new.reference, new.read_only, by.actor, now, new.expires_at];
    tx.run(&SERVICE_ACCOUNT_ADD, row).await?;
    Ok((id, format!("{PREFIX}{}_{secret}", id.simple())))
}

/// A page of service accounts in the order of their ids, revoked ones too.
pub async fn service_accounts(app: &App, page: &PageQuery) -> Result<Listed<ServiceAccount>> {
    let all = Where::new(
        "SELECT id, label, role, reference_id, read_only, created_at, expires_at, revoked_at
        FROM service_accounts",
    )
    .and("id > ?", page.after()?)
    .tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(Listed::new(app.db().find(all).await?, page, |account: &ServiceAccount| account.id))
}

/// Revokes a service account: it is refused from the next request on. False when there is no such live one.
pub async fn revoke_service_account(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
    Ok(tx.run(&SERVICE_ACCOUNT_REVOKE, args![id, now]).await? > 0)
}

/// Revokes those of a hospital that closes.
pub(crate) async fn revoke_of(tx: &mut Tx, reference: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&SERVICE_ACCOUNTS_REVOKE, args![reference, now]).await?;
    Ok(())
}

/// The caller behind a service account's secret, given without its prefix.
pub(crate) async fn caller(app: &App, key: &str, method: &Method) -> Result<Caller> {
    let (id, secret) = key.split_once('_').ok_or_else(refused)?;
    let id: Uuid = id.parse().map_err(|_| refused())?;
    let stored = live(app, id).await?.ok_or_else(refused)?;
    if !vault::equal(&stored.secret_hash, &vault::sha256(secret.as_bytes())) {
        return Err(refused());
    }
    if stored.read_only && !method.is_safe() {
        return Err(Error::forbidden("this service account may read and nothing else"));
    }
    Ok(Caller { actor: stored.load_key, role: stored.role, reference: stored.reference_id, session: None })
}

/// Whether a service account still counts, for streams that it opened.
pub(crate) async fn still_lives(app: &App, id: Uuid) -> bool {
    matches!(live(app, id).await, Ok(Some(_)))
}

async fn live(app: &App, id: Uuid) -> Result<Option<Stored>> {
    let found = app.db().load::<Stored>(&SERVICE_ACCOUNT_BY_ID, id).await?.pop();
    let now = app.clock().now();
    Ok(found.filter(|account| account.revoked_at.is_none() && account.expires_at.is_none_or(|end| end > now)))
}

fn refused() -> Error {
    Error::unauthenticated("the service account is not known, has expired or was revoked")
}
