//! Statements on the catalogue of specialties.
use hospitals::key;
use kernel::{Error, Result};
use store::{FromRow, Row, Sql, Tx, args, sql};

use crate::specialties::Specialty;

impl FromRow for Specialty {
    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        let id: String = row.get("id")?;
        let id = id.parse().map_err(|_| store::Error::unreadable("id", &id))?;
        Ok(Self { id, word: row.get("word")?, name: row.get("name")? })
    }
}

sql!(SPECIALTIES = "SELECT id, word, name FROM specialties ORDER BY word");

pub async fn all(sql: &mut impl Sql) -> Result<Vec<Specialty>> {
    Ok(sql.all(&SPECIALTIES, args![]).await?)
}

sql!(SPECIALTY_ADD = "INSERT INTO specialties (id, word, name, name_key) VALUES ($1, $2, $3, $4)");

/// Adds a specialty; 409 naming the member that another one has.
pub async fn add(tx: &mut Tx, s: &Specialty) -> Result<()> {
    let row = args![s.id.to_string(), &s.word, &s.name, key(&s.name)];
    tx.run(&SPECIALTY_ADD, row).await.map(drop).map_err(|error| {
        match ["word", "name"].into_iter().find(|member| error.is_duplicate_of(member)) {
            Some(member) => Error::conflict(format!("another specialty has this {member}")).about(member),
            None => error.into(),
        }
    })
}
