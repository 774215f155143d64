//! Fast is worth nothing unless it is exact: what the rush left behind is proved before it is shown.

use innovation_voucher::services::Program;
use innovation_voucher::services::claim::receipt;
use innovation_voucher::services::verification;
use voucher_domain::attempt::ChainEnd;
use voucher_storage::StorageError;
use voucher_storage::attempt::Attempt;
use voucher_storage::judgement::Judgement;

use crate::people::cycle_id;
use crate::server;

const PART: u16 = 5_000;

/// Proves the ledger and follows the chain of attempts to its end; and that the claims were what the table says of
/// them: by a judgement that was kept before, if so many were, or each with one of its own.
pub fn prove(url: &str, judged_before: u64) {
    let program = server::program(url);
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
    let judgements = count_judgements(&program);
    let expected = if judged_before == 0 { report.vouchers } else { usize::try_from(judged_before).unwrap() };
    assert_eq!(judgements, expected, "judgements are kept as the table says");
    eprintln!(
        "  proved: {} vouchers, {} entries, a chain of {} attempts",
        report.vouchers, report.entries, end.sequence
    );
}

fn count_judgements(program: &Program) -> usize {
    let (mut count, mut before) = (0, None);
    loop {
        let page = program.store.read(|tx| Judgement::page(tx, Judgement::all(), before, PART));
        let page = page.unwrap_or_else(|error: StorageError| panic!("{error}"));
        count += page.items.len();
        before = page.next;
        if before.is_none() {
            return count;
        }
    }
}
