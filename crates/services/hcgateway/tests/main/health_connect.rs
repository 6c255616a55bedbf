//! A phone's own store of records, from which either app reads: what is in it, and what it sums up to.
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use signals::Metric;

/// What a record measured.
#[derive(Clone)]
pub enum Said {
    Steps(i64),
    /// Metres.
    Distance(f64),
    /// Beats a minute, one every five minutes.
    Beats(Vec<i64>),
    /// Kilograms.
    Weight(f64),
    Pressure(i64, i64),
    /// Stages of half an hour.
    Night(Vec<i64>),
    /// Kilocalories and grams of protein.
    Meal(f64, f64),
    /// Says no number.
    Mucus(i64),
}

#[derive(Clone)]
pub struct Record {
    pub id: String,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub modified: DateTime<Utc>,
    pub said: Said,
}

impl Record {
    pub fn kind(&self) -> &'static str {
        match self.said {
            Said::Steps(_) => "Steps",
            Said::Distance(_) => "Distance",
            Said::Beats(_) => "HeartRate",
            Said::Weight(_) => "Weight",
            Said::Pressure(..) => "BloodPressure",
            Said::Night(_) => "SleepSession",
            Said::Meal(..) => "Nutrition",
            Said::Mucus(_) => "CervicalMucus",
        }
    }

    /// Every value of the record as it is to be found in the history.
    fn values(&self) -> Vec<(Metric, DateTime<Utc>, f64)> {
        let at = self.from;
        match &self.said {
            Said::Steps(count) => vec![(Metric::Steps, at, *count as f64)],
            Said::Distance(metres) => vec![(Metric::Distance, at, *metres)],
            Said::Beats(beats) => {
                beats.iter().zip(0..).map(|(b, i)| (Metric::HeartRate, at + five(i), *b as f64)).collect()
            }
            Said::Weight(kilograms) => vec![(Metric::Weight, at, *kilograms)],
            Said::Pressure(high, low) => {
                vec![(Metric::BpSystolic, at, *high as f64), (Metric::BpDiastolic, at, *low as f64)]
            }
            Said::Night(stages) => stages
                .iter()
                .zip(0..)
                .map(|(s, i)| (Metric::SleepStage, at + TimeDelta::minutes(30 * i), *s as f64))
                .collect(),
            Said::Meal(energy, protein) => vec![(Metric::EnergyIntake, at, *energy), (Metric::Protein, at, *protein)],
            Said::Mucus(_) => Vec::new(),
        }
    }
}

pub fn five(place: i32) -> TimeDelta {
    TimeDelta::minutes(5) * place
}

/// The store.
#[derive(Clone, Default)]
pub struct HealthConnect {
    pub records: BTreeMap<String, Record>,
}

impl HealthConnect {
    /// What a day brings. Every number follows from the day, so that two runs say the same.
    pub fn live_through(&mut self, day: NaiveDate) {
        let midnight = day.and_hms_opt(0, 0, 0).expect("midnight").and_utc();
        let seed = i64::from(day.to_epoch_days());
        let hour = |hour: i64| midnight + TimeDelta::hours(hour);
        for step in 0..10 {
            let (from, to) = (hour(8 + step), hour(8 + step) + TimeDelta::minutes(10));
            self.put(from, to, Said::Steps(300 + (seed * 7 + step * 13) % 500));
            self.put(from, to, Said::Distance(((seed + step) % 9 * 125 + 250) as f64));
        }
        for part in 0..6 {
            let beats = (0..48).map(|i| 55 + (seed + part * 5 + i * 3) % 40).collect();
            self.put(hour(part * 4), hour(part * 4 + 4), Said::Beats(beats));
        }
        let stages = vec![1, 4, 4, 5, 5, 6, 4, 4, 6, 6, 1];
        self.put(hour(0), hour(0) + TimeDelta::minutes(330), Said::Night(stages));
        self.put(hour(7), hour(7), Said::Weight(70.0 + (seed % 10) as f64 / 4.0));
        self.put(hour(7), hour(7), Said::Pressure(118 + seed % 12, 76 + seed % 8));
        self.put(hour(13), hour(13) + TimeDelta::minutes(20), Said::Meal(600.0 + (seed % 5) as f64, 25.5));
        if seed % 7 == 0 {
            self.put(hour(9), hour(9), Said::Mucus(seed % 4));
        }
    }

    fn put(&mut self, from: DateTime<Utc>, to: DateTime<Utc>, said: Said) {
        let mut record = Record { id: String::new(), from, to, modified: to, said };
        record.id = format!("{}-{}", record.kind().to_lowercase(), from.timestamp());
        self.records.insert(record.id.clone(), record);
    }

    /// The records of a kind that an app reads when it looks back so far, as many as it gets in one run.
    pub fn read(&self, kind: &str, since: DateTime<Utc>) -> Vec<&Record> {
        self.records.values().filter(|record| record.kind() == kind && record.from >= since).take(1000).collect()
    }

    /// Changes what a record says, as somebody does who corrects it.
    pub fn correct(&mut self, kind: &str, nth: usize, change: impl FnOnce(&mut Said)) -> String {
        let found = self.records.values_mut().filter(|record| record.kind() == kind).nth(nth).expect("a record");
        found.modified += TimeDelta::minutes(1);
        change(&mut found.said);
        found.id.clone()
    }

    /// Every value of a metric, in the order of time.
    pub fn values(&self, metric: Metric) -> Vec<f64> {
        let mut values: Vec<_> =
            self.records.values().flat_map(Record::values).filter(|(m, ..)| *m == metric).collect();
        values.sort_by_key(|(_, at, _)| *at);
        values.into_iter().map(|(.., value)| value).collect()
    }

    /// What each day comes to.
    pub fn day_sums(&self, metric: Metric) -> Vec<(DateTime<Utc>, f64)> {
        let mut days = BTreeMap::new();
        for (_, at, value) in self.records.values().flat_map(Record::values).filter(|(m, ..)| *m == metric) {
            let day = at.date_naive().and_hms_opt(0, 0, 0).expect("midnight").and_utc();
            *days.entry(day).or_insert(0.0) += value;
        }
        days.into_iter().collect()
    }

    pub fn count(&self, kind: &str) -> usize {
        self.records.values().filter(|record| record.kind() == kind).count()
    }
}

pub const METRICS: [Metric; 9] = [
    Metric::Steps,
    Metric::Distance,
    Metric::HeartRate,
    Metric::Weight,
    Metric::BpSystolic,
    Metric::BpDiastolic,
    Metric::SleepStage,
    Metric::EnergyIntake,
    Metric::Protein,
];

pub const KINDS: [&str; 8] =
    ["Steps", "Distance", "HeartRate", "Weight", "BloodPressure", "SleepSession", "Nutrition", "CervicalMucus"];
