//! What every setting means: printed by `nadi config --reference` and kept in docs/CONFIG.md.
use crate::Settings;

/// A setting: its name in `nadi.toml`, other names in the environment, and its meaning.
struct Described(&'static str, &'static str, &'static str);

const SETTINGS: [Described; 18] = [
    Described("listen", "", "Address and port to serve on."),
    Described("data", "", "The data directory: database, keys, files."),
    Described("database_url", "DATABASE_URL", "`postgres://…`; the SQLite file in the data directory when unset."),
    Described("services", "", "Services to serve; all when empty. A part of them needs PostgreSQL."),
    Described("production", "", "Refuses settings that are only good for trying things out."),
    Described("log", "", "What is logged: `info`, `debug`, `nadi=debug,store=info` and so on."),
    Described("master_key", "", "32 bytes in base64; the file `keys/master.key` of the data directory when unset."),
    Described("signing_key", "", "Ed25519 key (PKCS#8) in base64; the file `keys/signing.key` when unset."),
    Described(
        "secret_key",
        "SECRET_KEY, JWT_SECRET_KEY",
        "Signs tokens with HS256 and this secret in place of EdDSA, for programs that share it.",
    ),
    Described("admin_email", "", "The first administrator, made at start when absent."),
    Described("admin_password", "", "The first administrator's password."),
    Described(
        "sqlite_synchronous",
        "",
        "`full`, or `normal`, which loses acknowledged writes at power loss and exists for the crash test.",
    ),
    Described("database_connections", "", "Connections to PostgreSQL at most."),
    Described("max_body_bytes", "", "Largest request body."),
    Described("trust_proxy", "", "Takes the caller's address from `X-Forwarded-For`, as behind a proxy of one's own."),
    Described("max_connections", "", "Open connections at most; more wait until one closes."),
    Described("login_tries_per_minute", "", "Wrong logins a minute for one account from one address; more answer 429."),
    Described(
        "login_tries_per_address",
        "",
        "Wrong logins a minute from one address, for whatever accounts. Raise it when a whole hospital shares an address.",
    ),
];

/// The settings' names, as `NADI_…` variables end.
pub fn names() -> Vec<&'static str> {
    SETTINGS.iter().map(|s| s.0).collect()
}

/// A table of every setting, in Markdown.
pub fn markdown() -> String {
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    let mut text = String::from(
        "# Settings\n\nDefaults, then `nadi.toml` of the working directory, then the environment, then flags.\n\n\
         | `nadi.toml` | environment | default | meaning |\n|---|---|---|---|\n",
    );
    for Described(name, others, meaning) in SETTINGS {
        let variable = format!("NADI_{}", name.to_uppercase());
        let variables = if others.is_empty() { variable } else { format!("{variable}, {others}") };
        let default = match &defaults[name] {
            serde_json::Value::Null => "none".to_owned(),
            serde_json::Value::String(text) => format!("`{text}`"),
            serde_json::Value::Array(list) if list.is_empty() => "all".to_owned(),
            other => format!("`{other}`"),
        };
        text += &format!("| `{name}` | {variables} | {default} | {meaning} |\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_described() {
        let settings = serde_json::to_value(Settings::default()).expect("settings are plain data");
        let members: Vec<_> = settings.as_object().expect("an object").keys().cloned().collect();
        let mut described = names();
        described.sort_unstable();
        assert_eq!(members, described);
    }
}
