//! The words of the institutions' names, by which they are found: as they begin and as they sound.
use std::collections::BTreeSet;

use kernel::{HospitalId, Result};
use store::{Args, Sql as _, Tx, args, sql};

use crate::Hospital;
use crate::text::key;

/// Letters of a word that are told apart.
const LETTERS: usize = 16;

/// That a word of the name begins so.
pub fn beginning(word: &str) -> Vec<u8> {
    let letters: String = word.chars().take(LETTERS).collect();
    format!("n{letters}").into_bytes()
}

/// That a word of the name sounds like this one.
pub fn sound(word: &str) -> Vec<u8> {
    let letters: String = kernel::sound(word).chars().take(LETTERS).collect();
    format!("s{letters}").into_bytes()
}

/// Everything a name is found by.
fn keys(name: &str) -> BTreeSet<Vec<u8>> {
    let of_word = |word: String| {
        let lengths = 1..=word.chars().count().min(LETTERS);
        let beginnings = lengths.map(|length| beginning(&word.chars().take(length).collect::<String>()));
        beginnings.chain([sound(&word)]).collect::<Vec<_>>()
    };
    kernel::words(name).into_iter().flat_map(of_word).collect()
}

sql!(HOSPITAL_SEARCH_CLEAR = "DELETE FROM hospital_search WHERE hospital_id = $1");
sql!(HOSPITAL_SEARCH_ADD = "INSERT INTO hospital_search (key, hospital_id) VALUES ($1, $2)");

/// Takes the words of this name in place of those before.
pub async fn put(tx: &mut Tx, id: HospitalId, name: &str) -> Result<()> {
    tx.run(&HOSPITAL_SEARCH_CLEAR, args![id]).await?;
    let rows: Vec<Args> = keys(name).into_iter().map(|key| args![key, id]).collect();
    Ok(tx.run_each(&HOSPITAL_SEARCH_ADD, &rows).await?)
}

sql!(
    HOSPITALS_UNINDEXED = "SELECT * FROM hospitals
    WHERE NOT is_indexed
    ORDER BY id
    LIMIT $1
    FOR UPDATE"
);

/// Some that were registered before names were indexed.
pub async fn unindexed(tx: &mut Tx, rows: i64) -> Result<Vec<Hospital>> {
    Ok(tx.all(&HOSPITALS_UNINDEXED, args![rows]).await?)
}

sql!(
    /// Of several that share an address, the first one indexed keeps it to itself.
    HOSPITAL_INDEXED = "UPDATE hospitals
    SET is_indexed = TRUE,
        email_key = CASE WHEN EXISTS (SELECT 1 FROM hospitals o WHERE o.email_key = $2 AND o.id <> $1) THEN NULL ELSE $2 END
    WHERE id = $1"
);

/// Indexes one of them.
pub async fn index(tx: &mut Tx, hospital: &Hospital) -> Result<()> {
    put(tx, hospital.id, &hospital.name).await?;
    tx.run(&HOSPITAL_INDEXED, args![hospital.id, key(&hospital.email)]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_every_beginning_of_its_words() {
        let keys = keys("Lake St.");
        for found in ["l", "la", "lak", "lake", "s", "st"] {
            assert!(keys.contains(&beginning(found)), "{found}");
        }
        assert!(!keys.contains(&beginning("ake")));
        // A word that is longer than any is known by its first letters.
        let long = "x".repeat(40);
        assert!(super::keys(&long).contains(&beginning(&long)));
    }
}
