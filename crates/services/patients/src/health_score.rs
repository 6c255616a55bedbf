//! The health score: a wellness figure whose arithmetic is shown. Pure, and no diagnosis.
//!
//! It begins at 100, and each part takes points away with its reason. What is not known takes nothing and says so: the
//! score of a patient of whom little is known says little.
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{AlcoholFrequency, ConditionSeverity, ConditionStatus, HealthBody};

kernel::text_enum!(
    /// Body mass index as the World Health Organization classes it in adults.
    BmiClass {
        /// Less than 18.5.
        Underweight = "underweight",
        NormalWeight = "normal_weight",
        /// 25 and more.
        Overweight = "overweight",
        /// 30 and more.
        ObesityClass1 = "obesity_class_1",
        /// 35 and more.
        ObesityClass2 = "obesity_class_2",
        /// 40 and more.
        ObesityClass3 = "obesity_class_3",
    }
);

/// The classes are for adults; up to this age the organization has curves by age and sex, which are not kept here.
const ADULT: u32 = 19;

/// A part of the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScorePart {
    /// `bmi`, `smoking`, `alcohol`, `activity` or `conditions`.
    pub name: &'static str,
    /// What it takes from 100.
    pub points: i64,
    /// Why it takes so much, or what was not known.
    pub because: String,
}

/// An open condition, as far as the score looks at one.
#[derive(Debug, Clone, Copy)]
pub struct Burden {
    pub severity: Option<ConditionSeverity>,
    pub status: ConditionStatus,
}

/// The score with its parts.
#[derive(Debug, Clone)]
pub struct Score {
    /// None when nothing was known that it could rest on.
    pub score: Option<i64>,
    pub parts: Vec<ScorePart>,
}

/// Kilograms by square metre, exactly: what is classed is not rounded before.
pub fn bmi(body: &HealthBody) -> Option<f64> {
    let (height, weight) = body.height_cm.zip(body.weight_kg)?;
    // By centimetres, and to nine decimals: what binary fractions lose takes nobody below a limit.
    Some((weight * 1e13 / (height * height)).round() / 1e9)
}

/// A BMI as it is shown: to one decimal.
pub fn shown(bmi: f64) -> f64 {
    (bmi * 10.0).round() / 10.0
}

/// A BMI beside its class: two decimals cut off, so that 24.996 does not read as 25 of normal weight.
fn beside_class(bmi: f64) -> f64 {
    (bmi * 100.0).floor() / 100.0
}

/// The class of an adult's BMI; none of a younger person's.
pub fn bmi_class(bmi: f64, age: u32) -> Option<BmiClass> {
    (age >= ADULT).then_some(match bmi {
        b if b < 18.5 => BmiClass::Underweight,
        b if b < 25.0 => BmiClass::NormalWeight,
        b if b < 30.0 => BmiClass::Overweight,
        b if b < 35.0 => BmiClass::ObesityClass1,
        b if b < 40.0 => BmiClass::ObesityClass2,
        _ => BmiClass::ObesityClass3,
    })
}

/// 100 less the points of every part, and not less than 0.
pub fn score(body: &HealthBody, age: u32, conditions: &[Burden]) -> Score {
    let known = [
        bmi(body).is_some_and(|bmi| bmi_class(bmi, age).is_some()),
        body.is_smoker.is_some(),
        body.consumes_alcohol.is_some() || body.alcohol_frequency.is_some(),
        body.physical_activity_minutes_weekly.is_some(),
        !conditions.is_empty(),
    ];
    let parts = vec![weight(body, age), smoking(body), alcohol(body), activity(body), burden(conditions)];
    let taken: i64 = parts.iter().map(|part| part.points).sum();
    Score { score: known.contains(&true).then_some((100 - taken).max(0)), parts }
}

fn part(name: &'static str, points: i64, because: impl Into<String>) -> ScorePart {
    ScorePart { name, points, because: because.into() }
}

