//! Codes of conditions, in the vocabularies that hospitals share.
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CodeSystem;

/// A code, as `E11.9` of ICD-10. Checked for its shape, not against the vocabulary, which changes each year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct Code {
    pub system: CodeSystem,
    /// ICD-10: as `J45` or `E11.9`. SNOMED: 6 to 18 digits. LOINC: as `4548-4`.
    #[garde(custom(shaped(self.system)))]
    #[schema(max_length = 20)]
    pub code: String,
}

fn shaped(system: CodeSystem) -> impl Fn(&str, &()) -> garde::Result {
    move |code, &()| match fits(system, code) {
        true => Ok(()),
        false => Err(garde::Error::new(format!("is not a code of {system}"))),
    }
}

fn fits(system: CodeSystem, code: &str) -> bool {
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    match system {
        CodeSystem::Icd10 => {
            let (category, rest) = code.split_once('.').map_or((code, None), |(category, rest)| (category, Some(rest)));
            let [letter, first, second] = category.as_bytes() else { return false };
            letter.is_ascii_uppercase()
                && first.is_ascii_digit()
                && (second.is_ascii_digit() || second.is_ascii_uppercase())
                && rest.is_none_or(|rest| {
                    (1..=4).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
                })
        }
        CodeSystem::Snomed => digits(code, 6, 18) && !code.starts_with('0'),
        CodeSystem::Loinc => {
            code.split_once('-').is_some_and(|(body, check)| digits(body, 1, 7) && digits(check, 1, 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_other_text() {
        use CodeSystem::{Icd10, Loinc, Snomed};
        for (system, good) in
            [(Icd10, "J45"), (Icd10, "E11.9"), (Icd10, "C7A.010"), (Snomed, "73211009"), (Loinc, "4548-4")]
        {
            assert!(fits(system, good), "{system} {good}");
        }
        for (system, bad) in [
            (Icd10, ""),
            (Icd10, "e11.9"),
            (Icd10, "E1"),
            (Icd10, "E11."),
            (Icd10, "E11.12345"),
            (Icd10, "diabetes"),
            (Snomed, "12345"),
            (Snomed, "0123456"),
            (Snomed, "E11.9"),
            (Loinc, "4548"),
            (Loinc, "4548-44"),
            (Loinc, "-4"),
        ] {
            assert!(!fits(system, bad), "{system} {bad}");
        }
    }
}
