//! The catalogue of specialties: each has an id, a word and a name, and a doctor's first specialization is one of them or
//! what somebody wrote.
use access::{Caller, Entry};
use events::Log;
use garde::Validate;
use hospitals::key;
use kernel::{App, Error, Result, not_blank};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Sql, Tx};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Doctor;
use crate::queries::specialties as queries;

/// A specialty. Where one is asked for, its id, its word or its name says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Specialty {
    pub id: Uuid,
    /// One word in lower case, such as `general_medicine`.
    pub word: String,
    /// What doctors' `specializations` call it.
    pub name: String,
}

/// A specialty to add to the catalogue.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct SpecialtyIn {
    #[garde(length(chars, max = 100), custom(one_word))]
    #[schema(min_length = 1, max_length = 100)]
    pub word: String,
    #[garde(length(chars, max = 100), custom(not_blank))]
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
}

/// A word is typed into queries as it is.
fn one_word(value: &str, _: &()) -> garde::Result {
    let plain = value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    match plain && value.starts_with(|c: char| c.is_ascii_lowercase()) {
        true => Ok(()),
        false => Err(garde::Error::new("must be lower-case letters, digits and _")),
    }
}

/// The catalogue as it was read for one answer: it is short.
pub struct Catalogue(Vec<Specialty>);

impl Catalogue {
    pub async fn read(sql: &mut impl Sql) -> Result<Self> {
        queries::all(sql).await.map(Self)
    }

    /// All specialties in the order of their words.
    pub fn list(self) -> Vec<Specialty> {
        self.0
    }

    /// The specialty that this id, word or name says.
    pub fn find(&self, said: &str) -> Option<&Specialty> {
        let (id, sought) = (said.trim().parse::<Uuid>().ok(), key(said));
        self.0.iter().find(|known| Some(known.id) == id || known.word == sought || key(&known.name) == sought)
    }

    /// As [`find`](Self::find), for a request's `specialty_id`.
    pub fn named(&self, said: &str) -> Result<&Specialty> {
        self.find(said)
            .ok_or_else(|| Error::invalid("specialty_id", "names no specialty: GET /api/v1/specialties lists them"))
    }

    /// The catalogue's entry of a doctor's first specialization, when it has one.
    pub fn of(&self, doctor: &Doctor) -> Option<&Specialty> {
        self.find(doctor.specializations.0.first()?)
    }
}

/// Adds a specialty. Conflict when the catalogue has the word or the name.
pub async fn add(app: &App, tx: &mut Tx, caller: &Caller, input: SpecialtyIn) -> Result<Specialty> {
    let specialty = Specialty { id: kernel::ids::new(), word: input.word, name: input.name.trim().to_owned() };
    let now = app.clock().now();
    if Catalogue::read(tx).await?.find(&specialty.name).is_some() {
        return Err(Error::conflict("the catalogue has this name or word").about("name"));
    }
    queries::add(tx, &specialty).await?;
    let body = json!({ "kind": "specialty.created", "id": specialty.id });
    app.edge::<Log>().emit(tx, "doctors", specialty.id, body, now);
    access::record(tx, Entry::of(caller, "specialty.create", &specialty.word, now));
    Ok(specialty)
}