fn weight(body: &HealthBody, age: u32) -> ScorePart {
    let Some(bmi) = bmi(body) else { return part("bmi", 0, "height and weight are not both recorded") };
    let Some(class) = bmi_class(bmi, age) else {
        return part("bmi", 0, format!("the BMI of {} is not classed before the age of {ADULT}", beside_class(bmi)));
    };
    let points = match class {
        BmiClass::NormalWeight => 0,
        BmiClass::Overweight => 5,
        BmiClass::Underweight | BmiClass::ObesityClass1 => 10,
        BmiClass::ObesityClass2 => 15,
        BmiClass::ObesityClass3 => 20,
    };
    part("bmi", points, format!("a BMI of {} is {class}", beside_class(bmi)))
}

fn smoking(body: &HealthBody) -> ScorePart {
    match (body.is_smoker, body.smoking_years) {
        (None, _) => part("smoking", 0, "whether the patient smokes is not recorded"),
        (Some(false), _) => part("smoking", 0, "does not smoke"),
        (Some(true), None) => part("smoking", 10, "smokes, for how long is not recorded"),
        (Some(true), Some(years)) => {
            let longer = if years >= 20 {
                10
            } else if years >= 10 {
                5
            } else {
                0
            };
            part("smoking", 10 + longer, format!("smokes: 10, for {years} years: {longer} more"))
        }
    }
}

fn alcohol(body: &HealthBody) -> ScorePart {
    match (body.consumes_alcohol, body.alcohol_frequency) {
        (Some(false), _) | (_, Some(AlcoholFrequency::Never)) => part("alcohol", 0, "drinks no alcohol"),
        (_, Some(AlcoholFrequency::Occasionally)) => part("alcohol", 2, "drinks occasionally"),
        (_, Some(AlcoholFrequency::Weekly)) => part("alcohol", 5, "drinks weekly"),
        (_, Some(AlcoholFrequency::Daily)) => part("alcohol", 10, "drinks daily"),
        (Some(true), None) => part("alcohol", 2, "drinks, how often is not recorded"),
        (None, None) => part("alcohol", 0, "whether the patient drinks is not recorded"),
    }
}

fn activity(body: &HealthBody) -> ScorePart {
    let Some(minutes) = body.physical_activity_minutes_weekly else {
        return part("activity", 0, "physical activity is not recorded");
    };
    // 150 minutes a week are what the World Health Organization recommends to adults.
    let points = match minutes {
        150.. => 0,
        75..150 => 5,
        1..75 => 10,
        _ => 15,
    };
    part("activity", points, format!("{minutes} of the recommended 150 minutes a week"))
}

/// All conditions together take this much at most, so that the habits still show.
const BURDEN_AT_MOST: i64 = 30;

