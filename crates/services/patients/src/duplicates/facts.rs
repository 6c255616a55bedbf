//! What of a record is compared with others.
use ::contacts::{ContactKind, ContactPoint, Owner};
use chrono::NaiveDate;
use kernel::Result;
use serde_json::Value;
use store::Sql;

use crate::contact_points::owner;
use crate::model::Stored;
use crate::search::Key;

/// Name, birth date, and every way to reach the person.
#[derive(Debug, Clone)]
pub struct Facts {
    pub name: String,
    pub born: NaiveDate,
    /// As [`::contacts::phone_key`] gives them.
    pub phones: Vec<String>,
    /// As [`::contacts::email_key`] gives them.
    pub emails: Vec<String>,
    /// The words of each address.
    pub addresses: Vec<Vec<String>>,
}

impl Facts {
    /// Of several records, in their order.
    pub async fn of_each(sql: &mut impl Sql, patients: &[Stored]) -> Result<Vec<Self>> {
        let owners: Vec<Owner> = patients.iter().map(owner).collect();
        let points = ::contacts::list_each(sql, &owners).await?;
        Ok(patients.iter().zip(&points).map(|(patient, points)| Self::told(patient, points)).collect())
    }

    pub async fn of(sql: &mut impl Sql, patient: &Stored) -> Result<Self> {
        Ok(Self::told(patient, &::contacts::list(sql, &owner(patient), None).await?))
    }

    fn told(patient: &Stored, points: &[ContactPoint]) -> Self {
        let texts = |kind, key: fn(&str) -> String| -> Vec<String> {
            let texts = points.iter().filter(|point| point.kind == kind).filter_map(|point| point.value.as_str());
            texts.map(key).filter(|key| !key.is_empty()).collect()
        };
        Self {
            name: patient.name.clone(),
            born: patient.date_of_birth,
            phones: texts(ContactKind::Phone, ::contacts::phone_key),
            emails: texts(ContactKind::Email, ::contacts::email_key),
            addresses: points.iter().filter_map(address).collect(),
        }
    }

    pub fn phone_keys(&self) -> Vec<Key> {
        self.phones.iter().filter_map(|phone| Key::phone(phone)).collect()
    }

    pub fn email_keys(&self) -> Vec<Key> {
        self.emails.iter().filter_map(|email| Key::email(email)).collect()
    }
}

/// The words of an address; none when it has none.
fn address(point: &ContactPoint) -> Option<Vec<String>> {
    let members = point.value.as_object().filter(|_| point.kind == ContactKind::Address)?;
    let texts: Vec<String> = members.values().filter_map(text).collect();
    Some(kernel::words(&texts.join(" "))).filter(|words| !words.is_empty())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
