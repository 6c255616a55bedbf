//! The account behind an Aadhaar number, which logs in as any other name does.
use kernel::{App, Result};
use vault::{AadhaarRules, AadhaarText, AadhaarVault};

use crate::model::Credentials;
use crate::queries;

/// Stands before a number that was sent as one and nothing else. No name of an account holds white space.
const SAID: &str = "aadhaar ";

/// The name that an Aadhaar number is looked for under.
pub fn name(said: &AadhaarText) -> String {
    format!("{SAID}{}", one_spelling(said.as_sent().to_owned()))
}

/// Twelve digits in their one spelling, so that tries at a number are counted together however it is written.
pub fn one_spelling(name: String) -> String {
    match AadhaarText::new(&name).number(AadhaarRules::AnyTwelve) {
        Ok(number) => number.in_clear().to_owned(),
        Err(_) => name,
    }
}

/// Whether the name is an Aadhaar number and nothing else: a phone of the same twelve digits is somebody else's.
pub fn is_number(name: &str) -> bool {
    name.starts_with(SAID)
}

/// The account of the patient who has this number; none when the name cannot be one.
pub async fn find(app: &App, name: &str) -> Result<Option<Credentials>> {
    let numbers = app.edge::<AadhaarVault>();
    let text = AadhaarText::new(name.strip_prefix(SAID).unwrap_or(name));
    let Ok(number) = text.number(numbers.rules()) else { return Ok(None) };
    let mut db = app.db();
    match numbers.find(&mut db, &number).await? {
        Some(patient) => queries::credentials_of_patient(&mut db, patient).await,
        None => Ok(None),
    }
}