fn burden(conditions: &[Burden]) -> ScorePart {
    let points = |condition: &Burden| {
        let whole = match condition.severity {
            Some(ConditionSeverity::Critical) => 10,
            Some(ConditionSeverity::High) => 7,
            Some(ConditionSeverity::Medium) => 4,
            Some(ConditionSeverity::Low) => 2,
            None => 3,
        };
        match condition.status {
            ConditionStatus::Active => whole,
            // Half of it, rounded down.
            ConditionStatus::Managed | ConditionStatus::InRemission => whole / 2,
            ConditionStatus::Resolved => 0,
        }
    };
    let sum: i64 = conditions.iter().map(points).sum();
    let counted = match conditions.len() {
        0 => return part("conditions", 0, "no open condition is charted"),
        1 => "one open condition".to_owned(),
        many => format!("{many} open conditions"),
    };
    match sum > BURDEN_AT_MOST {
        true => {
            part("conditions", BURDEN_AT_MOST, format!("{counted} by severity: {sum}, of which {BURDEN_AT_MOST} count"))
        }
        false => part("conditions", sum, format!("{counted} by severity")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(severity: Option<ConditionSeverity>, status: ConditionStatus) -> Burden {
        Burden { severity, status }
    }

    #[test]
    fn a_bmi_is_computed_and_classed_as_by_hand() {
        // 80 kg and 1.75 m: 80 / 3.0625 = 26.12.
        let body = HealthBody { height_cm: Some(175.0), weight_kg: Some(80.0), ..HealthBody::default() };
        assert_eq!(bmi(&body).map(shown), Some(26.1));
        assert_eq!(bmi(&HealthBody { weight_kg: None, ..body }), None);
        for (bmi, class) in [
            (18.4, BmiClass::Underweight),
            (18.5, BmiClass::NormalWeight),
            (24.9, BmiClass::NormalWeight),
            (24.955, BmiClass::NormalWeight),
            (18.45, BmiClass::Underweight),
            (25.0, BmiClass::Overweight),
            (30.0, BmiClass::ObesityClass1),
            (35.0, BmiClass::ObesityClass2),
            (40.0, BmiClass::ObesityClass3),
        ] {
            assert_eq!(bmi_class(bmi, 40), Some(class), "{bmi}");
            assert_eq!(bmi_class(bmi, 18), None, "{bmi}");
        }
    }

    #[test]
    fn what_is_shown_is_rounded_and_what_is_classed_is_not() {
        let of =
            |height, weight| HealthBody { height_cm: Some(height), weight_kg: Some(weight), ..HealthBody::default() };
        for (weight, shows, class, points) in [
            // At 2 m the BMI is a quarter of the weight.
            (99.82, 25.0, BmiClass::NormalWeight, 0),
            (73.8, 18.5, BmiClass::Underweight, 10),
            (100.0, 25.0, BmiClass::Overweight, 5),
        ] {
            let exact = bmi(&of(200.0, weight)).unwrap();
            assert_eq!((shown(exact), bmi_class(exact, 40)), (shows, Some(class)), "{weight}");
            assert_eq!(score(&of(200.0, weight), 40, &[]).parts[0].points, points, "{weight}");
        }
        // 64 / (1.6 * 1.6) is less than 25 in binary fractions.
        assert_eq!(bmi(&of(160.0, 64.0)), Some(25.0));
        let told = score(&of(200.0, 99.99), 40, &[]).parts.remove(0).because;
        assert_eq!(told, "a BMI of 24.99 is normal_weight");
    }

    #[test]
    fn a_score_is_100_less_what_each_part_takes() {
        let body = HealthBody {
            height_cm: Some(175.0),
            weight_kg: Some(80.0),
            is_smoker: Some(true),
            smoking_years: Some(12),
            consumes_alcohol: Some(true),
            alcohol_frequency: Some(AlcoholFrequency::Weekly),
            physical_activity_minutes_weekly: Some(90),
            notes: None,
        };
        let conditions = [
            open(Some(ConditionSeverity::High), ConditionStatus::Active),
            open(Some(ConditionSeverity::Medium), ConditionStatus::Managed),
            open(None, ConditionStatus::InRemission),
        ];
        let Score { score, parts } = score(&body, 46, &conditions);
        let points: Vec<_> = parts.iter().map(|part| (part.name, part.points)).collect();
        // Overweight 5; smoking 10 and 5 for 12 years; weekly 5; 90 minutes 5; 7 + 4/2 + 3/2 = 10.
        assert_eq!(points, [("bmi", 5), ("smoking", 15), ("alcohol", 5), ("activity", 5), ("conditions", 10)]);
        assert_eq!(score, Some(60));
    }

    #[test]
    fn what_is_not_known_takes_nothing_and_says_so() {
        let nothing = score(&HealthBody::default(), 46, &[]);
        assert_eq!(nothing.score, None);
        assert!(nothing.parts.iter().all(|part| part.points == 0));
        let active = HealthBody { physical_activity_minutes_weekly: Some(200), ..HealthBody::default() };
        let known = score(&active, 46, &[]);
        assert_eq!(known.score, Some(100));
        assert!(known.parts[0].because.contains("not both recorded"), "{:?}", known.parts[0]);
    }

    #[test]
    fn a_score_never_falls_below_nothing_and_many_conditions_are_capped() {
        let worst = HealthBody {
            height_cm: Some(170.0),
            weight_kg: Some(150.0),
            is_smoker: Some(true),
            smoking_years: Some(30),
            consumes_alcohol: Some(true),
            alcohol_frequency: Some(AlcoholFrequency::Daily),
            physical_activity_minutes_weekly: Some(0),
            notes: None,
        };
        let many = [open(Some(ConditionSeverity::Critical), ConditionStatus::Active); 12];
        let Score { score, parts } = score(&worst, 60, &many);
        // 20 + 20 + 10 + 15 + 30.
        assert_eq!((score, parts[4].points), (Some(5), 30));
    }
}
