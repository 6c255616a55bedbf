//! Finding accounts, for services that build on this one.
use kernel::{Result, UserId};
use store::{Sql, args, sql};
use uuid::Uuid;

use crate::model::Account;
use crate::{names, queries};

sql!(
    ACCOUNTS_OF = "SELECT id AS value FROM users
    WHERE reference_id = $1
    ORDER BY id"
);

/// The accounts that stand for this patient, doctor or hospital (a hospital's nurses too), closed ones as well.
pub async fn accounts_of(sql: &mut impl Sql, reference: Uuid) -> Result<Vec<UserId>> {
    Ok(sql.all(&ACCOUNTS_OF, args![reference]).await?)
}

/// The account of this id, or that signs in by this name.
pub async fn find_account(sql: &mut impl Sql, name: &str) -> Result<Option<Account>> {
    match name.trim().parse::<UserId>() {
        Ok(id) => queries::user(sql, id).await,
        Err(_) => {
            let found = queries::credentials_by_name(sql, &names::spelled(name)).await?;
            Ok(found.map(|credentials| credentials.account))
        }
    }
}
