//! The decision, tried as a table.
use kernel::{PatientId, Text as _};
use uuid::Uuid;

use super::*;

const PATIENT: PatientId = PatientId(Uuid::from_u128(1));
const DOCTOR: Uuid = Uuid::from_u128(2);
const HOSPITAL: Uuid = Uuid::from_u128(3);
const ACTOR: Uuid = Uuid::from_u128(7);
const OTHER: Uuid = Uuid::from_u128(9);

fn caller(role: Role, reference: Uuid) -> Caller {
    Caller { actor: ACTOR, role, reference: Some(reference), session: None }
}

fn relation(kind: Kind, holder: Uuid) -> Relation {
    Relation::new(PATIENT, holder, kind, Uuid::from_u128(5))
}

/// A consent to read and write these.
fn consent(kind: Kind, holder: Uuid, actions: &[Action], categories: &[Category]) -> Relation {
    let opens = Opens { categories: Some(categories.to_vec()), actions: actions.to_vec(), span: Span::ALWAYS };
    Relation { opens: Some(opens), ..relation(kind, holder) }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

/// Which categories a caller may read and write, in words.
fn rights(caller: &Caller, relations: &[Relation]) -> (Vec<&'static str>, Vec<&'static str>) {
    let open = |action| {
        let allowed = |c: &&Category| decide(caller, action, **c, PATIENT, relations, now()).is_allowed();
        Category::ALL.iter().filter(allowed).map(Category::word).collect()
    };
    (open(Action::Read), open(Action::Write))
}

/// What those who treat open.
const EVERYTHING: [&str; 10] = [
    "registration",
    "contacts",
    "vitals",
    "care",
    "alerts",
    "emergencies",
    "records",
    "care_team",
    "appointments",
    "wearables",
];
/// With what is between the patient and others, as whoever acts for the patient sees it.
const ACTED: [&str; 11] = [
    "registration",
    "contacts",
    "vitals",
    "care",
    "alerts",
    "emergencies",
    "records",
    "care_team",
    "appointments",
    "wearables",
    "consents",
];
/// With what is sensitive.
const ALL_OF_IT: [&str; 11] = [
    "registration",
    "contacts",
    "vitals",
    "care",
    "alerts",
    "emergencies",
    "records",
    "care_team",
    "appointments",
    "wearables",
    "sensitive",
];
const ACTED_WRITES: [&str; 8] =
    ["registration", "contacts", "vitals", "emergencies", "care_team", "appointments", "wearables", "consents"];
const NOTHING: [&str; 0] = [];

type Case<'a> = (&'a str, Caller, Vec<Relation>, Vec<&'a str>, Vec<&'a str>);

