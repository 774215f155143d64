//! The money of one walk, and of many random ones.

use proptest::prelude::*;

use super::*;
use crate::fixtures::yuan;

fn apply(balances: Balances, movements: &Movements) -> Balances {
    balances.after_all(movements).unwrap()
}

#[test]
fn a_voucher_of_50_000_redeemed_for_45_000_leaves_5_000_lapsed() {
    let budget = yuan(1_000_000);
    let steps = [
        on_budget(budget),
        on_claim(yuan(50_000)),
        on_registration(yuan(50_000), true),
        on_approval(yuan(45_000), yuan(5_000)),
        on_payment(yuan(45_000)),
    ];
    let balances = steps.iter().fold(Balances::default(), |balances, movements| {
        let balances = apply(balances, movements);
        assert_eq!(balances.require_whole(budget), Ok(()));
        balances
    });
    let expected = Balances {
        available_fen: yuan(950_000),
        paid_fen: yuan(45_000),
        lapsed_fen: yuan(5_000),
        ..Balances::default()
    };
    assert_eq!(balances, expected);
}

#[test]
fn the_pool_gives_its_last_fen_and_not_one_more() {
    let balances = apply(Balances::default(), &on_budget(Money::from_fen(10)));
    let empty = apply(balances, &on_claim(Money::from_fen(10)));
    assert_eq!(empty.available_fen, Money::ZERO);
    let fault = balances.after_all(&on_claim(Money::from_fen(11))).unwrap_err();
    let refusal = Refusal::from(fault);
    assert_eq!((refusal.code, refusal.remaining_fen), (RefusalCode::PoolExhausted, Some(Money::from_fen(10))));
    let fault = balances.after_all(&on_payment(Money::from_fen(1))).unwrap_err();
    assert_eq!(Refusal::from(fault).code, RefusalCode::Internal);
}

#[test]
fn movements_of_nothing_are_left_out_and_negative_ones_refused() {
    assert!(on_approval(Money::ZERO, Money::ZERO).is_empty());
    assert_eq!(on_approval(yuan(1), Money::ZERO).len(), 1);
    assert!(on_registration(yuan(1), false).is_empty());
    let fault = Balances::default().after_all(&on_budget(Money::from_fen(-1)));
    assert_eq!(fault, Err(LedgerFault::NotPositive(Money::from_fen(-1))));
}

#[test]
fn a_changed_budget_moves_the_difference() {
    let balances = apply(Balances::default(), &on_budget(yuan(100)));
    let more = apply(balances, &on_budget_change(yuan(100), yuan(150)).unwrap());
    assert_eq!(more.require_whole(yuan(150)), Ok(()));
    let less = apply(more, &on_budget_change(yuan(150), yuan(50)).unwrap());
    assert_eq!(less.require_whole(yuan(50)), Ok(()));
    assert!(less.require_whole(yuan(51)).is_err());
    assert!(on_budget_change(yuan(5), yuan(5)).unwrap().is_empty());
}

#[test]
fn only_a_living_voucher_becomes_void() {
    assert_eq!(on_void(VoucherStatus::Claimed, yuan(1)).unwrap()[0].from, Account::Held);
    assert_eq!(on_void(VoucherStatus::Registered, yuan(1)).unwrap()[0].from, Account::Committed);
    assert_eq!(on_void(VoucherStatus::Redeeming, yuan(1)).unwrap()[0].from, Account::Committed);
    assert!(on_void(VoucherStatus::Redeemed, yuan(1)).is_err());
    assert!(on_void(VoucherStatus::Void, yuan(1)).is_err());
}

