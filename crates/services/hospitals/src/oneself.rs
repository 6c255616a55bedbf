//! An institution that registers without anybody's help: in the directory and with a login, and related to nobody before
//! an administrator has verified it.
use access::Caller;
use identity::PasswordHash;
use kernel::{App, Result};
use store::Tx;

use crate::draft::Draft;
use crate::institution_in::InstitutionIn;
use crate::{Hospital, accounts, directory, members};

/// Registers the institution. 409 naming the member when another institution or account has the number, the address, or
/// as its number the name.
pub async fn register_oneself(app: &App, tx: &mut Tx, said: InstitutionIn, password: PasswordHash) -> Result<Hospital> {
    // Nobody is signed in: the program itself puts it down.
    let nobody = Caller::operator();
    let draft = Draft { members: members::HOSPITAL, ..Draft::from(said) };
    let made = directory::create(app, tx, &nobody, draft).await?;
    accounts::open(tx, &nobody, &made, Some(password), members::HOSPITAL).await?;
    access::await_approval(tx, made.id.0, made.created_at).await?;
    Ok(made)
}
