//! What `voucher verify` finds when somebody has been at the database.

use innovation_voucher::services::verification::verify;
use voucher_storage::testing::tamper;

use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(
    a_whole_store_is_told_in_figures,
    every_change_to_the_chain_of_attempts_is_found,
    a_voucher_that_jumped_the_queue_is_found,
    a_judgement_that_is_gone_is_found,
    altered_money_is_found_where_it_was_altered,
    what_counts_against_the_yearly_limit_is_proved,
    altered_subsidies_are_found,
);

/// Tampers, has the fault named, and puts back what was there.
fn finds(world: &World, tampering: &str, undoing: &str, expected: &str) {
    tamper(&world.program.store, tampering);
    let fault = verify(&world.program).unwrap().fault.unwrap_or_else(|| panic!("{tampering}: nothing was found"));
    assert!(fault.contains(expected), "{tampering}: {fault}");
    tamper(&world.program.store, undoing);
    world.prove();
}

/// Three attempts: granted, refused, granted; the vouchers granted.
async fn three_attempts(world: &World) -> (String, String) {
    let cycle = world.open_cycle(5_000_000).await;
    let (one, other) = (world.enterprise().await, world.enterprise().await);
    let first = id(&world.claim(&one, &cycle, 3_000_000).await);
    world.ask_claim(&other, &cycle, 3_000_000).await.refused(409, "pool_exhausted");
    (first, id(&world.claim(&other, &cycle, 2_000_000).await))
}

async fn a_whole_store_is_told_in_figures(world: World) {
    three_attempts(&world).await;
    let report = verify(&world.program).unwrap();
    assert_eq!((report.cycles, report.entries, report.vouchers, report.attempts), (1, 3, 2, 3));
    assert_eq!(report.fault, None);
}

async fn every_change_to_the_chain_of_attempts_is_found(world: World) {
    let (first, second) = three_attempts(&world).await;
    let cases = [
        (
            "UPDATE attempts SET amount_fen = 1 WHERE sequence = 2".to_owned(),
            "UPDATE attempts SET amount_fen = 3000000 WHERE sequence = 2".to_owned(),
            "attempt 2 is not what was sealed",
        ),
        (
            "UPDATE attempts SET sequence = 4 WHERE sequence = 2".to_owned(),
            "UPDATE attempts SET sequence = 2 WHERE sequence = 4".to_owned(),
            "attempt 3 stands where 2 should",
        ),
        (
            "UPDATE attempts SET previous_hash = 'x' WHERE sequence = 3".to_owned(),
            "UPDATE attempts SET previous_hash = (SELECT a.hash FROM attempts a WHERE a.sequence = 2) WHERE sequence = 3"
                .to_owned(),
            "attempt 3 does not follow the attempt before it",
        ),
        // Whose it was is not published, and not sealed: it is held against the voucher.
        (
            format!("UPDATE attempts SET voucher_id = '{second}' WHERE sequence = 1"),
            format!("UPDATE attempts SET voucher_id = '{first}' WHERE sequence = 1"),
            "was granted twice, by 1 and 3",
        ),
        (
            "UPDATE attempts SET voucher_id = NULL WHERE sequence = 1".to_owned(),
            format!("UPDATE attempts SET voucher_id = '{first}' WHERE sequence = 1"),
            "attempt 1 is granted, and its voucher None",
        ),
    ];
    for (tampering, undoing, expected) in &cases {
        finds(&world, tampering, undoing, expected);
    }
    // The end of a chain can be cut off without a trace in it; the voucher is the trace.
    tamper(&world.program.store, "DELETE FROM attempts WHERE sequence = 3");
    let fault = verify(&world.program).unwrap().fault.unwrap();
    assert!(fault.contains(&second) && fault.contains("has no place in the chain of attempts"), "{fault}");
}

async fn a_voucher_that_jumped_the_queue_is_found(world: World) {
    let (first, second) = three_attempts(&world).await;
    let applicant = |of: &str| format!("(SELECT v.applicant_id FROM vouchers v WHERE v.id = '{of}')");
    finds(
        &world,
        &format!("UPDATE attempts SET applicant_id = {} WHERE sequence = 1", applicant(&second)),
        &format!("UPDATE attempts SET applicant_id = {} WHERE sequence = 1", applicant(&first)),
        "is another's, or another amount, than attempt 1",
    );
}

async fn a_judgement_that_is_gone_is_found(world: World) {
    let (first, second) = three_attempts(&world).await;
    let judged = |of: &str| format!("(SELECT v.judgement_id FROM vouchers v WHERE v.id = '{of}')");
    tamper(&world.program.store, &format!("DELETE FROM judgements WHERE id = {}", judged(&second)));
    let fault = verify(&world.program).unwrap().fault.unwrap();
    assert!(fault.contains(&second) && !fault.contains(&first), "{fault}");
}

