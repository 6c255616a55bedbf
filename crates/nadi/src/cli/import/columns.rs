//! Which columns a file may have: the members of the registration, as the program's own OpenAPI document has them.
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

use super::Kind as Imported;
use super::cells::{Dates, Kind, Refusal};
use crate::{http, services};

/// Other names of some members, where they are not members themselves.
const OTHER_NAMES: [(&str, &str); 6] = [
    ("email", "contact_email.email_address"),
    ("phone", "contact_phone.phone_number"),
    ("contact_phone", "contact_phone.phone_number"),
    ("license_number", "medical_license"),
    ("sex", "sex_id"),
    ("gender", "gender_id"),
];

/// The members of a registration that can stand in a cell.
#[derive(Debug, Default)]
pub struct Known {
    columns: BTreeMap<String, Kind>,
    /// Members that take whatever members they are given, such as `address`.
    open: BTreeSet<String>,
    required: Vec<String>,
}

impl Known {
    /// What a `POST` to this path takes.
    pub fn of(path: &str) -> Result<Self> {
        let document = serde_json::to_value(http::document(services())).context("the document")?;
        let body = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"];
        if body.is_null() {
            bail!("this program registers nothing at {path}");
        }
        let mut known = Self::default();
        known.walk(&document, body, "");
        let required = resolved(&document, body)["required"].as_array().into_iter().flatten();
        known.required = required.filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(known)
    }

    fn walk(&mut self, document: &Value, schema: &Value, name: &str) {
        let schema = resolved(document, schema);
        if let Some(members) = schema["properties"].as_object() {
            for (member, inner) in members {
                let inner_name = if name.is_empty() { member.clone() } else { format!("{name}.{member}") };
                self.walk(document, inner, &inner_name);
            }
            return;
        }
        let kind = match (type_of(schema), schema["format"].as_str()) {
            (Some("string"), Some("date")) => Kind::Date,
            (Some("string"), _) => Kind::Text,
            (Some("integer"), _) => Kind::Whole,
            (Some("number"), _) => Kind::Number,
            (Some("boolean"), _) => Kind::YesNo,
            (Some("array"), _) if type_of(resolved(document, &schema["items"])) == Some("string") => Kind::Words,
            (Some("object"), _) if !name.is_empty() => {
                self.open.insert(name.to_owned());
                return;
            }
            // A list of objects does not fit into a cell.
            _ => return,
        };
        self.columns.insert(name.to_owned(), kind);
    }

    /// The member that a column is, and what its cells hold.
    fn member(&self, column: &str) -> Option<(String, Kind)> {
        if let Some(kind) = self.columns.get(column) {
            return Some((column.to_owned(), *kind));
        }
        let other = OTHER_NAMES.iter().find(|(name, _)| *name == column).map(|(_, member)| *member);
        if let Some((member, kind)) = other.and_then(|member| Some((member, self.columns.get(member)?))) {
            return Some((member.to_owned(), *kind));
        }
        let (open, rest) = column.split_once('.')?;
        (self.open.contains(open) && !rest.is_empty()).then(|| (column.to_owned(), Kind::Text))
    }

    /// Every column there can be, for who named another.
    fn names(&self) -> String {
        let open = self.open.iter().map(|name| format!("{name}.*"));
        self.columns.keys().cloned().chain(open).collect::<Vec<_>>().join(", ")
    }
}

/// The schema itself, where another is named or where it may be null.
fn resolved<'a>(document: &'a Value, mut schema: &'a Value) -> &'a Value {
    // Nothing of ours is nested deeper; a schema that names itself ends here.
    for _ in 0..8 {
        if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
            schema = &document["components"]["schemas"][name];
            continue;
        }
        let choices = ["oneOf", "anyOf", "allOf"].iter().find_map(|word| schema[*word].as_array());
        match choices.and_then(|all| all.iter().find(|choice| choice["type"] != "null")) {
            Some(choice) => schema = choice,
            None => return schema,
        }
    }
    schema
}

fn type_of(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(word) => Some(word),
        Value::Array(words) => words.iter().filter_map(Value::as_str).find(|word| *word != "null"),
        _ => None,
    }
}

/// How the rows of one file become registrations.
#[derive(Debug)]
pub struct Plan {
    /// For each column its name, its member and what its cells hold.
    columns: Vec<(String, String, Kind)>,
    required: Vec<String>,
}

