//! Sessions: an access token lives as long as its session's row says.
use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, Result, SessionId, UserId, request};
use store::{Sql as _, Tx, args, from_row, sql};
use uuid::Uuid;
use vault::Vault;

use crate::{Caller, Role, service};

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The session.
    pub load_key: SessionId,
    pub user_id: UserId,
    pub role: Role,
    pub reference_id: Option<Uuid>,
    pub device: String,
    pub address: String,
    pub created_at: DateTime<Utc>,
    /// When it was last renewed.
    pub last_used_at: Option<DateTime<Utc>>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}
from_row!(Session {
    load_key,
    user_id,
    role,
    reference_id,
    device,
    address,
    created_at,
    last_used_at,
    expires_at,
    revoked_at
});

/// What a new session is for.
pub struct NewSession {
    pub user: UserId,
    pub role: Role,
    pub reference: Option<Uuid>,
    pub device: String,
    pub expires_at: DateTime<Utc>,
}

sql!(
    SESSION_ADD =
        "INSERT INTO sessions (id, user_id, role, reference_id, device, address, created_at, last_used_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)"
);
sql!(
    /// Whoever stands for somebody suspended has no session, whatever became of the session's own row.
    SESSION_BY_ID =
        "SELECT id AS load_key, user_id, role, reference_id, device, address, created_at, last_used_at, expires_at,
        revoked_at
    FROM sessions
    WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM suspensions AS x WHERE x.holder_id = sessions.reference_id)"
);
sql!(
    SESSIONS_OF =
        "SELECT id AS load_key, user_id, role, reference_id, device, address, created_at, last_used_at, expires_at,
        revoked_at
    FROM sessions WHERE user_id = $1 AND revoked_at IS NULL ORDER BY created_at"
);
sql!(SESSION_REVOKE = "UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL");
sql!(SESSIONS_REVOKE_ALL = "UPDATE sessions SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL");
sql!(
    SESSIONS_REVOKE_OTHERS = "UPDATE sessions SET revoked_at = $3
    WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL AND expires_at > $3
    RETURNING id AS value"
);
sql!(SESSION_TOUCH = "UPDATE sessions SET last_used_at = $2, address = $3 WHERE id = $1");
sql!(
    SESSION_PROLONG = "UPDATE sessions SET last_used_at = $2, address = $3, expires_at = $4
    WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2"
);
sql!(SESSIONS_FORGET = "UPDATE sessions SET device = '', address = '' WHERE user_id = $1");
sql!(TICKET_ADD = "INSERT INTO stream_tickets (secret_hash, session_id, expires_at) VALUES ($1, $2, $3)");
sql!(TICKET_TAKE = "DELETE FROM stream_tickets WHERE secret_hash = $1 RETURNING session_id AS value");
sql!(TICKETS_SWEEP = "DELETE FROM stream_tickets WHERE expires_at < $1");

/// Starts a session.
pub async fn open(tx: &mut Tx, new: NewSession, now: DateTime<Utc>) -> Result<SessionId> {
    let id = SessionId(kernel::ids::secret());
    let address = request::current().from.clone();
    tx.run(&SESSION_ADD, args![id, new.user, new.role, new.reference, new.device, address, now, new.expires_at])
        .await?;
    Ok(id)
}

/// Ends a session; its access tokens die with it.
pub async fn revoke(tx: &mut Tx, session: SessionId, now: DateTime<Utc>) -> Result<()> {
    tx.run(&SESSION_REVOKE, args![session, now]).await?;
    Ok(())
}

/// Ends every session of an account.
pub async fn revoke_all(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    tx.run(&SESSIONS_REVOKE_ALL, args![user, now]).await?;
    Ok(())
}

/// Ends every session of an account but this one, and answers how many that were.
pub async fn revoke_others(tx: &mut Tx, user: UserId, keep: SessionId, now: DateTime<Utc>) -> Result<usize> {
    let ended: Vec<SessionId> = tx.all(&SESSIONS_REVOKE_OTHERS, args![user, keep, now]).await?;
    Ok(ended.len())
}

