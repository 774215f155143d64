//! `/metrics` in the OpenMetrics text form.

use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::route::{Route, method_name};
use crate::services::lag::Lags;

/// The media type of the page.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    job: String,
}

/// The counts that the page shows.
pub struct Metrics {
    registry: Mutex<Registry>,
    answers: Family<Labels, Counter>,
    successes: Family<JobLabels, Gauge>,
    lags: Family<JobLabels, Gauge>,
    lapse_age: Gauge,
    telling_age: Gauge,
    letter_age: Gauge,
    parked_letters: Gauge,
    seal_age: Gauge,
    sealed_events: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let answers = Family::<Labels, Counter>::default();
        let mut registry = Registry::with_prefix("voucher");
        registry.register("http_answers", "Answers by route and status", answers.clone());
        let (successes, lags) = (Family::<JobLabels, Gauge>::default(), Family::<JobLabels, Gauge>::default());
        let (lapse_age, letter_age, parked_letters) = (Gauge::default(), Gauge::default(), Gauge::default());
        let last = "When a job last came to a good end on any server, in seconds since 1970";
        registry.register("job_last_success_timestamp_seconds", last, successes.clone());
        registry.register("job_lag_seconds", "How long ago that was", lags.clone());
        let oldest = "For how long the voucher that died first has waited to be voided";
        registry.register("lapse_oldest_due_seconds", oldest, lapse_age.clone());
        let waiting = "For how long the letter that waits longest has waited";
        let telling_age = Gauge::default();
        let untold = "For how long the claim that waits longest to be told has waited";
        registry.register("claims_oldest_untold_seconds", untold, telling_age.clone());
        registry.register("outbox_oldest_waiting_seconds", waiting, letter_age.clone());
        let parked = "Letters given up until an administrator sends them again";
        registry.register("outbox_parked_letters", parked, parked_letters.clone());
        let (seal_age, sealed_events) = (Gauge::default(), Gauge::default());
        let unsealed = "For how long the event that waits longest for its seal has waited";
        registry.register("audit_oldest_unsealed_seconds", unsealed, seal_age.clone());
        registry.register("audit_sealed_events", "Events in the sealed chain", sealed_events.clone());
        let registry = Mutex::new(registry);
        Self {
            registry,
            answers,
            successes,
            lags,
            lapse_age,
            telling_age,
            letter_age,
            parked_letters,
            seal_age,
            sealed_events,
        }
    }
}

impl Metrics {
    /// Counts an answer.
    pub fn count(&self, route: &Route, status: u16) {
        let labels = Labels { method: method_name(&route.method), route: route.path, status };
        self.answers.get_or_create(&labels).inc();
    }

    /// Takes in how far the jobs are behind.
    pub fn measure(&self, lags: &Lags) {
        for lag in &lags.jobs {
            let labels = JobLabels { job: lag.job.clone() };
            self.successes.get_or_create(&labels).set(lag.succeeded_at_seconds);
            self.lags.get_or_create(&labels).set(lag.lag_seconds);
        }
        self.lapse_age.set(lags.lapse_seconds);
        self.telling_age.set(lags.telling_seconds);
        self.letter_age.set(lags.letter_seconds);
        self.parked_letters.set(lags.parked_letters);
        self.seal_age.set(lags.seal_seconds);
        self.sealed_events.set(lags.sealed_events);
    }

    /// The page.
    pub fn page(&self) -> String {
        let mut page = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing into a string does not fail.
        let _ = encode(&mut page, &registry);
        page
    }
}
