//! Every column type, there and back, on a table of its own.
#![allow(dead_code, reason = "the macro gives more than this table needs")]

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::finding::{Finding, KeptFinding};
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::text::Text;

use super::instant;
use crate::StorageError;
use crate::aggregate::aggregate;
use crate::backend::Connection;
use crate::backend::query::{Compare, sum_fen};
use crate::testing::{TestStore, both};

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Integer, Nullable, Text};
    use crate::backend::types::{Document, Fen, Identifier, Moment, Word};

    probes (id) {
        id -> Identifier,
        role -> Word,
        role_or_none -> Nullable<Word>,
        fen -> Fen,
        fen_or_none -> Nullable<Fen>,
        at -> Moment,
        at_or_none -> Nullable<Moment>,
        other_id -> Nullable<Identifier>,
        findings -> Document,
        title -> Nullable<Document>,
        json -> Nullable<Document>,
        day -> Nullable<Date>,
        count -> Nullable<BigInt>,
        small -> Nullable<Integer>,
        flag -> Bool,
        note -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::backend::types::Identifier;

    others (id) {
        id -> Identifier,
    }
}
diesel::allow_tables_to_appear_in_same_query!(probes, others);

aggregate! {
    /// One column of every type.
    pub struct Probe in probes {
        pub id: Uuid,
        pub role: Role,
        pub role_or_none: Option<Role>,
        pub fen: Money,
        pub fen_or_none: Option<Money>,
        pub at: Instant,
        pub at_or_none: Option<Instant>,
        pub other_id: Option<Uuid>,
        pub findings: Vec<KeptFinding>,
        pub title: Option<Text>,
        pub json: Option<serde_json::Value>,
        pub day: Option<NaiveDate>,
        pub count: Option<i64>,
        pub small: Option<i32>,
        pub flag: bool,
        pub note: Option<String>,
        pub version: i64,
    }
}

const SQLITE: &str = "CREATE TABLE probes (id TEXT PRIMARY KEY NOT NULL, role TEXT NOT NULL, role_or_none TEXT,
    fen INTEGER NOT NULL, fen_or_none INTEGER, at TEXT NOT NULL, at_or_none TEXT, other_id TEXT,
    findings TEXT NOT NULL, title TEXT, json TEXT, day TEXT, count INTEGER, small INTEGER, flag INTEGER NOT NULL,
    note TEXT, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE others (id TEXT PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;";
const POSTGRESQL: &str = "CREATE TABLE probes (id uuid CONSTRAINT probes_id PRIMARY KEY, role text NOT NULL,
    role_or_none text, fen bigint NOT NULL, fen_or_none bigint, at timestamptz NOT NULL, at_or_none timestamptz,
    other_id uuid, findings text NOT NULL, title text, json text, day date, count bigint, small integer,
    flag boolean NOT NULL, note text, version bigint NOT NULL);
    CREATE TABLE others (id uuid PRIMARY KEY);";

fn stores() -> [TestStore; 2] {
    let stores = both();
    for store in &stores {
        store
            .write(|tx| -> Result<(), StorageError> {
                match tx {
                    Connection::Postgresql(tx) => tx.batch_execute(POSTGRESQL)?,
                    Connection::Sqlite(tx) => tx.batch_execute(SQLITE)?,
                }
                Ok(())
            })
            .unwrap();
    }
    stores
}

fn empty() -> Probe {
    Probe {
        id: Uuid::now_v7(),
        role: Role::Applicant,
        role_or_none: None,
        fen: Money::ZERO,
        fen_or_none: None,
        at: instant("2026-10-08T00:00:00Z"),
        at_or_none: None,
        other_id: None,
        findings: Vec::new(),
        title: None,
        json: None,
        day: None,
        count: None,
        small: None,
        flag: false,
        note: None,
        version: 1,
    }
}

