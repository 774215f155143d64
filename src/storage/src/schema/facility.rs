//! Facilities: how they join and leave, what they open and sell, and what the public searches.
#![allow(missing_docs, reason = "columns are explained at the row types")]

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};
    use crate::backend::types::{Cipher, Identifier, Moment, Word};

    facilities (id) {
        id -> Identifier,
        status -> Word,
        region -> Word,
        district -> Text,
        nature -> Word,
        is_third_party_testing -> Bool,
        exit_last_day -> Nullable<Date>,
        payee_name -> Nullable<Text>,
        payee_bank -> Nullable<Text>,
        payee_account -> Nullable<Cipher>,
        entered_by -> Nullable<Identifier>,
        created_at -> Moment,
        version -> BigInt,
        notice_id -> Nullable<Identifier>,
        exit_reason -> Nullable<Text>,
        terms -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::backend::types::{Fen, Identifier, Moment};

    instruments (id) {
        id -> Identifier,
        facility_id -> Identifier,
        name -> Text,
        maker -> Text,
        model -> Text,
        category -> Text,
        original_value_fen -> Fen,
        opening_rules -> Text,
        is_offered -> Bool,
        created_at -> Moment,
        version -> BigInt,
        terms -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::backend::types::{Document, Fen, Identifier, Moment, Word};

    services (id) {
        id -> Identifier,
        facility_id -> Identifier,
        name -> Text,
        purpose -> Text,
        field -> Word,
        kind -> Word,
        price_fen -> Fen,
        unit -> Text,
        turnaround_days -> Integer,
        is_statutory_testing -> Bool,
        instrument_ids -> Document,
        is_offered -> Bool,
        created_at -> Moment,
        version -> BigInt,
        compute -> Nullable<Document>,
        terms -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Document, Identifier, Moment, Word};

    facility_applications (id) {
        id -> Identifier,
        facility_id -> Identifier,
        status -> Word,
        conditions -> Document,
        submitted_by -> Identifier,
        submitted_at -> Moment,
        remarks -> Nullable<Text>,
        decided_by -> Nullable<Identifier>,
        decided_at -> Nullable<Moment>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Cipher, Identifier, Moment, Word};

    facility_changes (id) {
        id -> Identifier,
        facility_id -> Identifier,
        status -> Word,
        proposed -> Cipher,
        submitted_by -> Identifier,
        submitted_at -> Moment,
        remarks -> Nullable<Text>,
        decided_by -> Nullable<Identifier>,
        decided_at -> Nullable<Moment>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Date;
    use crate::backend::types::{Identifier, Moment, Word};

    recognition_agreements (id) {
        id -> Identifier,
        region -> Word,
        starts_on -> Date,
        ends_on -> Date,
        entered_by -> Identifier,
        created_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    facilities,
    instruments,
    services,
    facility_applications,
    facility_changes,
    recognition_agreements
);
