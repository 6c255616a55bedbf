//! Rows of a file that a dry run would find free each, and of which only the first can be registered.
use std::collections::HashMap;

use serde_json::Value;

use super::Kind;
use super::cells::Refusal;
use super::sender::Outcome;

/// What the rows so far will have taken, and which row took it.
pub struct Taken {
    kind: Kind,
    by: HashMap<(&'static str, String), usize>,
}

impl Taken {
    pub fn new(kind: Kind) -> Self {
        Self { kind, by: HashMap::new() }
    }

    /// What will become of a row because of an earlier one; nothing when none stands in its way.
    pub fn add(&mut self, row: usize, body: &Value) -> Option<Outcome> {
        let whole = ("", body.to_string());
        if self.by.contains_key(&whole) {
            return Some(Outcome::Already { id: String::new() });
        }
        let claims = self.claims(body);
        let before = claims.iter().find_map(|claim| Some((claim.0, *self.by.get(claim)?)));
        if let Some((member, first)) = before {
            let why = format!("row {first} of this file has the same, and only one of them can be registered");
            return Some(Outcome::Refused(Refusal::of(member, why)));
        }
        self.by.insert(whole, row);
        self.by.extend(claims.into_iter().map(|claim| (claim, row)));
        None
    }

    /// The members that no two registrations share. An address is one when somebody signs in with it.
    fn claims(&self, body: &Value) -> Vec<(&'static str, String)> {
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(|text| text.trim().to_owned());
        let signs_in = self.kind == Kind::Doctors || body["password"].is_string();
        let email = text("/contact_email/email_address").filter(|_| signs_in).map(|email| email.to_lowercase());
        let own = match self.kind {
            Kind::Patients => ("patient_id", text("/patient_id")),
            Kind::Doctors => ("medical_license", text("/medical_license")),
        };
        let claims = [own, ("contact_email.email_address", email)];
        claims.into_iter().filter_map(|(member, value)| Some((member, value?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_two_rows_with_one_reference_the_second_is_refused() {
        let mut taken = Taken::new(Kind::Patients);
        let refused = |outcome| match outcome {
            Some(Outcome::Refused(refusal)) => refusal.member,
            other => panic!("{other:?}"),
        };
        let person = |reference: &str, email: &str, more: Value| {
            let mut body = json!({"patient_id": reference, "contact_email": {"email_address": email}});
            body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
            body
        };
        let account = json!({"password": "long enough"});
        assert_eq!(taken.add(2, &person("A-1", "a@example.org", account.clone())), None);
        assert_eq!(
            taken.add(3, &person("A-1", "a@example.org", account.clone())),
            Some(Outcome::Already { id: String::new() })
        );
        assert_eq!(refused(taken.add(4, &person("A-1", "b@example.org", account.clone()))), "patient_id");
        assert_eq!(refused(taken.add(5, &person("A-5", "A@example.org", account))), "contact_email.email_address");
        // Families share an address that nobody signs in with.
        assert_eq!(taken.add(6, &person("A-6", "a@example.org", json!({}))), None);
    }
}
