//! One line of a bench's table: a value, what it is compared with, and its bar.

use serde_json::{Value, json};

/// One line of a bench's table.
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// Its median, or why there is none.
    pub(crate) value: Result<f64, String>,
    pub(crate) unit: &'static str,
    /// What it is compared with, and its median.
    pub(crate) baseline: Option<(&'static str, f64)>,
    pub(crate) bar: Option<Bar>,
}

/// What a value, or its ratio to the baseline, must reach.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    AtLeast(f64),
    AtMost(f64),
    RatioAtLeast(f64),
    RatioAtMost(f64),
}

/// How far from its bar a miss is narrow: further than what is usual between two
/// runs on a shared machine it is no accident.
const NARROW: f64 = 1.25;

impl Row {
    /// A row without a baseline.
    pub(crate) fn new(what: &str, value: f64, unit: &'static str, bar: Option<Bar>) -> Self {
        Self { what: what.to_owned(), value: Ok(value), unit, baseline: None, bar }
    }

    /// A row that could not be measured here.
    pub(crate) fn skipped(what: &str, why: String) -> Self {
        Self { what: what.to_owned(), value: Err(why), unit: "", baseline: None, bar: None }
    }

    /// The same with a baseline.
    pub(crate) fn against(self, baseline: &'static str, value: f64) -> Self {
        Self { baseline: Some((baseline, value)), ..self }
    }

    /// Whether the bar is reached. What could not be measured has not missed it, and says so.
    pub(crate) fn met(&self) -> bool {
        self.within(1.0)
    }

    /// Whether it missed by so little that it may be an accident.
    pub(crate) fn narrowly_missed(&self) -> bool {
        !self.met() && self.within(NARROW)
    }

    /// Whether the bar is reached if it is moved by a factor.
    fn within(&self, factor: f64) -> bool {
        let (Ok(value), Some(bar)) = (&self.value, self.bar) else { return true };
        match bar {
            Bar::AtLeast(bar) => value * factor >= bar,
            Bar::AtMost(bar) => *value <= bar * factor,
            Bar::RatioAtLeast(bar) => self.ratio().is_some_and(|ratio| ratio * factor >= bar),
            Bar::RatioAtMost(bar) => self.ratio().is_some_and(|ratio| ratio <= bar * factor),
        }
    }

    fn ratio(&self) -> Option<f64> {
        Some(self.value.as_ref().ok()? / self.baseline?.1)
    }

    fn bar(&self) -> Option<String> {
        Some(match self.bar? {
            Bar::AtLeast(bar) => format!("at least {bar} {}", self.unit),
            Bar::AtMost(bar) => format!("at most {bar} {}", self.unit),
            Bar::RatioAtLeast(bar) => format!("at least {bar}x"),
            Bar::RatioAtMost(bar) => format!("at most {bar}x"),
        })
    }

    /// For people.
    pub(crate) fn line(&self) -> String {
        let value = match &self.value {
            Ok(value) => format!("{} {}", short(*value), self.unit),
            Err(why) => return format!("{}: skipped: {why}", self.what),
        };
        let mut line = format!("{}: {value}", self.what);
        if let (Some((name, baseline)), Some(ratio)) = (self.baseline, self.ratio()) {
            line += &format!(", {name} {} {}, ratio {}", short(baseline), self.unit, short(ratio));
        }
        if let Some(bar) = self.bar() {
            line += &format!(" ({bar}: {})", if self.met() { "met" } else { "NOT MET" });
        }
        line
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        match &self.value {
            Ok(value) => json!({
                "what": self.what, "value": value, "unit": self.unit,
                "baseline": self.baseline.map(|(name, value)| json!({ "what": name, "value": value })),
                "ratio": self.ratio(), "bar": self.bar(), "met": self.met(),
            }),
            Err(why) => json!({ "what": self.what, "skipped": why }),
        }
    }
}

fn short(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_miss_is_one_within_a_quarter() {
        let row = |value, bar| Row::new("it", value, "ms", Some(bar));
        assert!(row(6.0, Bar::AtMost(6.0)).met());
        assert!(row(7.0, Bar::AtMost(6.0)).narrowly_missed());
        assert!(!row(8.0, Bar::AtMost(6.0)).narrowly_missed());
        assert!(row(900.0, Bar::AtLeast(1000.0)).narrowly_missed());
        assert!(row(1.1, Bar::RatioAtMost(0.1)).against("that", 10.0).narrowly_missed());
        let three_times = |value| row(value, Bar::RatioAtLeast(3.0)).against("that", 10.0);
        assert!(three_times(30.0).met());
        assert!(three_times(24.0).narrowly_missed());
        assert!(!three_times(23.0).narrowly_missed());
    }

    #[test]
    fn a_ratio_without_a_baseline_meets_no_bar() {
        let row = |bar| Row::new("it", 1.0, "ms", Some(bar));
        assert!(!row(Bar::RatioAtLeast(0.1)).met());
        assert!(!row(Bar::RatioAtMost(10.0)).met());
    }

    #[test]
    fn what_was_skipped_says_why_and_misses_nothing() {
        let row = Row::skipped("it", "no such program".to_owned());
        assert!(row.met());
        assert_eq!(row.line(), "it: skipped: no such program");
    }

    #[test]
    fn a_row_says_its_ratio_and_whether_its_bar_is_met() {
        let row = Row::new("it", 1.0, "ms", Some(Bar::RatioAtMost(0.1))).against("that", 5.0);
        let line = "it: 1.000 ms, that 5.000 ms, ratio 0.200 (at most 0.1x: NOT MET)";
        assert_eq!(row.line(), line);
        let row = Row::new("it", 400.0, "requests/s", Some(Bar::RatioAtLeast(3.0)));
        let line = "it: 400 requests/s, that 100 requests/s, ratio 4.000 (at least 3x: met)";
        assert_eq!(row.against("that", 100.0).line(), line);
    }
}