async fn altered_money_is_found_where_it_was_altered(world: World) {
    let (first, _) = three_attempts(&world).await;
    let entry =
        world.program.store.read(|tx| voucher_storage::ledger::LedgerEntry::of_voucher(tx, first.parse().unwrap()));
    let entry = entry.map_err(|error: voucher_storage::StorageError| error).unwrap()[0].id;
    let voucher = format!("({first}) is claimed with 30000.00 yuan");
    finds(
        &world,
        &format!("UPDATE vouchers SET amount_fen = 4000000 WHERE id = '{first}'"),
        &format!("UPDATE vouchers SET amount_fen = 3000000 WHERE id = '{first}'"),
        &format!("({first}) is claimed with 40000.00 yuan"),
    );
    for (tampering, undoing) in [
        ("amount_fen = 2999999", "amount_fen = 3000000"),
        ("to_account = 'committed'", "to_account = 'held'"),
        ("voucher_id = NULL", &format!("voucher_id = '{first}'")),
    ] {
        let update = |what: &str| format!("UPDATE ledger_entries SET {what} WHERE id = '{entry}'");
        finds(&world, &update(tampering), &update(undoing), &voucher);
    }
    let fault = |tampering: &str| {
        tamper(&world.program.store, tampering);
        verify(&world.program).unwrap().fault.unwrap()
    };
    assert!(
        fault(&format!("UPDATE ledger_entries SET amount_fen = 1 WHERE id = '{entry}'")).contains(&entry.to_string())
    );
    tamper(&world.program.store, &format!("UPDATE ledger_entries SET amount_fen = 3000000 WHERE id = '{entry}'"));
    // The caches of a cycle.
    finds(
        &world,
        "UPDATE cycles SET available_fen = available_fen + 5, held_fen = held_fen - 5",
        "UPDATE cycles SET available_fen = available_fen - 5, held_fen = held_fen + 5",
        "its accounts say",
    );
    // The caches of a voucher.
    finds(
        &world,
        &format!("UPDATE vouchers SET status = 'registered' WHERE id = '{first}'"),
        &format!("UPDATE vouchers SET status = 'claimed' WHERE id = '{first}'"),
        "is registered with",
    );
}

async fn altered_subsidies_are_found(world: World) {
    let (judging, _) = world.decided_assessment(200_000_000).await;
    let (assessment, [first, _, third]) = (&judging.assessment, &judging.submissions);
    let report = verify(&world.program).unwrap();
    assert_eq!((report.cycles, report.entries, report.submissions, report.fault), (1, 3, 3, None));
    let named = format!("submission {first} is approved with 1000000.00 yuan, but its entries say");
    let of_first = format!("WHERE subject_id = '{first}'");
    for (tampering, undoing, expected) in [
        (
            format!("UPDATE assessment_submissions SET subsidy_fen = 100000001 WHERE id = '{first}'"),
            format!("UPDATE assessment_submissions SET subsidy_fen = 100000000 WHERE id = '{first}'"),
            format!("submission {first} is approved with 1000000.01 yuan"),
        ),
        (
            format!("UPDATE assessment_submissions SET status = 'paid' WHERE id = '{first}'"),
            format!("UPDATE assessment_submissions SET status = 'approved' WHERE id = '{first}'"),
            format!("submission {first} is paid with 1000000.00 yuan"),
        ),
        // One that was given nothing.
        (
            format!("UPDATE assessment_submissions SET subsidy_fen = 1 WHERE id = '{third}'"),
            format!("UPDATE assessment_submissions SET subsidy_fen = 0 WHERE id = '{third}'"),
            format!("submission {third} is graded with 0.01 yuan"),
        ),
        (
            format!("UPDATE ledger_entries SET amount_fen = 99999999 {of_first}"),
            format!("UPDATE ledger_entries SET amount_fen = 100000000 {of_first}"),
            named.clone(),
        ),
        (
            format!("UPDATE ledger_entries SET to_account = 'paid' {of_first}"),
            format!("UPDATE ledger_entries SET to_account = 'payable' {of_first}"),
            named.clone(),
        ),
        (
            format!("UPDATE ledger_entries SET subject_id = '{third}' {of_first}"),
            format!("UPDATE ledger_entries SET subject_id = '{first}' WHERE subject_id = '{third}'"),
            named.clone(),
        ),
        (
            format!("UPDATE assessments SET budget_fen = 199999999 WHERE id = '{assessment}'"),
            format!("UPDATE assessments SET budget_fen = 200000000 WHERE id = '{assessment}'"),
            "it says its budget is 1999999.99 yuan, its ledger 2000000.00".to_owned(),
        ),
        (
            format!("UPDATE cycles SET kind = 'voucher' WHERE id = '{assessment}'"),
            format!("UPDATE cycles SET kind = 'subsidy' WHERE id = '{assessment}'"),
            format!("assessment {assessment} is decided and has no ledger"),
        ),
        (
            format!(
                "UPDATE cycles SET payable_fen = payable_fen - 5, paid_fen = paid_fen + 5 WHERE id = '{assessment}'"
            ),
            format!(
                "UPDATE cycles SET payable_fen = payable_fen + 5, paid_fen = paid_fen - 5 WHERE id = '{assessment}'"
            ),
            "its accounts say".to_owned(),
        ),
    ] {
        finds(&world, &tampering, &undoing, &expected);
    }
}

async fn what_counts_against_the_yearly_limit_is_proved(world: World) {
    let (claimed, _) = three_attempts(&world).await;
    let (cycle, firm) = (world.open_cycle(10_000_000).await, world.enterprise().await);
    let cancelled = id(&world.claim(&firm, &cycle, 1_000_000).await);
    world.post(&format!("/vouchers/{cancelled}/cancel")).by(&firm).send().await.expect(200);
    let approved = world.approved_redemption(5_000_000, 10_000_000, 9_000_000, 3_000_000).await;
    let approved = id(&approved.voucher);
    // Each of these is between nothing and the voucher's amount.
    for (voucher, counts, instead) in
        [(&claimed, 3_000_000, 0), (&cancelled, 0, 1_000_000), (&approved, 3_000_000, 5_000_000)]
    {
        let update = |fen: i64| format!("UPDATE vouchers SET counted_fen = {fen} WHERE id = '{voucher}'");
        let expected =
            format!("it counts {}.00 yuan against the yearly limit, and not {}.00 yuan", instead / 100, counts / 100);
        finds(&world, &update(instead), &update(counts), &expected);
    }
}
