//! Several writers at once.

use std::sync::Barrier;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::thread;

use super::organization;
use crate::organization::Organization;
use crate::testing::{TestStore, both, postgres};
use crate::{StorageError, Store};

const ROUNDS: i64 = 50;

fn version(store: &TestStore, row: &Organization) -> i64 {
    store.read(|tx| Organization::find(tx, row.id)).unwrap().unwrap().version
}

#[test]
fn two_writers_that_lock_the_row_lose_no_change() {
    for store in both() {
        let row = store.write(|tx| Organization::insert(tx, &organization(None))).unwrap();
        // A second store on the same database is what another server is.
        let second = Store::open(store.url()).unwrap();
        thread::scope(|threads| {
            for store in [&*store, &*store, &second] {
                threads.spawn(|| {
                    for _ in 0..ROUNDS {
                        store
                            .write(|tx| {
                                let current = Organization::lock(tx, row.id)?.unwrap();
                                Organization::save(tx, &current)
                            })
                            .unwrap();
                    }
                });
            }
        });
        assert_eq!(version(&store, &row), 1 + 3 * ROUNDS);
    }
}

#[test]
fn of_two_writers_with_the_same_version_one_is_told_it_is_stale() {
    for store in both() {
        let row = store.write(|tx| Organization::insert(tx, &organization(None))).unwrap();
        let (saved, stale) = (AtomicI64::new(0), AtomicI64::new(0));
        let start = Barrier::new(2);
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    for _ in 0..ROUNDS {
                        let seen = store.read(|tx| Organization::find(tx, row.id)).unwrap().unwrap();
                        start.wait();
                        match store.write(|tx| Organization::save(tx, &seen)) {
                            Ok(_) => saved.fetch_add(1, Ordering::SeqCst),
                            Err(StorageError::Stale) => stale.fetch_add(1, Ordering::SeqCst),
                            Err(error) => panic!("{error}"),
                        };
                        start.wait();
                    }
                });
            }
        });
        assert_eq!((saved.into_inner(), stale.into_inner()), (ROUNDS, ROUNDS));
        assert_eq!(version(&store, &row), 1 + ROUNDS);
    }
}

#[test]
fn a_deadlock_is_resolved_by_running_one_side_again() {
    let store = postgres();
    let (one, other) = (organization(None), organization(None));
    store.write(|tx| Organization::insert_all(tx, &[one.clone(), other.clone()])).unwrap();
    let both_hold_one = Barrier::new(2);
    // The side that runs again waits for the other's end: PostgreSQL may hand it back the row it gave
    // up before the other side awakes, and they would only meet once more.
    let other_is_through = Barrier::new(2);
    let runs = AtomicU32::new(0);
    thread::scope(|threads| {
        for (first, second) in [(&one, &other), (&other, &one)] {
            let (store, both_hold_one, other_is_through, runs) = (&store, &both_hold_one, &other_is_through, &runs);
            threads.spawn(move || {
                let mut own_runs = 0;
                store
                    .write(|tx| -> Result<(), StorageError> {
                        runs.fetch_add(1, Ordering::SeqCst);
                        own_runs += 1;
                        if own_runs == 2 {
                            other_is_through.wait();
                        }
                        let held = Organization::lock(tx, first.id)?.unwrap();
                        if own_runs == 1 {
                            both_hold_one.wait();
                        }
                        let wanted = Organization::lock(tx, second.id)?.unwrap();
                        Organization::save(tx, &held)?;
                        Organization::save(tx, &wanted)?;
                        Ok(())
                    })
                    .unwrap();
                if own_runs == 1 {
                    other_is_through.wait();
                }
            });
        }
    });
    assert_eq!(runs.into_inner(), 3);
    assert_eq!((version(&store, &one), version(&store, &other)), (3, 3));
}

#[test]
fn two_servers_that_start_together_migrate_once() {
    for store in [crate::testing::empty_sqlite(), crate::testing::empty_postgres()] {
        let second = Store::open(store.url()).unwrap();
        let ran = AtomicU32::new(0);
        thread::scope(|threads| {
            for store in [&*store, &second] {
                threads.spawn(|| {
                    let names = store.migrate().unwrap();
                    ran.fetch_add(u32::from(!names.is_empty()), Ordering::SeqCst);
                });
            }
        });
        assert_eq!(ran.into_inner(), 1);
    }
}
