//! What a relation opens, where its kind alone does not say.
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Bind, Column, PgRow, Raw};

use crate::{Action, Category, Span};

/// Some of the rights of a relation's kind: each of the actions on each of the categories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opens {
    /// None leaves every category that the kind opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<Category>>,
    pub actions: Vec<Action>,
    /// Of which time what is read may be.
    #[serde(flatten)]
    pub span: Span,
}

impl Opens {
    pub fn includes(&self, action: Action, category: Category) -> bool {
        let categories = self.categories.as_ref();
        self.actions.contains(&action) && categories.is_none_or(|categories| categories.contains(&category))
    }
}

impl Bind for Opens {
    const NULL: store::Value = store::Value::Json(None);
    fn bind(self) -> store::Value {
        store::Value::Json(Some(serde_json::json!(self)))
    }
}

impl Column for Opens {
    fn from_sqlite(value: Raw<'_>) -> Option<Self> {
        serde_json::from_value(Value::from_sqlite(value)?).ok()
    }
    fn from_postgres(row: &PgRow, name: &str) -> store::Result<Self> {
        let value = Value::from_postgres(row, name)?;
        serde_json::from_value(value).map_err(|error| store::Error::unreadable(name, &error.to_string()))
    }
}
