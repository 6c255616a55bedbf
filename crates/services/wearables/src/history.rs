//! What was measured, point by point or step by step, the newest of each metric, and of which hours there is nothing.
use std::collections::BTreeSet;

use access::data::Wearables;
use access::{Act, Grant, Read};
use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use chrono_tz::Tz;
use kernel::{App, Error, PageQuery, Result};
use signals::{Found, Metric, Place, Window};
use uuid::Uuid;
use vault::{PatientKey, Vault};

use crate::asked::{BucketStep, HistoryQuery};
use crate::choices::Ranks;
use crate::queries::sources;
use crate::shown::{BucketOut, CoverageOut, PointOut, Sources};

/// Everything that is needed to answer about one patient's points.
pub struct View<'a> {
    app: &'a App,
    grant: &'a Grant<Read, Wearables>,
    key: PatientKey,
    sources: Sources,
}

/// A page of points, and where the next one starts.
pub struct Page {
    pub points: Vec<PointOut>,
    pub next: Option<String>,
}

impl<'a> View<'a> {
    pub async fn open(app: &'a App, grant: &'a Grant<Read, Wearables>) -> Result<Self> {
        let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
        let all = sources::all(&mut app.db(), grant.patient()).await?;
        Ok(Self { app, grant, key, sources: Sources::of(&all) })
    }

    /// The zone in which days begin and end: the one asked for, else the patient's.
    pub async fn zone(&self, asked: Option<&str>) -> Result<Tz> {
        match asked {
            Some(name) => name.parse().map_err(|_| Error::invalid("zone", "is not a time zone, as Asia/Kolkata")),
            None => patients::time_zone(&mut self.app.db(), self.grant.patient()).await,
        }
    }

    /// Points in the order of their time, page by page.
    pub async fn points(&self, query: &HistoryQuery, page: &PageQuery) -> Result<Page> {
        let source = match &query.device_id {
            Some(name) => Some(self.sources.named(name).ok_or_else(|| Error::not_found("device"))?),
            None => None,
        };
        let Some(window) = self.window(query, None).await? else { return Ok(Page { points: Vec::new(), next: None }) };
        let mut after = page.cursor.as_deref().map(read_place).transpose()?;
        let (mut found, limit): (Vec<Found>, _) = (Vec::new(), page.limit());
        // With a device asked for, others' points are passed over; nobody waits longer than for these many of them.
        for _ in 0..PASSES {
            let some = signals::history(&mut self.app.db(), self.grant, &self.key, &window, after, limit + 1).await?;
            let is_last = some.is_empty();
            after = some.last().map(Place::of).or(after);
            found.extend(some.into_iter().filter(|found| source.is_none_or(|source| found.source == source)));
            if is_last || source.is_none() || found.len() > limit {
                let more = found.len() > limit;
                found.truncate(limit);
                let next = found.last().filter(|_| more).map(|last| write_place(&Place::of(last)));
                return Ok(Page { points: self.shown(&found), next });
            }
        }
        Ok(Page { points: self.shown(&found), next: after.map(|place| write_place(&place)) })
    }

    fn shown(&self, found: &[Found]) -> Vec<PointOut> {
        found.iter().map(|found| PointOut::of(found, &self.sources)).collect()
    }

    /// What it comes to step by step. Where a consent is for some time alone, only steps that lie wholly in it.
    pub async fn buckets(&self, query: &HistoryQuery, step: BucketStep, zone: Tz) -> Result<Vec<BucketOut>> {
        if query.device_id.is_some() {
            return Err(Error::invalid("device_id", "goes with points, not with buckets: those are over all devices"));
        }
        let Some(window) = self.window(query, Some(step)).await? else { return Ok(Vec::new()) };
        let ranks = Ranks::load(&mut self.app.db(), self.grant, &self.key).await?;
        let order = |metric: Metric, source: Uuid| ranks.rank(metric, source);
        let found =
            signals::buckets(&mut self.app.db(), self.grant, &self.key, &window, step.into(), zone, &order).await?;
        let narrow = !self.grant.span().is_always();
        let whole = |bucket: &&signals::Bucket| !narrow || bucket.from >= window.from && bucket.to <= window.to;
        Ok(found.iter().filter(whole).map(|bucket| BucketOut::of(bucket, &self.sources)).collect())
    }