/// Notes that a session was used now, and from where. Called when it is renewed and not at each request, which would
/// make every request a write.
pub async fn touch(tx: &mut Tx, session: SessionId, now: DateTime<Utc>) -> Result<()> {
    tx.run(&SESSION_TOUCH, args![session, now, request::current().from.clone()]).await?;
    Ok(())
}

/// Notes that a session was used now, and from where, and lets it end later; false when it has ended already.
pub async fn prolong(tx: &mut Tx, session: SessionId, until: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool> {
    Ok(tx.run(&SESSION_PROLONG, args![session, now, request::current().from.clone(), until]).await? > 0)
}

/// Forgets from where an account's sessions came, and with what.
pub async fn forget_sessions_of(tx: &mut Tx, user: UserId) -> Result<()> {
    tx.run(&SESSIONS_FORGET, args![user]).await?;
    Ok(())
}

/// An account's sessions that were not revoked, oldest first.
pub async fn sessions_of(app: &App, user: UserId) -> Result<Vec<Session>> {
    Ok(app.db().all(&SESSIONS_OF, args![user]).await?)
}

/// How long a ticket opens a stream: long enough for a browser to use it at once.
const TICKET_LIVES: TimeDelta = TimeDelta::seconds(30);

/// A ticket that opens one stream once, for browsers, which cannot send a header with it. Answers the ticket and its
/// seconds to live.
pub async fn ticket(app: &App, caller: &Caller) -> Result<(String, i64)> {
    let session = caller.session.ok_or_else(|| Error::forbidden("programs open streams with their own key"))?;
    let (secret, now) = (vault::new_secret()?, app.clock().now());
    let mut tx = app.db().begin().await?;
    tx.run(&TICKETS_SWEEP, args![now]).await?;
    tx.run(&TICKET_ADD, args![vault::sha256(secret.as_bytes()), session, now + TICKET_LIVES]).await?;
    tx.commit().await?;
    Ok((secret, TICKET_LIVES.num_seconds()))
}

impl Caller {
    /// Uses up a ticket.
    pub async fn by_ticket(app: &App, ticket: &str) -> Result<Self> {
        let mut tx = app.db().begin().await?;
        tx.run(&TICKETS_SWEEP, args![app.clock().now()]).await?;
        let session = tx.one::<SessionId>(&TICKET_TAKE, args![vault::sha256(ticket.as_bytes())]).await?;
        tx.commit().await?;
        let session = session.ok_or_else(|| Error::unauthenticated("the ticket was used, has expired or never was"))?;
        live(app, session).await
    }

    /// Whether the session, or the service account, this caller came with still lives. Long-lived streams ask now and then.
    pub async fn still_lives(&self, app: &App) -> bool {
        match self.session {
            Some(session) => live(app, session).await.is_ok(),
            None if self.role == Role::Device => true,
            None => service::still_lives(app, self.actor).await,
        }
    }
}

/// The session that an access token names.
pub(crate) async fn named(app: &App, token: &str) -> Result<SessionId> {
    let claims = app.edge::<Vault>().check_token(&app.db(), token, app.clock().now()).await?;
    claims
        .map(|claims| SessionId(claims.sid))
        .ok_or_else(|| Error::unauthenticated("the token is not valid or has expired"))
}

/// The caller of a session that lives.
pub(crate) async fn live(app: &App, id: SessionId) -> Result<Caller> {
    alive(app.db().load::<Session>(&SESSION_BY_ID, id.0).await?.pop(), app.clock().now())
}

/// The caller of a session, if it lives.
pub(crate) fn alive(session: Option<Session>, now: DateTime<Utc>) -> Result<Caller> {
    let lives = session.filter(|session| session.revoked_at.is_none() && session.expires_at > now);
    let session = lives.ok_or_else(|| Error::unauthenticated("the session has ended"))?;
    let (actor, session_id) = (session.user_id.0, Some(session.load_key));
    Ok(Caller { actor, role: session.role, reference: session.reference_id, session: session_id })
}

/// Several sessions, those that ended too.
pub(crate) fn find(
    tx: &mut Tx,
    ids: &[Uuid],
) -> impl Future<Output = store::Result<HashMap<SessionId, Session>>> + use<> {
    let found = tx.all_each::<Session>(&SESSION_BY_ID, ids);
    async { Ok(found.await?.into_iter().map(|session| (session.load_key, session)).collect()) }
}
