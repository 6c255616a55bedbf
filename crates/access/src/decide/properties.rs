//! The decision, tried on whatever relations there could be.
use kernel::{PatientId, Text as _};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use uuid::Uuid;

use super::*;

const PATIENT: PatientId = PatientId(Uuid::from_u128(1));

/// So few that they are often the same: the patient, an account, a doctor, a hospital, nobody.
fn somebody() -> impl Strategy<Value = Uuid> {
    (0..5u128).prop_map(Uuid::from_u128)
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
}

prop_compose! {
    fn span()(from in option::of(0..50i64), to in option::of(50..100i64)) -> Span {
        Span { from: from.map(at), to: to.map(at) }
    }
}

prop_compose! {
    fn opens_something()(
        categories in option::of(subsequence(Category::ALL.to_vec(), 0..=Category::ALL.len())),
        actions in subsequence(Action::ALL.to_vec(), 0..=Action::ALL.len()),
        span in span(),
    ) -> Opens {
        Opens { categories, actions, span }
    }
}

prop_compose! {
    fn relation()(
        kind in select(Kind::ALL),
        holder_id in somebody(),
        opens in option::of(opens_something()),
        expires in option::of(0..100i64),
    ) -> Relation {
        Relation { opens, expires_at: expires.map(at), ..Relation::new(PATIENT, holder_id, kind, Uuid::from_u128(9)) }
    }
}

prop_compose! {
    fn anybody()(role in select(Role::ALL), actor in somebody(), reference in option::of(somebody())) -> Caller {
        Caller { actor, role, reference, session: None }
    }
}

proptest! {
    #[test]
    fn nothing_is_allowed_but_on_one_basis_that_opens_it(
        caller in anybody(),
        relations in vec(relation(), 0..6),
        action in select(Action::ALL),
        category in select(Category::ALL),
        now in 0..100i64,
    ) {
        let allowed = |relations: &[Relation]| decide(&caller, action, category, PATIENT, relations, at(now)).is_allowed();
        let by_one = allowed(&[]) || relations.iter().any(|one| allowed(std::slice::from_ref(one)));
        prop_assert_eq!(allowed(&relations), by_one);
    }

    #[test]
    fn a_decision_reaches_as_far_as_one_basis_and_no_basis_reaches_further(
        caller in anybody(),
        relations in vec(relation(), 0..6),
        action in select(Action::ALL),
        now in 0..100i64,
    ) {
        let reach = |relations: &[Relation]| match decide(&caller, action, Category::Records, PATIENT, relations, at(now)) {
            Decision::Allowed { reach, .. } => Some(reach),
            Decision::Refused(_) => None,
        };
        let length = |span: Span| span.bounds().1 - span.bounds().0;
        let alone: Vec<Reach> = relations.iter().filter_map(|one| reach(std::slice::from_ref(one))).collect();
        if let Some(all) = reach(&relations) {
            prop_assert!(alone.iter().any(|one| one.span == all.span) || alone.is_empty());
            prop_assert!(alone.iter().all(|one| length(one.span) <= length(all.span)));
        }
    }

    #[test]
    fn taking_a_relation_away_never_adds_a_right(
        caller in anybody(),
        relations in vec(relation(), 1..6),
        gone in any::<prop::sample::Index>(),
        action in select(Action::ALL),
        category in select(Category::ALL),
        now in 0..100i64,
    ) {
        let mut fewer = relations.clone();
        fewer.remove(gone.index(fewer.len()));
        if decide(&caller, action, category, PATIENT, &fewer, at(now)).is_allowed() {
            prop_assert!(decide(&caller, action, category, PATIENT, &relations, at(now)).is_allowed());
        }
    }

    #[test]
    fn time_only_takes_away(
        caller in anybody(),
        relations in vec(relation(), 0..6),
        action in select(Action::ALL),
        category in select(Category::ALL),
        (now, later) in (0..100i64, 0..100i64),
    ) {
        let (now, later) = (now.min(later), now.max(later));
        if decide(&caller, action, category, PATIENT, &relations, at(later)).is_allowed() {
            prop_assert!(decide(&caller, action, category, PATIENT, &relations, at(now)).is_allowed());
        }
    }

    #[test]
    fn what_a_relation_says_it_opens_only_narrows(
        caller in anybody(),
        relation in relation(),
        opens in opens_something(),
        action in select(Action::ALL),
        category in select(Category::ALL),
    ) {
        // A consent without a word opens nothing, so that there the word is what opens.
        prop_assume!(!matches!(relation.kind, Kind::ConsentToDoctor | Kind::ConsentToHospital));
        let whole = Relation { opens: None, ..relation };
        let narrowed = Relation { opens: Some(opens.clone()), ..relation };
        let allowed = |one: Relation| decide(&caller, action, category, PATIENT, &[one], at(0)).is_allowed();
        let alone = decide(&caller, action, category, PATIENT, &[], at(0)).is_allowed();
        if allowed(narrowed) && !alone {
            prop_assert!(opens.includes(action, category) && allowed(whole));
        }
    }

    #[test]
    fn what_the_patient_agreed_to_and_who_looked_is_between_the_patient_and_who_acts_for_them(
        caller in anybody(),
        relations in vec(relation(), 0..6),
        action in select(Action::ALL),
    ) {
        if decide(&caller, action, Category::Consents, PATIENT, &relations, at(0)).is_allowed() {
            prop_assert_eq!(caller.role.word(), "patient");
        }
    }
}
