//! An account's sessions: seen, ended, and checked for other programs.
use access::{Anyone, By, Entry, Rates, Role, Session};
use chrono::{DateTime, Utc};
use kernel::{App, Error, Result, SessionId, UserId, request};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vault::Vault;

use crate::queries;

/// One of the caller's sessions.
#[derive(Serialize, ToSchema)]
pub struct OwnSession {
    pub id: SessionId,
    /// The program that logged in, as it called itself.
    pub device: String,
    /// From where it was last used.
    pub address: String,
    pub created_at: DateTime<Utc>,
    /// When it began or was last renewed, which happens every half hour while it is in use.
    pub last_used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// True for the session this request came with.
    pub current: bool,
}

/// What a live session is, to a program that was sent its token.
#[derive(Serialize, ToSchema)]
pub struct ValidSession {
    /// Always true: an invalid session answers 401.
    pub valid: bool,
    pub session_id: SessionId,
    pub user_id: UserId,
    pub user_type: Role,
    pub expires_at: DateTime<Utc>,
}

#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct TokenIn {
    #[garde(length(chars, max = 4096))]
    #[schema(max_length = 4096)]
    pub token: String,
}

#[derive(Serialize, ToSchema)]
pub struct VerifiedToken {
    pub valid: bool,
    /// Absent when the token is not valid.
    pub payload: Option<TokenPayload>,
}

/// Whom a token stands for.
#[derive(Serialize, ToSchema)]
pub struct TokenPayload {
    pub user_id: UserId,
    pub user_type: Role,
    pub email: Option<String>,
    pub roles: Vec<Role>,
    pub metadata: TokenMetadata,
}

#[derive(Serialize, ToSchema)]
pub struct TokenMetadata {
    pub session_id: SessionId,
    pub reference_id: Option<Uuid>,
    pub expires_at: DateTime<Utc>,
}

/// The account's session of this id, unless it has ended.
pub async fn live(app: &App, user: UserId, id: SessionId) -> Result<Option<Session>> {
    Ok(all_live(app, user).await?.into_iter().find(|session| session.load_key == id))
}

async fn all_live(app: &App, user: UserId) -> Result<Vec<Session>> {
    let now = app.clock().now();
    let sessions = access::sessions_of(app, user).await?;
    Ok(sessions.into_iter().filter(|session| session.expires_at > now).collect())
}

/// The caller's live sessions, oldest first.
pub async fn list(app: &App, caller: &By<Anyone>) -> Result<Vec<OwnSession>> {
    let sessions = all_live(app, UserId(caller.actor)).await?;
    let shown = sessions.into_iter().map(|session| OwnSession {
        id: session.load_key,
        device: session.device,
        address: session.address,
        created_at: session.created_at,
        last_used_at: session.last_used_at.unwrap_or(session.created_at),
        expires_at: session.expires_at,
        current: caller.session == Some(session.load_key),
    });
    Ok(shown.collect())
}

/// Tells about the session the caller came with.
pub async fn validate(app: &App, caller: &By<Anyone>) -> Result<ValidSession> {
    let ended = || Error::unauthenticated("the session has ended");
    let id = caller.session.ok_or_else(ended)?;
    let session = live(app, UserId(caller.actor), id).await?.ok_or_else(ended)?;
    let (user_id, user_type, expires_at) = (session.user_id, session.role, session.expires_at);
    Ok(ValidSession { valid: true, session_id: id, user_id, user_type, expires_at })
}

/// Whether an access token is good at this moment, and whose it is.
pub async fn verify(app: &App, token: &str) -> Result<VerifiedToken> {
    app.edge::<Rates>().count_stranger(&request::current().from, app.clock().now())?;
    let payload = payload(app, token).await?;
    Ok(VerifiedToken { valid: payload.is_some(), payload })
}

async fn payload(app: &App, token: &str) -> Result<Option<TokenPayload>> {
    let claims = app.edge::<Vault>().check_token(&app.db(), token, app.clock().now()).await?;
    let Some(claims) = claims else { return Ok(None) };
    let user = UserId(claims.sub);
    let Some(session) = live(app, user, SessionId(claims.sid)).await? else { return Ok(None) };
    let account = queries::user(&mut app.db(), user).await?.filter(|account| account.is_active);
    Ok(account.map(|account| TokenPayload {
        user_id: account.id,
        user_type: account.user_type,
        email: account.email,
        roles: vec![account.user_type],
        metadata: TokenMetadata {
            session_id: session.load_key,
            reference_id: account.reference_id,
            expires_at: DateTime::from_timestamp(claims.exp, 0).unwrap_or(session.expires_at),
        },
    }))
}

/// Ends one of the caller's own sessions; another's is not found.
pub async fn end(app: &App, caller: &By<Anyone>, id: SessionId) -> Result<()> {
    live(app, UserId(caller.actor), id).await?.ok_or_else(|| Error::not_found("session"))?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    access::revoke(&mut tx, id, now).await?;
    access::record(&mut tx, Entry::of(caller, "session.revoke", id, now));
    Ok(tx.commit().await?)
}

/// Ends every session of the caller but the one at hand.
pub async fn end_others(app: &App, caller: &By<Anyone>) -> Result<()> {
    let keep = caller.session.ok_or_else(|| Error::forbidden("programs have no sessions"))?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let ended = access::revoke_others(&mut tx, UserId(caller.actor), keep, now).await?;
    access::record(&mut tx, Entry::of(caller, "session.revoke", format!("{ended} other sessions"), now));
    Ok(tx.commit().await?)
}
