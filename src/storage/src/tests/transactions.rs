//! What a transaction leaves behind, and how its failures show.

use std::cell::Cell;

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::Integer;

use super::organization;
use crate::backend::Connection;
use crate::organization::Organization;
use crate::testing::{TestStore, both, postgres};
use crate::{StorageError, savepoint};

fn is_there(store: &TestStore, row: &Organization) -> bool {
    store.read(|tx| Organization::find(tx, row.id)).unwrap().is_some()
}

fn refusal<T>() -> Result<T, StorageError> {
    Err(StorageError::Stale)
}

#[test]
fn an_error_leaves_nothing_behind() {
    for store in both() {
        let row = organization(None);
        let outcome = store.write(|tx| -> Result<(), StorageError> {
            Organization::insert(tx, &row)?;
            refusal()
        });
        assert!(matches!(outcome, Err(StorageError::Stale)));
        assert!(!is_there(&store, &row));
    }
}

#[test]
fn a_failed_savepoint_takes_back_its_part_alone() {
    for store in both() {
        let (kept, undone, last) = (organization(Some("A")), organization(None), organization(None));
        store
            .write(|tx| -> Result<(), StorageError> {
                Organization::insert(tx, &kept)?;
                let part = savepoint(tx, |tx| -> Result<(), StorageError> {
                    Organization::insert(tx, &undone)?;
                    // The database itself refuses this, which breaks a PostgreSQL transaction.
                    Organization::insert(tx, &organization(Some("A")))?;
                    Ok(())
                });
                assert!(part.unwrap_err().is_unique("organizations_uscc"));
                savepoint(tx, |tx| Organization::insert(tx, &last))?;
                Ok(())
            })
            .unwrap();
        assert!(is_there(&store, &kept) && is_there(&store, &last));
        assert!(!is_there(&store, &undone));
    }
}

#[test]
fn a_read_sees_one_state_and_changes_nothing() {
    for store in both() {
        let row = organization(None);
        store
            .read(|tx| -> Result<(), StorageError> {
                assert_eq!(Organization::find(tx, row.id)?, None);
                store.write(|tx| Organization::insert(tx, &row))?;
                assert_eq!(Organization::find(tx, row.id)?, None);
                Ok(())
            })
            .unwrap();
        assert!(is_there(&store, &row));
        assert!(store.read(|tx| Organization::insert(tx, &organization(None))).is_err());
        store.write(|tx| Organization::insert(tx, &organization(None))).unwrap();
    }
}

#[test]
fn contention_is_tried_again_a_few_times_and_then_reported() {
    for store in both() {
        let row = organization(None);
        let attempts = Cell::new(0);
        let busy = || StorageError::Contention("busy".to_owned());
        let outcome = store.write(|tx| -> Result<(), StorageError> {
            attempts.set(attempts.get() + 1);
            Organization::insert(tx, &row)?;
            Err(busy())
        });
        assert!(matches!(outcome, Err(StorageError::Contention(_))));
        assert_eq!(attempts.get(), 5);
        assert!(!is_there(&store, &row));
        let outcome = store.write(|tx| {
            attempts.set(attempts.get() + 1);
            if attempts.get() < 7 { Err(busy()) } else { Organization::insert(tx, &row) }
        });
        assert_eq!(outcome.unwrap(), row);
    }
}

#[test]
fn an_error_swallowed_outside_a_savepoint_never_looks_like_a_commit() {
    let store = postgres();
    let row = organization(Some("A"));
    let outcome = store.write(|tx| -> Result<(), StorageError> {
        Organization::insert(tx, &row)?;
        let _swallowed = Organization::insert(tx, &organization(Some("A")));
        Ok(())
    });
    assert!(matches!(outcome, Err(StorageError::Other(_))), "{outcome:?}");
    assert!(!is_there(&store, &row));
}

fn end_connection_of(store: &TestStore, tx: &mut Connection) -> Result<(), StorageError> {
    let pid: i32 = diesel::select(sql::<Integer>("pg_backend_pid()")).get_result(tx)?;
    store.write(|other| Ok(other.batch_execute(&format!("SELECT pg_terminate_backend({pid}, 5000)"))?))
}

#[test]
fn a_connection_lost_at_commit_is_an_unknown_outcome() {
    let store = postgres();
    let outcome = store.write(|tx| -> Result<(), StorageError> {
        Organization::insert(tx, &organization(None))?;
        end_connection_of(&store, tx)
    });
    assert!(matches!(outcome, Err(StorageError::UnknownOutcome(_))), "{outcome:?}");
    store.write(|tx| Organization::insert(tx, &organization(None))).unwrap();
}

#[test]
fn a_write_that_is_not_waited_for_is_seen_at_once_and_waited_for_by_its_own_session() {
    for store in both() {
        let row = organization(None);
        let (_, unflushed) = store.write_unflushed(|tx| Organization::insert(tx, &row)).unwrap();
        assert!(store.read(|tx| Organization::find(tx, row.id)).unwrap().is_some());
        unflushed.wait().unwrap();
    }
}

#[test]
fn a_session_lost_before_its_write_was_waited_for_is_an_unknown_outcome() {
    let store = postgres();
    let (_, unflushed) = store.write_unflushed(|tx| Organization::insert(tx, &organization(None))).unwrap();
    end_idle_connections_of(&store);
    let waited = unflushed.wait();
    assert!(matches!(waited, Err(StorageError::UnknownOutcome(_))), "{waited:?}");
    store.write(|tx| Organization::insert(tx, &organization(None))).unwrap();
}

#[test]
fn a_connection_lost_before_commit_is_unavailable() {
    let store = postgres();
    let outcome = store.write(|tx| {
        end_connection_of(&store, tx)?;
        Organization::insert(tx, &organization(None))
    });
    assert!(matches!(outcome, Err(StorageError::Unavailable(_))), "{outcome:?}");
    store.write(|tx| Organization::insert(tx, &organization(None))).unwrap();
}

/// As a database that is restarted does.
fn end_idle_connections_of(store: &TestStore) {
    let other = crate::Store::open(store.url()).unwrap();
    other
        .write(|tx| -> Result<(), StorageError> {
            tx.batch_execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
            )?;
            Ok(())
        })
        .unwrap();
}

#[test]
fn connections_that_died_idle_are_replaced_unseen() {
    let store = postgres();
    end_idle_connections_of(&store);
    store.write(|tx| Organization::insert(tx, &organization(None))).unwrap();
}

#[test]
fn a_panic_in_a_transaction_leaves_nothing_behind_and_the_store_usable() {
    for store in both() {
        let row = organization(None);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.write(|tx| -> Result<(), StorageError> {
                Organization::insert(tx, &row)?;
                panic!("on purpose")
            })
        }));
        assert!(panicked.is_err());
        assert!(!is_there(&store, &row));
        store.write(|tx| Organization::insert(tx, &row)).unwrap();
    }
}

#[test]
fn the_stores_answer_a_ping() {
    for store in both() {
        store.ping().unwrap();
    }
}
