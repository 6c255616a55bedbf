//! Which entries of a chart a grant shows, as a condition on what is read: pages are cut after it, so that nothing tells
//! how many there are besides.
use access::data::Records;
use access::{Act, Grant, Reach, Span};
use store::{Args, Where, args};

/// By which columns the entries of a table have their time.
#[derive(Clone, Copy)]
pub enum Dated {
    /// Records, by the visit.
    Visit,
    /// Conditions, by the day they were found, else by when they were charted.
    Found,
    /// Prescriptions, by their first day.
    Start,
    /// Whatever has only the time of its writing, and is never sensitive.
    Written,
}

/// A span that no time is in.
const NEVER: fn() -> Span = || {
    let (from, to) = Span::ALWAYS.bounds();
    Span { from: Some(to), to: Some(from) }
};

/// Narrows what is read to what the grant reaches: what [`Grant::shows`] says of each row.
pub fn reached<A: Act>(found: Where, grant: &Grant<A, Records>, dated: Dated) -> Where {
    let Reach { span, sensitive } = grant.reach();
    if grant.reach() == Reach::ALL {
        return found;
    }
    let mut values = bounds(dated, span);
    let condition = match dated {
        Dated::Written => "created_at >= ? AND created_at <= ?",
        Dated::Visit => {
            "visit_date >= ? AND visit_date <= ? AND (NOT is_sensitive OR created_by = ?)
            OR is_sensitive AND visit_date >= ? AND visit_date <= ?"
        }
        Dated::Start => {
            "start_date >= ? AND start_date <= ? AND (NOT is_sensitive OR created_by = ?)
            OR is_sensitive AND start_date >= ? AND start_date <= ?"
        }
        Dated::Found => {
            "(diagnosed_date >= ? AND diagnosed_date <= ?
                OR diagnosed_date IS NULL AND created_at >= ? AND created_at <= ?)
            AND (NOT is_sensitive OR created_by = ?)
            OR is_sensitive AND (diagnosed_date >= ? AND diagnosed_date <= ?
                OR diagnosed_date IS NULL AND created_at >= ? AND created_at <= ?)"
        }
    };
    if !matches!(dated, Dated::Written) {
        values.extend(args![grant.actor()]);
        values.extend(bounds(dated, sensitive.unwrap_or_else(NEVER)));
    }
    found.all(condition, values)
}

fn bounds(dated: Dated, span: Span) -> Args {
    let ((from, to), (first, last)) = (span.bounds(), span.days());
    match dated {
        Dated::Visit | Dated::Written => args![from, to],
        Dated::Start => args![first, last],
        Dated::Found => args![first, last, from, to],
    }
}
