//! What a delivery may hold: whatever a database could not keep is refused before it comes near one.
use kernel::{Error, Result};

use crate::model::Delivery;
use crate::sources::LONGEST_NAME;

/// The longest id of a record, in characters.
pub const LONGEST_ID: usize = 255;
/// The longest kind of a record, in characters.
pub const LONGEST_KIND: usize = 100;

/// Whether something may be the name of a source or a record.
pub fn is_name(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control)
}

pub fn delivery(delivery: &Delivery) -> Result<()> {
    if !is_name(&delivery.source.name, LONGEST_NAME) {
        return Err(Error::invalid("device_id", format!("has 1 to {LONGEST_NAME} characters")));
    }
    if delivery.of_apps.iter().any(|(app, _)| !is_name(app, LONGEST_NAME)) {
        return Err(Error::invalid("app", format!("has 1 to {LONGEST_NAME} characters")));
    }
    for (place, record) in delivery.records.iter().enumerate() {
        let about = |member: &str| format!("records[{place}].{member}");
        if !is_name(&record.id, LONGEST_ID) {
            return Err(Error::invalid(about("id"), format!("has 1 to {LONGEST_ID} characters")));
        }
        if !is_name(&record.kind, LONGEST_KIND) {
            return Err(Error::invalid(about("kind"), format!("has 1 to {LONGEST_KIND} characters")));
        }
        if record.app.as_deref().is_some_and(|app| !is_name(app, LONGEST_NAME)) {
            return Err(Error::invalid(about("app"), format!("has 1 to {LONGEST_NAME} characters")));
        }
        if record.to < record.from {
            return Err(Error::invalid(about("to"), "is before from"));
        }
    }
    Ok(())
}