#[test]
fn a_subsidy_goes_from_the_budget_to_its_payment_and_an_objection_moves_the_difference() {
    let budget = yuan(2_000_000);
    let steps = [
        on_budget(budget),
        on_subsidy(yuan(1_000_000)),
        on_subsidy(yuan(400_000)),
        on_subsidy_change(yuan(1_000_000), yuan(600_000)).unwrap(),
        on_subsidy_change(yuan(400_000), yuan(800_000)).unwrap(),
        on_payment(yuan(600_000)),
        on_recovery(yuan(100_000)),
    ];
    let balances = steps.iter().fold(Balances::default(), |balances, movements| {
        let balances = apply(balances, movements);
        assert_eq!(balances.require_whole(budget), Ok(()));
        balances
    });
    let expected = Balances {
        available_fen: yuan(600_000),
        payable_fen: yuan(800_000),
        paid_fen: yuan(500_000),
        recovered_fen: yuan(100_000),
        ..Balances::default()
    };
    assert_eq!(balances, expected);
    assert!(on_subsidy(Money::ZERO).is_empty());
    assert!(on_subsidy_change(yuan(1), yuan(1)).unwrap().is_empty());
    assert!(balances.after_all(&on_subsidy(yuan(600_001))).is_err());
    let change = on_subsidy_change(yuan(800_000), Money::ZERO).unwrap();
    assert_eq!(
        (change[0].from, change[0].to, change[0].cause),
        (Account::Payable, Account::Available, MovementCause::Objection)
    );
}

/// Where one voucher of a random walk is.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Claimed(Money),
    Registered(Money),
    Payable(Money),
    Paid(Money),
    Ended,
}

/// One legal next event of a voucher, chosen by a number.
fn next(stage: Stage, choice: u8, part: i64) -> (Stage, Movements) {
    let part_of = |amount: Money| Money::from_fen(amount.fen() * part / 100);
    match (stage, choice % 3) {
        (Stage::Claimed(amount), 0) => (Stage::Ended, on_void(VoucherStatus::Claimed, amount).unwrap()),
        (Stage::Claimed(amount), _) => (Stage::Registered(amount), on_registration(amount, true)),
        (Stage::Registered(amount), 0) => (Stage::Ended, on_void(VoucherStatus::Redeeming, amount).unwrap()),
        (Stage::Registered(amount), 1) => (Stage::Registered(amount), on_registration(amount, false)),
        (Stage::Registered(amount), _) => {
            let payable = part_of(amount);
            (Stage::Payable(payable), on_approval(payable, amount.left_after(payable)))
        }
        (Stage::Payable(amount), 0) => {
            let kept = part_of(amount);
            (Stage::Payable(kept), on_objection(amount.left_after(kept)))
        }
        (Stage::Payable(amount), _) => (Stage::Paid(amount), on_payment(amount)),
        (Stage::Paid(amount), 0) => (Stage::Ended, on_recovery(amount)),
        (Stage::Paid(amount), _) => (Stage::Paid(amount), Vec::new()),
        (Stage::Ended, _) => (Stage::Ended, Vec::new()),
    }
}

proptest! {
    #[test]
    fn any_legal_sequence_keeps_the_sum_and_no_account_falls_below_nothing(
        budget in 1_i64..=50_000_000,
        events in prop::collection::vec((any::<u8>(), 0_usize..8, 1_i64..=5_000_000, 0_i64..=100), 0..120),
    ) {
        let budget = Money::from_fen(budget);
        let mut balances = apply(Balances::default(), &on_budget(budget));
        let mut vouchers: Vec<Stage> = Vec::new();
        for (choice, place, amount, part) in events {
            let amount = Money::from_fen(amount);
            let movements = if choice % 4 == 0 || vouchers.is_empty() {
                // A claim that the pool cannot pay is refused and changes nothing.
                let claim = on_claim(amount);
                if balances.available_fen < amount {
                    prop_assert!(balances.after_all(&claim).is_err());
                    continue;
                }
                vouchers.push(Stage::Claimed(amount));
                claim
            } else {
                let place = place % vouchers.len();
                let (stage, movements) = next(vouchers[place], choice / 4, part);
                vouchers[place] = stage;
                movements
            };
            balances = apply(balances, &movements);
            prop_assert_eq!(balances.require_whole(budget), Ok(()));
            for balance in [
                balances.available_fen, balances.held_fen, balances.committed_fen, balances.payable_fen,
                balances.paid_fen, balances.lapsed_fen, balances.recovered_fen,
            ] {
                prop_assert!(balance >= Money::ZERO);
            }
        }
    }
}
