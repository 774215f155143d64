//! `/metrics` in the OpenMetrics text form.

use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::route::{Route, method_name};

/// The media type of the page.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: String,
    route: String,
    status: u16,
}

/// The counts that the page shows.
pub struct Metrics {
    registry: Mutex<Registry>,
    answers: Family<Labels, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let answers = Family::<Labels, Counter>::default();
        let mut registry = Registry::with_prefix("voucher");
        registry.register("http_answers", "Answers by route and status", answers.clone());
        Self { registry: Mutex::new(registry), answers }
    }
}

impl Metrics {
    /// Counts an answer.
    pub fn count(&self, route: &Route, status: u16) {
        let labels = Labels { method: method_name(&route.method).to_owned(), route: route.path.to_owned(), status };
        self.answers.get_or_create(&labels).inc();
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
