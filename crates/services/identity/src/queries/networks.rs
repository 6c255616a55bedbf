//! From where accounts have signed in, and whether hashes of older systems are about.
use chrono::{DateTime, Utc};
use kernel::{Result, UserId};
use store::{Sql, Tx, args, sql};

sql!(
    NETWORK_NOTE = "INSERT INTO known_networks (user_id, network, last_login_at) VALUES ($1, $2, $3)
    ON CONFLICT (user_id, network) DO UPDATE SET last_login_at = excluded.last_login_at"
);

/// Notes that an account signed in from here now.
pub async fn note(tx: &mut Tx, user: UserId, network: &str, now: DateTime<Utc>) -> Result<()> {
    tx.run(&NETWORK_NOTE, args![user, network, now]).await?;
    Ok(())
}

sql!(
    NETWORK_KNOWN = "SELECT user_id AS value
    FROM known_networks
    WHERE user_id = $1 AND network = $2 AND last_login_at > $3"
);

/// Whether an account has signed in from here since a time.
pub async fn is_known(sql: &mut impl Sql, user: UserId, network: &str, since: DateTime<Utc>) -> Result<bool> {
    Ok(sql.one::<UserId>(&NETWORK_KNOWN, args![user, network, since]).await?.is_some())
}

sql!(NETWORKS_SWEEP = "DELETE FROM known_networks WHERE last_login_at < $1");

/// Forgets networks that nobody signed in from since a time.
pub async fn sweep(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    tx.run(&NETWORKS_SWEEP, args![before]).await?;
    Ok(())
}

sql!(LEGACY_HASH_ANY = "SELECT id AS value FROM users WHERE legacy_hash LIMIT 1");

/// Whether any password is still kept as an older system hashed it.
pub async fn has_legacy_hashes(sql: &mut impl Sql) -> Result<bool> {
    Ok(sql.one::<UserId>(&LEGACY_HASH_ANY, args![]).await?.is_some())
}
