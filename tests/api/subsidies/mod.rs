//! The money of the yearly assessment (Art. 11, 13, 14): its ledger, its notice, objections and payment.

mod ledger;

use serde_json::{Value, json};

/// The accounts of a budget of which so much is available, payable, paid and recovered.
pub fn accounts(available: i64, payable: i64, paid: i64, recovered: i64) -> Value {
    json!({
        "available": available, "held": 0, "committed": 0, "payable": payable, "paid": paid, "lapsed": 0,
        "recovered": recovered
    })
}