#[test]
fn who_may_read_and_write_what() {
    let doctor = caller(Role::Doctor, DOCTOR);
    let nurse = caller(Role::Nurse, HOSPITAL);
    let directory = ["registration", "contacts"];
    let (own, own_writes) = ([&ACTED[..], &["sensitive"]].concat(), [&ACTED_WRITES[..], &["sensitive"]].concat());
    let desk = ["registration", "contacts", "care_team", "appointments"];
    let cases: Vec<Case<'_>> = vec![
        ("oneself", caller(Role::Patient, PATIENT.0), vec![], own, own_writes),
        ("another patient", caller(Role::Patient, OTHER), vec![], NOTHING.to_vec(), NOTHING.to_vec()),
        (
            "the assigned doctor",
            doctor.clone(),
            vec![relation(Kind::AssignedDoctor, DOCTOR)],
            EVERYTHING.to_vec(),
            EVERYTHING.to_vec(),
        ),
        (
            "the attending doctor",
            doctor.clone(),
            vec![relation(Kind::AttendingDoctor, DOCTOR)],
            EVERYTHING.to_vec(),
            EVERYTHING.to_vec(),
        ),
        (
            "another doctor",
            doctor.clone(),
            vec![relation(Kind::AssignedDoctor, OTHER)],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        ("a doctor without relations", doctor.clone(), vec![], NOTHING.to_vec(), NOTHING.to_vec()),
        (
            "a nurse of the admitting hospital",
            nurse.clone(),
            vec![relation(Kind::AdmittingHospital, HOSPITAL)],
            EVERYTHING.to_vec(),
            EVERYTHING.to_vec(),
        ),
        (
            "a nurse of another hospital",
            nurse.clone(),
            vec![relation(Kind::AdmittingHospital, OTHER)],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        (
            "the hospital that registered the patient",
            nurse,
            vec![relation(Kind::RegisteringHospital, HOSPITAL)],
            desk.to_vec(),
            desk.to_vec(),
        ),
        (
            "a nurse of a facility that the patient linked",
            caller(Role::Nurse, HOSPITAL),
            vec![relation(Kind::LinkedFacility, HOSPITAL)],
            vec!["registration", "contacts", "care_team"],
            NOTHING.to_vec(),
        ),
        (
            "a doctor whose id is that of a linked facility",
            caller(Role::Doctor, HOSPITAL),
            vec![relation(Kind::LinkedFacility, HOSPITAL)],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        (
            "the institution that validated the patient",
            caller(Role::Hospital, HOSPITAL),
            vec![relation(Kind::ValidatingInstitution, HOSPITAL)],
            vec!["registration", "contacts", "records", "care_team", "appointments"],
            desk.to_vec(),
        ),
        (
            "an institution that did not",
            caller(Role::Hospital, HOSPITAL),
            vec![relation(Kind::ValidatingInstitution, OTHER), relation(Kind::TreatingInstitution, OTHER)],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        (
            "a nurse of the institution with full access",
            caller(Role::Nurse, HOSPITAL),
            vec![relation(Kind::TreatingInstitution, HOSPITAL)],
            EVERYTHING.to_vec(),
            EVERYTHING.to_vec(),
        ),
        (
            "a monitor of an institution with full access",
            caller(Role::Device, HOSPITAL),
            vec![relation(Kind::TreatingInstitution, HOSPITAL)],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        (
            "the doctor of a booked appointment",
            doctor.clone(),
            vec![relation(Kind::BookedDoctor, DOCTOR)],
            vec!["registration", "contacts", "appointments"],
            vec!["appointments"],
        ),
        (
            "the doctor of another appointment",
            doctor,
            vec![relation(Kind::BookedDoctor, OTHER)],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        (
            "a responder in an emergency",
            caller(Role::Responder, OTHER),
            vec![relation(Kind::Emergency, Uuid::nil())],
            vec!["registration", "contacts", "vitals", "alerts", "emergencies", "records"],
            vec!["emergencies"],
        ),
        ("a responder otherwise", caller(Role::Responder, OTHER), vec![], NOTHING.to_vec(), NOTHING.to_vec()),
        (
            "a monitor of the admitting hospital",
            caller(Role::Device, HOSPITAL),
            vec![relation(Kind::AdmittingHospital, HOSPITAL)],
            NOTHING.to_vec(),
            vec!["vitals"],
        ),
        ("the patient's own device", caller(Role::Device, PATIENT.0), vec![], NOTHING.to_vec(), vec!["vitals"]),
        (
            "a doctor to whom the patient consented",
            caller(Role::Doctor, DOCTOR),
            vec![consent(Kind::ConsentToDoctor, DOCTOR, &[Action::Read], &[Category::Vitals, Category::Records])],
            vec!["vitals", "records"],
            NOTHING.to_vec(),
        ),
        (
            "a doctor to whom the patient consented to everything",
            caller(Role::Doctor, DOCTOR),
            vec![consent(Kind::ConsentToDoctor, DOCTOR, Action::ALL, Category::ALL)],
            ALL_OF_IT.to_vec(),
            vec!["vitals", "care", "alerts", "emergencies", "records", "appointments", "wearables", "sensitive"],
        ),
        (
            "a nurse of a hospital to which the patient consented",
            caller(Role::Nurse, HOSPITAL),
            vec![consent(Kind::ConsentToHospital, HOSPITAL, Action::ALL, &[Category::Vitals])],
            vec!["vitals"],
            vec!["vitals"],
        ),
        (
            "another doctor than the one consented to, and a nurse of that name",
            caller(Role::Nurse, DOCTOR),
            vec![
                consent(Kind::ConsentToDoctor, DOCTOR, Action::ALL, Category::ALL),
                consent(Kind::ConsentToDoctor, OTHER, Action::ALL, Category::ALL),
            ],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        (
            "a consent that does not say what it opens",
            caller(Role::Doctor, DOCTOR),
            vec![relation(Kind::ConsentToDoctor, DOCTOR)],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        (
            "a doctor whose consent has expired",
            caller(Role::Doctor, DOCTOR),
            vec![Relation {
                expires_at: Some(now()),
                ..consent(Kind::ConsentToDoctor, DOCTOR, Action::ALL, Category::ALL)
            }],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        (
            "a nurse who broke the glass",
            caller(Role::Nurse, HOSPITAL),
            vec![relation(Kind::BreakGlass, ACTOR)],
            ALL_OF_IT.to_vec(),
            vec!["vitals", "care", "records"],
        ),
        (
            "a colleague of hers",
            caller(Role::Nurse, HOSPITAL),
            vec![relation(Kind::BreakGlass, OTHER), relation(Kind::BreakGlass, HOSPITAL)],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        (
            "a responder who broke the glass",
            caller(Role::Responder, HOSPITAL),
            vec![relation(Kind::BreakGlass, ACTOR)],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        (
            "a parent who manages",
            caller(Role::Patient, OTHER),
            vec![relation(Kind::Delegate, ACTOR)],
            ACTED.to_vec(),
            ACTED_WRITES.to_vec(),
        ),
        (
            "a parent who looks",
            caller(Role::Patient, OTHER),
            vec![Relation {
                opens: Some(Opens { categories: None, actions: vec![Action::Read], span: Span::ALWAYS }),
                ..relation(Kind::Delegate, ACTOR)
            }],
            ACTED.to_vec(),
            NOTHING.to_vec(),
        ),
        (
            "a doctor who is somebody's parent, as a doctor",
            caller(Role::Doctor, DOCTOR),
            vec![relation(Kind::Delegate, ACTOR)],
            NOTHING.to_vec(),
            NOTHING.to_vec(),
        ),
        ("an administrator", caller(Role::Admin, OTHER), vec![], directory.to_vec(), directory.to_vec()),
    ];
    for (who, caller, relations, read, write) in cases {
        assert_eq!(rights(&caller, &relations), (read, write), "{who}");
    }
}

#[test]
fn a_stranger_does_not_learn_that_the_patient_exists() {
    let stranger = caller(Role::Doctor, DOCTOR);
    let refused =
        decide(&stranger, Action::Read, Category::Vitals, PATIENT, &[relation(Kind::AssignedDoctor, OTHER)], now());
    assert_eq!(refused, Decision::Refused(Refusal::Stranger));
    let admin = caller(Role::Admin, OTHER);
    let refused = decide(&admin, Action::Read, Category::Vitals, PATIENT, &[], now());
    assert_eq!(refused, Decision::Refused(Refusal::NotTheirs));
}

#[test]
fn a_reference_shared_by_chance_opens_nothing() {
    // A doctor whose id equals a hospital's, and a patient account whose id equals a doctor's.
    for role in [Role::Doctor, Role::Patient, Role::Responder] {
        let odd = caller(role, HOSPITAL);
        assert!(
            !decide(
                &odd,
                Action::Read,
                Category::Vitals,
                PATIENT,
                &[relation(Kind::AdmittingHospital, HOSPITAL)],
                now()
            )
            .is_allowed()
        );
    }
}

/// How far a decision on reading the records reaches.
fn reach(relations: &[Relation]) -> Reach {
    match decide(&caller(Role::Doctor, DOCTOR), Action::Read, Category::Records, PATIENT, relations, now()) {
        Decision::Allowed { reach, .. } => reach,
        Decision::Refused(refusal) => panic!("{refusal:?}"),
    }
}

/// A consent to read these, of the time of this span.
fn ranged(categories: &[Category], span: Span) -> Relation {
    let given = consent(Kind::ConsentToDoctor, DOCTOR, &[Action::Read], categories);
    Relation { opens: given.opens.map(|opens| Opens { span, ..opens }), ..given }
}

#[test]
fn a_consent_reaches_as_far_as_it_says_and_the_widest_basis_counts() {
    let day = |days| now() + chrono::TimeDelta::days(days);
    let (week, month) = (Span { from: Some(day(0)), to: Some(day(7)) }, Span { from: Some(day(9)), to: Some(day(40)) });
    let of = |span| ranged(&[Category::Records], span);
    assert_eq!(reach(&[of(week)]), Reach { span: week, sensitive: None });
    assert_eq!(reach(&[of(week), of(month)]).span, month);
    assert_eq!(reach(&[of(month), of(week)]).span, month);
    assert_eq!(reach(&[of(week), relation(Kind::AssignedDoctor, DOCTOR)]).span, Span::ALWAYS);
    // What is sensitive is opened by its own basis, and no further.
    let sensitive = ranged(&[Category::Records, Category::Sensitive], week);
    let treated = reach(&[relation(Kind::AssignedDoctor, DOCTOR), sensitive]);
    assert_eq!(treated, Reach { span: Span::ALWAYS, sensitive: Some(week) });
}

#[test]
fn what_is_sensitive_opens_nothing_by_itself() {
    let named = [ranged(&[Category::Sensitive], Span::ALWAYS)];
    let read = decide(&caller(Role::Doctor, DOCTOR), Action::Read, Category::Records, PATIENT, &named, now());
    assert_eq!(read, Decision::Refused(Refusal::NotTheirs));
}