fn full() -> Probe {
    let text = || Text::new("不超过“500”人 '\\", "at most \"500\" people");
    let finding = KeptFinding::from(Finding {
        rule: "enterprise_employees".to_owned(),
        article: "7".to_owned(),
        passed: false,
        expected: text(),
        actual: text(),
        message: Text::new("自己的句子", "a sentence of its own"),
    });
    Probe {
        id: Uuid::max(),
        role: Role::Admin,
        role_or_none: Some(Role::Officer),
        fen: Money::from_fen(i64::MAX),
        fen_or_none: Some(Money::from_fen(i64::MIN)),
        at: instant("9999-12-31T23:59:59.999999Z"),
        at_or_none: Some(instant("0001-01-01T00:00:00.000001Z")),
        other_id: Some(Uuid::nil()),
        findings: vec![finding.clone(), finding],
        title: Some(text()),
        json: Some(serde_json::json!({"b": [1, null, i64::MIN, i64::MAX, "x"], "a": {}})),
        day: NaiveDate::from_ymd_opt(2024, 2, 29),
        count: Some(i64::MIN),
        small: Some(i32::MIN),
        flag: true,
        note: Some("発行 ' \" \\ \n 𠮷".to_owned()),
        version: i64::MAX - 1,
    }
}

#[test]
fn every_type_comes_back_as_it_was_with_and_without_nulls() {
    for store in stores() {
        for probe in [empty(), full()] {
            let inserted = store.write(|tx| Probe::insert(tx, &probe)).unwrap();
            assert_eq!(inserted, probe);
            assert_eq!(store.read(|tx| Probe::find(tx, probe.id)).unwrap().as_ref(), Some(&probe));
        }
    }
}

#[test]
fn a_json_null_is_not_an_absent_value() {
    for store in stores() {
        let probe = Probe { json: Some(serde_json::Value::Null), ..empty() };
        assert_eq!(store.write(|tx| Probe::insert(tx, &probe)).unwrap(), probe);
        let absent = store.read(|tx| -> Result<i64, StorageError> {
            Ok(probes::table.filter(probes::json.is_null()).count().get_result(tx)?)
        });
        assert_eq!(absent.unwrap(), 0);
    }
}

