//! How alike two names are, whatever the order of their words.
use std::collections::HashSet;

/// Words less alike than this are different words: unrelated names have half of their letters in common by chance.
const LEAST: f64 = 0.78;
/// For words that sound alike and are spelt differently.
const SOUNDS: f64 = 0.95;
/// For an initial and a word that begins with it.
const INITIAL: f64 = 0.85;

/// How alike two names are, between 0 and 1, and why.
pub fn similarity(one: &str, other: &str) -> (f64, String) {
    let (one, other) = (kernel::words(one), kernel::words(other));
    if one.is_empty() || other.is_empty() {
        return (0.0, "has no words".to_owned());
    }
    if one == other {
        return (1.0, "is the same".to_owned());
    }
    let mut pairs = Vec::new();
    for (i, a) in one.iter().enumerate() {
        for (j, b) in other.iter().enumerate() {
            let (alike, why) = words(a, b);
            if alike >= LEAST {
                pairs.push((alike, i, j, why));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut sum, mut reasons, mut left, mut right) = (0.0, Vec::new(), HashSet::new(), HashSet::new());
    for (alike, i, j, why) in pairs {
        if !left.contains(&i) && !right.contains(&j) {
            left.insert(i);
            right.insert(j);
            sum += alike;
            reasons.push(why);
        }
    }
    let without = one.len() + other.len() - left.len() - right.len();
    if without > 0 {
        reasons.push(format!("{without} of {} words have no like", one.len() + other.len()));
    }
    (2.0 * sum / (one.len() + other.len()) as f64, reasons.join("; "))
}

fn words(one: &str, other: &str) -> (f64, String) {
    if one == other {
        return (1.0, format!("{one} is in both"));
    }
    let is_initial = |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    if is_initial(one, other) || is_initial(other, one) {
        return (INITIAL, format!("{one} and {other} begin alike"));
    }
    let spelt = strsim::jaro_winkler(one, other);
    match kernel::sound(one) == kernel::sound(other) {
        true => (spelt.max(SOUNDS), format!("{one} sounds like {other}")),
        false => (spelt, format!("{one} is spelt like {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_words_does_not_matter() {
        assert_eq!(similarity("Asha Rao", "RAO, Asha").0, 1.0);
        assert_eq!(similarity("Asha Rao", "Asha Rao").1, "is the same");
    }

    #[test]
    fn what_sounds_alike_is_nearly_the_same() {
        let (alike, why) = similarity("Priya Sharma", "Preeya Sharma");
        assert!((alike - 0.975).abs() < 0.001, "{alike}");
        assert!(why.contains("priya sounds like preeya") && why.contains("sharma is in both"), "{why}");
    }

    #[test]
    fn others_are_not_alike() {
        assert_eq!(similarity("Ramesh Gupta", "Lata Joshi").0, 0.0);
        assert!(similarity("Asha Rao", "Ravi Rao").0 < 0.6);
        assert!(similarity("A Rao", "Asha Rao").0 > 0.9);
        assert_eq!(similarity("Asha Vijay Rao", "Asha Rao").0, 0.8);
        assert_eq!(similarity(".", "Asha").0, 0.0);
    }
}
