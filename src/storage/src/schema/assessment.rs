//! The yearly assessment of facilities.
#![allow(missing_docs, reason = "columns are explained at the row types")]

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text};
    use crate::backend::types::{Document, Fen, Identifier, Moment, Word};

    assessments (id) {
        id -> Identifier,
        year -> Integer,
        title -> Text,
        policy_id -> Text,
        status -> Word,
        submit_by -> Date,
        closes_at -> Moment,
        budget_fen -> Fen,
        criteria -> Document,
        created_by -> Identifier,
        announced_at -> Nullable<Moment>,
        created_at -> Moment,
        version -> BigInt,
        graded_by -> Nullable<Identifier>,
        decided_by -> Nullable<Identifier>,
        decided_at -> Nullable<Moment>,
        visits_draw_id -> Nullable<Identifier>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Document, Fen, Identifier, Moment, Word};

    assessment_submissions (id) {
        id -> Identifier,
        assessment_id -> Identifier,
        facility_id -> Identifier,
        status -> Word,
        statement -> Text,
        figures -> Nullable<Document>,
        submitted_by -> Nullable<Identifier>,
        submitted_at -> Nullable<Moment>,
        created_at -> Moment,
        version -> BigInt,
        visit -> Nullable<Document>,
        award -> Nullable<Document>,
        subsidy_fen -> Nullable<Fen>,
        notice_id -> Nullable<Identifier>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Text};
    use crate::backend::types::{Document, Identifier, Moment};

    fund_statements (id) {
        id -> Identifier,
        facility_id -> Identifier,
        year -> Integer,
        policy_id -> Text,
        stated -> Document,
        stated_by -> Identifier,
        stated_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Document, Identifier, Moment, Word};

    assessment_reviews (id) {
        id -> Identifier,
        submission_id -> Identifier,
        expert_id -> Identifier,
        status -> Word,
        given -> Nullable<Document>,
        recusal_reason -> Nullable<Text>,
        assigned_at -> Moment,
        submitted_at -> Nullable<Moment>,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(assessments, assessment_submissions, assessment_reviews, fund_statements);
