//! Another key for everything, and what was stored before there was one.

use innovation_voucher::services::privacy::{prepare, rotate};
use voucher_domain::privacy::Place;
use voucher_storage::StorageError;
use voucher_storage::privacy::{PrivacyKey, UnsealedPlace};
use voucher_storage::testing::{everything, tamper};
use voucher_storage::user::User;

use crate::harness::{Account, World};
use crate::on_both_stores;

on_both_stores!(
    everything_is_brought_under_another_key,
    a_key_that_is_missing_or_another_one_is_refused,
    what_was_stored_in_the_clear_is_sealed_at_the_start,
    parties_are_found_to_be_one_while_the_key_is_changed,
);

const OLD: &str = "tests:a-secret-that-only-these-tests-know";
const NEW: &str = "next:another-secret-that-only-these-tests-know";

async fn with_keys(world: &World, keys: &str) -> World {
    let keys = keys.to_owned();
    world.beside_with(|settings| settings.privacy.keys = keys).await
}

fn user(world: &World, account: &Account) -> User {
    let id = account.user_id.parse().unwrap();
    world.program.store.read(|tx| User::find(tx, id)).unwrap().unwrap()
}

fn keys(world: &World) -> Vec<String> {
    let keys = world.program.store.read(|tx| -> Result<_, StorageError> { PrivacyKey::list(tx) }).unwrap();
    keys.into_iter().map(|key| key.id).collect()
}

async fn everything_is_brought_under_another_key(world: World) {
    prepare(&world.program).unwrap();
    let approved = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let (batch, officer) = world.approved_batch().await;
    let lines = format!("/disbursements/{}", batch["id"].as_str().unwrap());
    let before = [
        world.read(&approved.applicant, "/me").await,
        world.read(&approved.facility, "/me/facility").await,
        world.read(&officer, &lines).await,
    ];
    let index = user(&world, &approved.applicant).phone_index;
    // First the new key writes and the old one still reads; then everything is sealed anew.
    let both = with_keys(&world, &format!("{NEW} {OLD}")).await;
    prepare(&both.program).unwrap();
    assert_eq!(keys(&both), ["next", "tests"]);
    assert_eq!(both.read(&approved.applicant, "/me").await, before[0]);
    let rotation = rotate(&both.program).unwrap();
    // Two telephone numbers, the facility's account, and the same in the payment.
    assert_eq!(rotation.resealed, 4);
    assert_eq!((rotation.key.as_str(), rotation.left, rotation.retired), ("next", 0, vec!["tests".to_owned()]));
    assert!(!everything(&both.program.store).iter().any(|row| row.contains("sealed:1:tests:")));
    assert_ne!(user(&both, &approved.applicant).phone_index, index);
    // Nothing is left to do, and the old key is needed no more.
    assert_eq!(rotate(&both.program).unwrap().resealed, 0);
    assert_eq!(keys(&both), ["next"]);
    let after = with_keys(&world, NEW).await;
    prepare(&after.program).unwrap();
    assert_eq!(after.read(&approved.applicant, "/me").await, before[0]);
    assert_eq!(after.read(&approved.facility, "/me/facility").await, before[1]);
    assert_eq!(after.read(&officer, &lines).await, before[2]);
}

async fn a_key_that_is_missing_or_another_one_is_refused(world: World) {
    prepare(&world.program).unwrap();
    let missing = prepare(&with_keys(&world, NEW).await.program).unwrap_err();
    assert!(missing.contains("`tests`") && missing.contains("not in privacy.keys"), "{missing}");
    let other = with_keys(&world, "tests:the-same-name-for-another-secret-altogether").await;
    let other = prepare(&other.program).unwrap_err();
    assert!(other.contains("is not the one") && !other.contains("secret"), "{other}");
    assert_eq!(keys(&world), ["tests"]);
    prepare(&world.program).unwrap();
}

async fn what_was_stored_in_the_clear_is_sealed_at_the_start(world: World) {
    let (person, facility) =
        (world.registered("enterprise").await, world.drafted_facility(serde_json::json!({})).await);
    tamper(
        &world.program.store,
        "UPDATE users SET phone = '13577770001', phone_index = NULL WHERE phone IS NOT NULL;
         UPDATE facilities SET payee_account = '6222025550000001';
         INSERT INTO unsealed_places (place) VALUES ('users.phone'), ('facilities.payee_account')",
    );
    assert_eq!(user(&world, &person).phone.unwrap().parts(), None);
    prepare(&world.program).unwrap();
    let sealed = user(&world, &person);
    assert_eq!(
        sealed.phone.as_ref().and_then(|phone| phone.parts()).map(|(key, _)| key.to_owned()),
        Some("tests".to_owned())
    );
    assert!(sealed.phone_index.is_some());
    let rows = everything(&world.program.store);
    assert!(!rows.iter().any(|row| row.contains("13577770001") || row.contains("6222025550000001")));
    assert_eq!(world.read(&person, "/me").await["user"]["phone"], "13577770001");
    assert_eq!(world.read(&facility, "/me/facility").await["payee_account"], "6222025550000001");
    let left = world.program.store.read(|tx| -> Result<_, StorageError> { UnsealedPlace::list(tx) }).unwrap();
    assert_eq!(left, [] as [Place; 0]);
    let version = user(&world, &person).version;
    prepare(&world.program).unwrap();
    assert_eq!(user(&world, &person), sealed);
    assert_eq!(version, sealed.version);
}

async fn parties_are_found_to_be_one_while_the_key_is_changed(world: World) {
    let signed = world.signed_contract(5_000_000, 12_000_000, "2026-03-16").await;
    // The applicant's number is under the old key, the facility's under the new one.
    let both = with_keys(&world, &format!("{NEW} {OLD}")).await;
    let me = both.read(&signed.facility, "/me").await;
    let change = serde_json::json!({ "phone": "+86 138 0013 8000" });
    both.patch("/me").by(&signed.facility).if_match(&me["version"]).json(change).send().await.expect(200);
    assert_ne!(user(&both, &signed.applicant).phone_index, user(&both, &signed.facility).phone_index);
    let redemption = both.redemption(&signed.facility, &signed.contract, 10_000_000).await;
    let seen = both.read(&both.officer().await, &format!("/redemptions/{redemption}")).await;
    let flags = seen["flags"].as_array().unwrap();
    let related = flags.iter().find(|flag| flag["rule"] == "related_parties").expect("they are one");
    assert_eq!(related["facts"]["phones_ending_in"], serde_json::json!(["8000"]), "{related}");
}
