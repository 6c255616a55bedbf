//! The documented rules and NEWS2, each on both sides of its limit.
use chrono::{Datelike as _, Days, NaiveDate};
use serde_json::{Value, json};
use testkit::both;

use crate::{alerted, alerts, another, large_ward, send};

/// A rule, its severity, a reading that stays inside, one that passes the limit, and the message.
struct Documented {
    rule: &'static str,
    severity: &'static str,
    inside: Value,
    past: Value,
    message: &'static str,
}

fn documented() -> Vec<Documented> {
    let row = |rule, severity, inside, past, message| Documented { rule, severity, inside, past, message };
    vec![
        row(
            "TACHYCARDIA",
            "high",
            json!({"hr_bpm": 130}),
            json!({"hr_bpm": 130.1}),
            "High Heart Rate detected: 130.1 BPM",
        ),
        row("BRADYCARDIA", "high", json!({"hr_bpm": 50}), json!({"hr_bpm": 49}), "Low Heart Rate detected: 49 BPM"),
        row("HYPOXIA", "high", json!({"spo2_pct": 90}), json!({"spo2_pct": 89}), "Low Oxygen Saturation detected: 89%"),
        row("FEVER", "medium", json!({"temp_c": 38.5}), json!({"temp_c": 38.6}), "High Temperature detected: 38.6 °C"),
        row(
            "HYPERTENSION",
            "high",
            json!({"bp_systolic": 180, "bp_diastolic": 110}),
            json!({"bp_systolic": 181, "bp_diastolic": 110}),
            "High Blood Pressure detected: 181/110 mmHg",
        ),
        row(
            "HYPERTENSION",
            "high",
            json!({"bp_systolic": 180, "bp_diastolic": 110}),
            json!({"bp_systolic": 180, "bp_diastolic": 111}),
            "High Blood Pressure detected: 180/111 mmHg",
        ),
        row(
            "HYPOTENSION",
            "high",
            json!({"bp_systolic": 90}),
            json!({"bp_systolic": 89}),
            "Low Systolic Blood Pressure detected: 89 mmHg",
        ),
        row(
            "TACHYPNEA",
            "medium",
            json!({"resp_rate": 24}),
            json!({"resp_rate": 25}),
            "High Respiratory Rate detected: 25 breaths/min",
        ),
        row(
            "BRADYPNEA",
            "high",
            json!({"resp_rate": 8}),
            json!({"resp_rate": 7}),
            "Low Respiratory Rate detected: 7 breaths/min",
        ),
        row(
            "SEPSIS_RISK",
            "critical",
            json!({"temp_c": 38.6, "hr_bpm": 100, "resp_rate": 21}),
            json!({"temp_c": 38.6, "hr_bpm": 101, "resp_rate": 21}),
            "Sepsis Risk detected: Temperature 38.6 °C, Heart Rate 101 BPM, Respiratory Rate 21 breaths/min",
        ),
        row(
            "RESPIRATORY_DISTRESS",
            "critical",
            json!({"spo2_pct": 92, "resp_rate": 25}),
            json!({"spo2_pct": 91, "resp_rate": 25}),
            "Respiratory Distress detected: Oxygen Saturation 91%, Respiratory Rate 25 breaths/min",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_documented_rule_fires_past_its_limit_and_not_at_it() {
    both(|t| async move {
        let first = large_ward(&t, 60).await;
        for row in documented() {
            let (calm, ill) = (another(&first, json!({})).await, another(&first, json!({})).await);
            send(&first.nurse, &calm, row.inside.clone()).await;
            let at_limit = alerted(&calm).await;
            assert!(!at_limit.iter().any(|rule| rule == row.rule), "{} fired at {}", row.rule, row.inside);
            let recorded = send(&first.nurse, &ill, row.past.clone()).await;
            let raised = recorded["alerts"].as_array().expect("a list").iter().find(|a| a["type"] == row.rule).cloned();
            let raised = raised.unwrap_or_else(|| panic!("{} did not fire at {}", row.rule, row.past));
            assert_eq!((&raised["severity"], &raised["message"]), (&json!(row.severity), &json!(row.message)));
            let listed =
                alerts(&ill).await.into_iter().find(|alert| alert["type"] == row.rule).expect("a listed alert");
            assert_eq!((&listed["id"], &listed["message"]), (&raised["id"], &raised["message"]));
            assert_eq!(listed["explanation"]["rule"], row.rule);
            assert!(listed["explanation"]["arithmetic"].as_str().is_some_and(|a| !a.is_empty()), "{listed}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_of_a_composite_rule_is_needed() {
    both(|t| async move {
        let first = large_ward(&t, 20).await;
        for measured in [
            json!({"temp_c": 38.5, "hr_bpm": 101, "resp_rate": 21}),
            json!({"temp_c": 38.6, "hr_bpm": 101, "resp_rate": 20}),
            json!({"temp_c": 38.6, "hr_bpm": 101}),
            json!({"spo2_pct": 91, "resp_rate": 24}),
            json!({"spo2_pct": 91}),
        ] {
            let w = another(&first, json!({})).await;
            send(&w.nurse, &w, measured.clone()).await;
            let fired = alerted(&w).await;
            let composite = fired.iter().find(|rule| ["SEPSIS_RISK", "RESPIRATORY_DISTRESS"].contains(&rule.as_str()));
            assert_eq!(composite, None, "at {measured}");
        }
        // The parts may come in readings of their own.
        let w = another(&first, json!({})).await;
        for measured in [json!({"temp_c": 38.6}), json!({"hr_bpm": 101}), json!({"resp_rate": 21})] {
            t.clock.advance(chrono::TimeDelta::seconds(20));
            send(&w.nurse, &w, measured).await;
        }
        assert_eq!(alerted(&w).await, ["FEVER", "SEPSIS_RISK"]);
    })
    .await;
}

/// Five points of NEWS2 and no other rule: 2 for breathing, 1 each for saturation, pulse and pressure.
fn urgent() -> Value {
    json!({"resp_rate": 21, "spo2_pct": 95, "hr_bpm": 95, "bp_systolic": 110, "temp_c": 36.8})
}

#[tokio::test(flavor = "multi_thread")]
async fn news2_calls_at_five_points_and_louder_at_seven() {
    both(|t| async move {
        let first = large_ward(&t, 20).await;
        let four = another(&first, json!({})).await;
        send(&four.nurse, &four, crate::with(urgent(), json!({"hr_bpm": 90}))).await;
        assert_eq!(alerted(&four).await, [""; 0]);

        let w = another(&first, json!({})).await;
        let recorded = send(&w.nurse, &w, urgent()).await;
        assert_eq!(
            (&recorded["alerts"][0]["type"], &recorded["alerts"][0]["severity"]),
            (&json!("NEWS2"), &json!("high"))
        );
        let opened = alerts(&w).await;
        assert_eq!(opened.len(), 1);
        assert_eq!(opened[0]["explanation"]["news2"]["total"], 5, "{}", opened[0]);

        t.clock.advance(chrono::TimeDelta::minutes(1));
        let worse = send(&w.nurse, &w, crate::with(urgent(), json!({"on_oxygen": true}))).await;
        assert_eq!(worse["alerts"][0]["id"], opened[0]["id"]);
        assert_eq!(worse["alerts"][0]["severity"], "critical");
        let now = alerts(&w).await;
        assert_eq!(now.len(), 1);
        assert_eq!((&now[0]["severity"], &now[0]["repeats"]), (&json!("critical"), &json!(1)));
        assert_eq!(now[0]["explanation"]["news2"]["total"], 7);
    })
    .await;
}

/// Born this many years before a day.
fn years_before(day: NaiveDate, years: i32) -> NaiveDate {
    day.with_year(day.year() - years)
        .unwrap_or_else(|| NaiveDate::from_ymd_opt(day.year() - years, 3, 1).expect("a day"))
}

#[tokio::test(flavor = "multi_thread")]
async fn news2_is_not_for_a_child_under_sixteen() {
    both(|t| async move {
        let first = large_ward(&t, 20).await;
        let sixteen = years_before(t.clock.now().date_naive(), 16);
        let fifteen = sixteen + Days::new(1);
        let adult = another(&first, json!({"date_of_birth": sixteen})).await;
        let child = another(&first, json!({"date_of_birth": fifteen})).await;
        send(&adult.nurse, &adult, urgent()).await;
        assert_eq!(alerted(&adult).await, ["NEWS2"]);
        assert_eq!(send(&child.nurse, &child, urgent()).await["alerts"], json!([]));
        assert_eq!(alerted(&child).await, [""; 0]);
        assert!(!crate::is_flagged(&child).await);
        // The single rules hold at every age.
        t.clock.advance(chrono::TimeDelta::seconds(1));
        send(&child.nurse, &child, json!({"spo2_pct": 85})).await;
        assert_eq!(alerted(&child).await, ["HYPOXIA"]);
    })
    .await;
}