#[test]
fn saving_writes_every_field_to_values_and_back_to_nulls() {
    for store in stores() {
        store
            .write(|tx| -> Result<(), StorageError> {
                let first = Probe::insert(tx, &empty())?;
                let second = Probe::save(tx, &Probe { id: first.id, version: 1, ..full() })?;
                assert_eq!(second.version, 2);
                assert_eq!(Probe::find(tx, first.id)?, Some(second));
                let third = Probe::save(tx, &Probe { id: first.id, version: 2, ..first.clone() })?;
                assert_eq!(Probe::find(tx, first.id)?, Some(Probe { version: 3, ..first }));
                assert_eq!(third.version, 3);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn a_thousand_rows_and_one_go_in_at_once() {
    for store in stores() {
        let rows: Vec<Probe> = (0..1001).map(|count| Probe { count: Some(count), ..empty() }).collect();
        store.write(|tx| Probe::insert_all(tx, &rows)).unwrap();
        store.write(|tx| Probe::insert_all(tx, &[])).unwrap();
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        assert_eq!(store.read(|tx| Probe::find_all(tx, &ids)).unwrap(), rows);
    }
}

fn counts(store: &TestStore, query: probes::BoxedQuery<'_, crate::backend::MultiBackend>) -> Vec<i64> {
    let rows: Vec<Probe> = store
        .read(|tx| -> Result<Vec<Probe>, StorageError> { Ok(query.order(probes::count.asc()).load(tx)?) })
        .unwrap();
    rows.into_iter().filter_map(|row| row.count).collect()
}

#[test]
fn columns_are_compared_to_the_domains_values() {
    for store in stores() {
        let rows = [
            Probe { count: Some(1), role: Role::Expert, at: instant("2026-10-08T00:00:00Z"), ..empty() },
            Probe {
                count: Some(2),
                fen: Money::from_fen(5),
                at: instant("2026-10-08T00:00:00.000001Z"),
                role_or_none: Some(Role::Expert),
                ..empty()
            },
            Probe { count: Some(3), at_or_none: Some(instant("2026-10-09T00:00:00Z")), ..empty() },
        ];
        store.write(|tx| Probe::insert_all(tx, &rows)).unwrap();
        let all = Probe::all;
        assert_eq!(counts(&store, all().filter(probes::role.is(Role::Expert))), [1]);
        assert_eq!(counts(&store, all().filter(probes::role.other_than(Role::Expert))), [2, 3]);
        assert_eq!(counts(&store, all().filter(probes::role_or_none.is(Some(Role::Expert)))), [2]);
        assert_eq!(counts(&store, all().filter(probes::role.among([Role::Expert, Role::Admin]))), [1]);
        assert_eq!(counts(&store, all().filter(probes::role_or_none.among([Some(Role::Expert)]))), [2]);
        assert_eq!(counts(&store, all().filter(probes::id.among(rows[1..].iter().map(|row| row.id)))), [2, 3]);
        assert_eq!(counts(&store, all().filter(probes::id.among(Vec::<Uuid>::new()))), [0_i64; 0]);
        assert_eq!(counts(&store, all().filter(probes::fen.at_least(Money::from_fen(5)))), [2]);
        assert_eq!(counts(&store, all().filter(probes::at.greater(instant("2026-10-08T00:00:00Z")))), [2]);
        assert_eq!(counts(&store, all().filter(probes::at.at_most(instant("2026-10-08T00:00:00Z")))), [1, 3]);
        let noon = instant("2026-10-09T12:00:00Z");
        assert_eq!(counts(&store, all().filter(probes::at_or_none.less(Some(noon)))), [3]);
        assert_eq!(counts(&store, all().filter(probes::at_or_none.is_null())), [1, 2]);
        assert_eq!(counts(&store, all().filter(probes::count.is(Some(2)).or(probes::note.is(Some("x"))))), [2]);
    }
}

#[test]
fn a_sum_of_money_is_exact_none_over_nothing_and_an_error_beyond_64_bits() {
    for store in stores() {
        let sum = || {
            store.read(|tx| -> Result<Option<Money>, StorageError> {
                Ok(probes::table.select(sum_fen(probes::fen)).get_result(tx)?)
            })
        };
        assert_eq!(sum().unwrap(), None);
        let add = |fen| store.write(|tx| Probe::insert(tx, &Probe { fen: Money::from_fen(fen), ..empty() })).unwrap();
        add(i64::MAX - 1);
        add(1);
        assert_eq!(sum().unwrap(), Some(Money::from_fen(i64::MAX)));
        add(1);
        assert!(matches!(sum(), Err(StorageError::Other(_))));
        let groups = store.read(|tx| -> Result<Vec<(Role, Option<Money>, i64)>, StorageError> {
            let by_role = probes::table.group_by(probes::role).filter(probes::fen.is(Money::from_fen(1)));
            Ok(by_role.select((probes::role, sum_fen(probes::fen), diesel::dsl::count_star())).load(tx)?)
        });
        assert_eq!(groups.unwrap(), [(Role::Applicant, Some(Money::from_fen(2)), 2)]);
    }
}

#[test]
fn joins_and_exists_reach_across_tables() {
    for store in stores() {
        let other = Uuid::now_v7();
        let probe = Probe { other_id: Some(other), count: Some(7), ..empty() };
        store
            .write(|tx| -> Result<(), StorageError> {
                diesel::insert_into(others::table).values(others::id.to(other)).execute(tx)?;
                Probe::insert(tx, &probe)?;
                Ok(())
            })
            .unwrap();
        let found = store.read(|tx| -> Result<(Probe, Uuid), StorageError> {
            let joined = probes::table.inner_join(others::table.on(probes::other_id.eq(others::id.nullable())));
            Ok(joined.filter(others::id.is(other)).select((probes::all_columns, others::id)).first(tx)?)
        });
        let related = others::table.filter(others::id.nullable().eq(probes::other_id));
        assert_eq!(counts(&store, Probe::all().filter(diesel::dsl::exists(related))), [7]);
        assert_eq!(found.unwrap(), (probe, other));
    }
}

#[test]
fn an_unknown_code_is_an_error_that_names_it() {
    for store in stores() {
        let probe = empty();
        let read = store.write(|tx| -> Result<Option<Probe>, StorageError> {
            Probe::insert(tx, &probe)?;
            tx.batch_execute("UPDATE probes SET role = 'emperor'")?;
            Probe::find(tx, probe.id)
        });
        let message = read.unwrap_err().to_string();
        assert!(message.contains("`emperor` where a role is due"), "{message}");
    }
}
