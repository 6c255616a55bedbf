//! Erasing the accounts of a patient: nobody signs in by them again, and nothing tells whose they were.
use access::Role;
use chrono::{DateTime, Utc};
use kernel::{Result, UserId};
use store::{Statement, Tx, args, sql};
use uuid::Uuid;

use crate::passwords::PasswordHash;
use crate::queries::{factors, resets};

sql!(USERS_TO_ERASE = "SELECT id AS value FROM users WHERE reference_id = $1 AND user_type = $2");
sql!(
    /// An account has a name at least: this one is nobody's.
    USER_ERASE = "UPDATE users
    SET email = NULL, phone = NULL, name = NULL, username = $2, password_hash = $3, is_active = FALSE,
        email_verified_at = NULL, phone_verified_at = NULL, legacy_hash = FALSE, suspended_at = NULL, updated_at = $4
    WHERE id = $1"
);
sql!(REFRESH_TOKENS_ERASE = "DELETE FROM refresh_tokens WHERE user_id = $1");
sql!(CONTACT_CODES_ERASE = "DELETE FROM contact_codes WHERE user_id = $1");
sql!(KNOWN_NETWORKS_ERASE = "DELETE FROM known_networks WHERE user_id = $1");

/// What is kept about an account beside its own row, and is taken away for no other reason.
static BESIDE: [&Statement; 3] = [&REFRESH_TOKENS_ERASE, &CONTACT_CODES_ERASE, &KNOWN_NETWORKS_ERASE];

/// Closes and empties every account that stands for this patient, and ends their sessions. The account's id stays: the
/// audit chain names it.
pub async fn erase_accounts_of(tx: &mut Tx, patient: Uuid, now: DateTime<Utc>) -> Result<()> {
    let users: Vec<UserId> = store::Sql::all(tx, &USERS_TO_ERASE, args![patient, Role::Patient]).await?;
    for user in users {
        let nobody = format!("erased-{}", user.0.simple());
        tx.run(&USER_ERASE, args![user, nobody, PasswordHash::nobody(), now]).await?;
        for statement in BESIDE {
            tx.run(statement, args![user]).await?;
        }
        resets::void(tx, user).await?;
        factors::remove(tx, user).await?;
        access::revoke_all(tx, user, now).await?;
        access::forget_sessions_of(tx, user).await?;
    }
    Ok(())
}
