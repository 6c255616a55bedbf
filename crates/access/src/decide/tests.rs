//! The decision, tried as a table.
use kernel::{PatientId, Text as _};
use uuid::Uuid;

use super::*;

const PATIENT: PatientId = PatientId(Uuid::from_u128(1));
const DOCTOR: Uuid = Uuid::from_u128(2);
const HOSPITAL: Uuid = Uuid::from_u128(3);
const OTHER: Uuid = Uuid::from_u128(9);

fn caller(role: Role, reference: Uuid) -> Caller {
    Caller { actor: Uuid::from_u128(7), role, reference: Some(reference), session: None }
}

fn relation(kind: Kind, holder: Uuid) -> Relation {
    Relation { load_key: PATIENT, holder_id: holder, kind, basis_id: Uuid::from_u128(5) }
}

/// Which categories a caller may read and write, in words.
fn rights(caller: &Caller, relations: &[Relation]) -> (Vec<&'static str>, Vec<&'static str>) {
    let open = |action| {
        let allowed = |c: &&Category| decide(caller, action, **c, PATIENT, relations).is_allowed();
        Category::ALL.iter().filter(allowed).map(Category::word).collect()
    };
    (open(Action::Read), open(Action::Write))
}

const EVERYTHING: [&str; 8] =
    ["registration", "contacts", "vitals", "care", "alerts", "emergencies", "records", "care_team"];
const NOTHING: [&str; 0] = [];

type Case<'a> = (&'a str, Caller, Vec<Relation>, Vec<&'a str>, Vec<&'a str>);

#[test]
fn who_may_read_and_write_what() {
    let doctor = caller(Role::Doctor, DOCTOR);
    let nurse = caller(Role::Nurse, HOSPITAL);
    let directory = ["registration", "contacts"];
    let desk = ["registration", "contacts", "care_team"];
    let cases: Vec<Case<'_>> = vec![
        (
            "oneself",
            caller(Role::Patient, PATIENT.0),
            vec![],
            EVERYTHING.to_vec(),
            vec!["registration", "contacts", "vitals", "emergencies", "care_team"],
        ),
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
        ("a doctor without relations", doctor, vec![], NOTHING.to_vec(), NOTHING.to_vec()),
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
        ("an administrator", caller(Role::Admin, OTHER), vec![], directory.to_vec(), directory.to_vec()),
    ];
    for (who, caller, relations, read, write) in cases {
        assert_eq!(rights(&caller, &relations), (read, write), "{who}");
    }
}

#[test]
fn a_stranger_does_not_learn_that_the_patient_exists() {
    let stranger = caller(Role::Doctor, DOCTOR);
    let refused = decide(&stranger, Action::Read, Category::Vitals, PATIENT, &[relation(Kind::AssignedDoctor, OTHER)]);
    assert_eq!(refused, Decision::Refused(Refusal::Stranger));
    let admin = caller(Role::Admin, OTHER);
    let refused = decide(&admin, Action::Read, Category::Vitals, PATIENT, &[]);
    assert_eq!(refused, Decision::Refused(Refusal::NotTheirs));
}

#[test]
fn a_reference_shared_by_chance_opens_nothing() {
    // A doctor whose id equals a hospital's, and a patient account whose id equals a doctor's.
    for role in [Role::Doctor, Role::Patient, Role::Responder] {
        let odd = caller(role, HOSPITAL);
        assert!(
            !decide(&odd, Action::Read, Category::Vitals, PATIENT, &[relation(Kind::AdmittingHospital, HOSPITAL)])
                .is_allowed()
        );
    }
}