    /// Of which hours there is data, and of which it is missing.
    pub async fn coverage(&self, query: &HistoryQuery) -> Result<Vec<CoverageOut>> {
        let Some(window) = self.window(query, Some(BucketStep::Hour)).await? else { return Ok(Vec::new()) };
        let found = signals::coverage(&mut self.app.db(), self.grant, &self.key, &window).await?;
        Ok(found.iter().map(CoverageOut::of).collect())
    }

    /// The newest point of each metric.
    pub async fn latest(&self) -> Result<Vec<PointOut>> {
        let newest = signals::newest(&mut self.app.db(), self.grant, &self.key).await?;
        Ok(newest.iter().filter(|found| in_span(self.grant, found)).map(|f| PointOut::of(&f, &self.sources)).collect())
    }

    /// What is asked for, as far as the grant reaches; none when it reaches none of it.
    async fn window(&self, query: &HistoryQuery, step: Option<BucketStep>) -> Result<Option<Window>> {
        let now = self.app.clock().now();
        // The sum of today may end tonight.
        let to = query.to.unwrap_or(now + TimeDelta::days(1));
        for (member, at) in [("from", query.from), ("to", Some(to))] {
            if at.is_some_and(|at| !AGE.contains(&at.year())) {
                return Err(Error::invalid(member, "is not a time of this age"));
            }
        }
        let from = query.from.unwrap_or_else(|| step.map_or(oldest(), |step| to - step.usual()));
        if to < from {
            return Err(Error::invalid("to", "is before from"));
        }
        let Some((from, to)) = self.grant.span().cut(from, to) else { return Ok(None) };
        let metrics = match &query.metric_type {
            Some(names) => names.split(',').map(metrics_of).collect::<Result<Vec<_>>>()?.concat(),
            None => self.known().await?,
        };
        // Named twice, it is asked for once.
        let metrics: BTreeSet<Metric> = metrics.into_iter().collect();
        let metrics = metrics.into_iter().collect();
        Ok(Some(Window { metrics, from: from.timestamp_micros(), to: to.timestamp_micros() }))
    }

    /// Every metric of which there is a point.
    async fn known(&self) -> Result<Vec<Metric>> {
        let newest = signals::newest(&mut self.app.db(), self.grant, &self.key).await?;
        Ok(newest.iter().map(|found| found.point.metric).collect())
    }
}

/// The years of which something may be asked.
const AGE: std::ops::Range<i32> = 1900..2200;

/// Pages passed over in one answer at most.
const PASSES: usize = 50;

fn oldest() -> DateTime<Utc> {
    DateTime::from_timestamp(0, 0).unwrap_or_default()
}

/// Whether a point lies in the time that a grant is for.
pub fn in_span<A: Act>(grant: &Grant<A, Wearables>, found: &Found) -> bool {
    DateTime::from_timestamp_micros(found.point.from).is_some_and(|at| grant.span().includes(at))
}

fn metrics_of(name: &str) -> Result<Vec<Metric>> {
    match name.trim() {
        "blood_pressure" => Ok(vec![Metric::BpSystolic, Metric::BpDiastolic]),
        name => Metric::from_name(name).map(|m| vec![m]).ok_or_else(|| Error::invalid("metric_type", "is not known")),
    }
}

fn write_place(place: &Place) -> String {
    format!("{}.{}.{}.{}", place.from, place.metric.code(), place.to, place.source.simple())
}

fn read_place(text: &str) -> Result<Place> {
    let read = || {
        let mut parts = text.split('.');
        let from = parts.next()?.parse().ok()?;
        let metric = Metric::from_code(parts.next()?.parse().ok()?)?;
        let (to, source) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Place { from, metric, to, source }).filter(|_| parts.next().is_none())
    };
    read().ok_or_else(|| Error::invalid("cursor", "is not a cursor of this list"))
}