impl Plan {
    /// Refuses columns that nothing is known of, columns that are there twice, and a header without what every row needs.
    pub fn of(known: &Known, kind: Imported, header: &[String]) -> Result<Self> {
        let found: Vec<_> = header.iter().map(|name| (name, known.member(name))).collect();
        let unknown: Vec<&str> = found.iter().filter(|(_, m)| m.is_none()).map(|(name, _)| name.as_str()).collect();
        let what = kind.word();
        if !unknown.is_empty() {
            bail!("{what} have no such columns: {}; the columns are: {}", unknown.join(", "), known.names());
        }
        let columns: Vec<_> =
            found.into_iter().filter_map(|(name, member)| member.map(|(m, kind)| (name.clone(), m, kind))).collect();
        let members: BTreeSet<&str> = columns.iter().map(|(_, member, _)| member.as_str()).collect();
        if let Some((name, ..)) = columns
            .iter()
            .enumerate()
            .find_map(|(at, column)| columns[..at].iter().any(|before| before.1 == column.1).then_some(column))
        {
            bail!("the column {name} is there twice");
        }
        let within = |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('.'));
        for (outer, member, _) in &columns {
            if let Some((inner, ..)) = columns.iter().find(|column| within(&column.1, member)) {
                bail!("the columns {outer} and {inner} do not go together: the one holds the other");
            }
        }
        let there = |name: &&String| members.iter().any(|m| *m == name.as_str() || within(m, name));
        let missing: Vec<&str> = known.required.iter().filter(|name| !there(name)).map(String::as_str).collect();
        if !missing.is_empty() {
            bail!("{what} need these columns too: {}", missing.join(", "));
        }
        Ok(Self { columns, required: known.required.clone() })
    }

    /// A refusal of the server's, in the words of the file: it names columns where the server named their members.
    pub fn explained(&self, refusal: &Refusal) -> Refusal {
        let column = |member: &str| {
            let named = self.columns.iter().find(|(_, of, _)| of == member);
            named.map_or_else(|| member.to_owned(), |(name, ..)| name.clone())
        };
        let members: Vec<&str> = refusal.member.split(", ").collect();
        // Each reason begins with its member; where there are several, `; ` stands between them.
        let mut reason = refusal.reason.clone();
        for member in members.iter().filter(|member| column(member) != **member) {
            reason = reason.replace(&format!("{member} "), &format!("{} ", column(member)));
        }
        let member = members.iter().map(|member| column(member)).collect::<Vec<_>>().join(", ");
        Refusal { member, reason }
    }

    /// The registration of a row; empty cells are left out.
    pub fn body(&self, cells: &[String], dates: Dates) -> Result<Value, Refusal> {
        let mut body = Map::new();
        for ((name, member, kind), cell) in self.columns.iter().zip(cells) {
            // White space is part of a password and of nothing else.
            let cell = if member == "password" { cell } else { cell.trim() };
            if !cell.is_empty() {
                let value = kind.value(cell, dates).map_err(|reason| Refusal::of(name, reason))?;
                insert(&mut body, member, value);
            }
        }
        match self.required.iter().find(|name| !body.contains_key(*name)) {
            Some(name) => Err(Refusal::of(name, "is required")),
            None => Ok(Value::Object(body)),
        }
    }
}

/// Puts a value where its dotted name says.
fn insert(body: &mut Map<String, Value>, member: &str, value: Value) {
    match member.split_once('.') {
        None => drop(body.insert(member.to_owned(), value)),
        Some((outer, rest)) => {
            let inner = body.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known() -> Known {
        let document = json!({"components": {"schemas": {
            "In": {"required": ["first_name", "contact_email"], "properties": {
                "first_name": {"type": "string"}, "born": {"type": ["string", "null"], "format": "date"},
                "contact_email": {"$ref": "#/components/schemas/Email"},
                "profile": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Profile"}]},
                "address": {"type": "object"}, "friends": {"type": "array", "items": {"$ref": "#/components/schemas/In"}},
            }},
            "Email": {"properties": {"email_address": {"type": "string"}, "is_primary": {"type": "boolean"}}},
            "Profile": {"properties": {"height_cm": {"type": ["number", "null"]}}},
        }}});
        let mut known = Known::default();
        known.walk(&document, &json!({"$ref": "#/components/schemas/In"}), "");
        known.required = vec!["first_name".into(), "contact_email".into()];
        known
    }

    fn plan(header: &[&str]) -> Result<Plan> {
        Plan::of(&known(), Imported::Patients, &header.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_row_becomes_the_members_that_its_columns_name() {
        let plan = plan(&["first_name", "email", "profile.height_cm", "born", "address.city"]).expect("a plan");
        let cells = [" Asha ", "asha@example.org", "", "17/05/1980", "Pune"].map(str::to_owned);
        let body = plan.body(&cells, Dates::DayFirst).expect("a body");
        let expected = json!({"first_name": "Asha", "born": "1980-05-17", "address": {"city": "Pune"},
            "contact_email": {"email_address": "asha@example.org"}});
        assert_eq!(body, expected);
        let refused = plan.body(&cells, Dates::Iso).expect_err("a refusal");
        assert_eq!(refused.member, "born");
        let empty = plan.body(&["", "asha@example.org", "", "", ""].map(str::to_owned), Dates::Iso);
        assert_eq!(empty, Err(Refusal::of("first_name", "is required")));
    }

    #[test]
    fn a_header_that_does_not_fit_is_refused_by_name() {
        let said = |header: &[&str]| plan(header).expect_err("a refusal").to_string();
        let unknown = said(&["first_name", "email", "shoe_size", "friends"]);
        assert!(
            unknown.contains("shoe_size, friends; the columns are: born, contact_email.email_address"),
            "{unknown}"
        );
        assert!(said(&["first_name", "email", "contact_email.email_address"]).contains("twice"));
        assert!(said(&["email"]).contains("need these columns too: first_name"));
        let both = said(&["first_name", "email", "address.geo.lat", "address.geo"]);
        assert!(both.contains("address.geo and address.geo.lat do not go together"), "{both}");
        plan(&["first_name", "email", "address.geo.lat", "address.geometry"]).expect("a plan");
    }

    #[test]
    fn a_refusal_names_the_columns_of_the_file() {
        let plan = plan(&["first_name", "email"]).expect("a plan");
        let refused =
            Refusal::of("contact_email.email_address, born", "contact_email.email_address is none; born is needed");
        let told = plan.explained(&refused);
        assert_eq!((told.member.as_str(), told.reason.as_str()), ("email, born", "email is none; born is needed"));
    }

    #[test]
    fn what_this_program_registers_has_columns() {
        for (kind, column) in [(Imported::Patients, "health_profile.height_cm"), (Imported::Doctors, "medical_license")]
        {
            let known = Known::of(kind.path()).expect("a registration");
            assert!(known.columns.contains_key(column), "{kind:?}: {}", known.names());
            assert!(known.columns.contains_key("first_name"), "{kind:?}: {}", known.names());
        }
    }
}
