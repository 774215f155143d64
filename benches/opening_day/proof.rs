//! Fast is worth nothing unless it is exact: what the rush left behind is proved before it is shown.

use innovation_voucher::config::Settings;
use innovation_voucher::services::claim::receipt;
use innovation_voucher::services::verification;
use innovation_voucher::wiring;
use voucher_domain::attempt::ChainEnd;
use voucher_storage::StorageError;
use voucher_storage::attempt::Attempt;

use crate::people::cycle_id;
use crate::server::{PRIVACY_KEYS, SECRET};

const PART: u16 = 5_000;

/// Proves the ledger and follows the chain of attempts to its end.
pub fn prove(url: &str) {
    let mut settings = Settings::load(None).unwrap();
    settings.database.url = url.to_owned();
    settings.auth.secret = SECRET.to_owned();
    settings.privacy.keys = PRIVACY_KEYS.to_owned();
    let program = wiring::program(settings, false).unwrap();
    let report = verification::verify(&program).unwrap();
    assert_eq!(report.fault, None, "the ledger is not whole");
    let mut end = ChainEnd::default();
    loop {
        let part = program.store.read(|tx| Attempt::of_cycle(tx, cycle_id(), end.sequence, PART));
        let part: Vec<Attempt> = part.unwrap_or_else(|error: StorageError| panic!("{error}"));
        if part.is_empty() {
            break;
        }
        part.into_iter().try_for_each(|row| end.follow(&receipt(row))).expect("the chain is whole");
    }
    assert_eq!(usize::try_from(end.sequence).unwrap(), report.vouchers, "every attempt was granted");
    eprintln!(
        "  proved: {} vouchers, {} entries, a chain of {} attempts",
        report.vouchers, report.entries, end.sequence
    );
}
