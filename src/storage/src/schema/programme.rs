//! The programme: cycles, vouchers, contracts, redemptions, payments.
#![allow(missing_docs, reason = "columns are explained at the row types")]

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable};
    use crate::backend::types::{Document, Identifier, Moment};

    profiles (id) {
        id -> Identifier,
        document -> Nullable<Document>,
        updated_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Document, Identifier};

    experts (id) {
        id -> Identifier,
        employer_name -> Nullable<Text>,
        employer_uscc -> Nullable<Text>,
        fields -> Document,
        ties -> Document,
        version -> BigInt,
        earlier_work -> Document,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::backend::types::{Fen, Identifier, Moment, Word};

    cycles (id) {
        id -> Identifier,
        name -> Text,
        policy_id -> Text,
        status -> Word,
        budget_fen -> Fen,
        opens_at -> Moment,
        closes_at -> Moment,
        available_fen -> Fen,
        held_fen -> Fen,
        committed_fen -> Fen,
        payable_fen -> Fen,
        paid_fen -> Fen,
        lapsed_fen -> Fen,
        recovered_fen -> Fen,
        created_by -> Identifier,
        created_at -> Moment,
        version -> BigInt,
        kind -> Word,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable};
    use crate::backend::types::{Fen, Identifier, Moment, Word};

    ledger_entries (id) {
        id -> Identifier,
        cycle_id -> Identifier,
        cycle_version -> BigInt,
        from_account -> Word,
        to_account -> Word,
        amount_fen -> Fen,
        cause -> Word,
        subject_id -> Identifier,
        voucher_id -> Nullable<Identifier>,
        occurred_at -> Moment,
        request_id -> Identifier,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text};
    use crate::backend::types::{Document, Fen, Identifier, Moment, Word};

    vouchers (id) {
        id -> Identifier,
        number -> Text,
        cycle_id -> Identifier,
        applicant_id -> Identifier,
        status -> Word,
        void_cause -> Nullable<Word>,
        amount_fen -> Fen,
        counted_fen -> Fen,
        claim_year -> Integer,
        claimed_at -> Moment,
        register_by -> Document,
        registered_on -> Nullable<Date>,
        valid_until -> Nullable<Document>,
        contract_id -> Nullable<Identifier>,
        lapses_at -> Nullable<Moment>,
        version -> BigInt,
        judgement_id -> Identifier,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::backend::types::{Document, Fen, Identifier, Moment, Word};

    projects (id) {
        id -> Identifier,
        applicant_id -> Identifier,
        facility_id -> Identifier,
        status -> Word,
        title -> Text,
        research -> Text,
        kind -> Word,
        service_ids -> Document,
        voucher_ids -> Document,
        planned_amount_fen -> Fen,
        is_statutory_testing -> Bool,
        has_municipal_funding -> Bool,
        remarks -> Text,
        submitted_at -> Nullable<Moment>,
        decided_at -> Nullable<Moment>,
        created_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::backend::types::{Document, Fen, Identifier, Moment, Word};

    contracts (id) {
        id -> Identifier,
        project_id -> Identifier,
        applicant_id -> Identifier,
        facility_id -> Identifier,
        policy_id -> Text,
        status -> Word,
        number -> Text,
        signed_on -> Date,
        starts_on -> Date,
        ends_on -> Date,
        amount_fen -> Fen,
        completed_on -> Nullable<Date>,
        actual_amount_fen -> Nullable<Fen>,
        termination_reason -> Nullable<Text>,
        valid_until -> Document,
        redeem_by -> Document,
        registered_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Identifier, Moment};

    files (id) {
        id -> Identifier,
        uploaded_by -> Identifier,
        organization_id -> Nullable<Identifier>,
        name -> Text,
        content_type -> Text,
        bytes -> BigInt,
        sha256 -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use crate::backend::types::{Identifier, Word};

    attachments (file_id, subject_kind, subject_id) {
        file_id -> Identifier,
        subject_kind -> Word,
        subject_id -> Identifier,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::backend::types::{Document, Fen, Identifier, Moment, Word};

    redemptions (id) {
        id -> Identifier,
        contract_id -> Identifier,
        applicant_id -> Identifier,
        facility_id -> Identifier,
        policy_id -> Text,
        status -> Word,
        actual_amount_fen -> Fen,
        claimable_fen -> Fen,
        remarks -> Text,
        submitted_at -> Nullable<Moment>,
        correct_by -> Nullable<Document>,
        officer_remarks -> Text,
        applicant_agrees -> Nullable<Bool>,
        applicant_rating -> Nullable<Integer>,
        applicant_remarks -> Nullable<Text>,
        confirmed_by -> Nullable<Identifier>,
        concluded_decision -> Nullable<Word>,
        concluded_fen -> Nullable<Fen>,
        concluded_opinion -> Nullable<Text>,
        concluded_by -> Nullable<Identifier>,
        approved_fen -> Nullable<Fen>,
        approved_by -> Nullable<Identifier>,
        approved_opinion -> Nullable<Text>,
        approved_at -> Nullable<Moment>,
        notice_id -> Nullable<Identifier>,
        created_at -> Moment,
        version -> BigInt,
        flags -> Nullable<Document>,
    }
}

diesel::table! {
    use crate::backend::types::{Fen, Identifier};

    allotments (redemption_id, voucher_id) {
        redemption_id -> Identifier,
        voucher_id -> Identifier,
        cycle_id -> Identifier,
        payable_fen -> Fen,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Date, Nullable, Text};
    use crate::backend::types::{Fen, Identifier};

    invoices (id) {
        id -> Identifier,
        redemption_id -> Identifier,
        code -> Text,
        number -> Text,
        amount_fen -> Fen,
        is_claimed -> Bool,
        issued_on -> Nullable<Date>,
    }
}

diesel::table! {
    use crate::backend::types::{Identifier, Word};

    evidence (id) {
        id -> Identifier,
        redemption_id -> Identifier,
        kind -> Word,
        file_id -> Identifier,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use crate::backend::types::{Document, Identifier, Moment};

    panels (id) {
        id -> Identifier,
        redemption_id -> Identifier,
        seed -> Text,
        size -> Integer,
        candidate_ids -> Document,
        drawn_ids -> Document,
        excluded -> Document,
        drawn_by -> Identifier,
        drawn_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::backend::types::{Document, Fen, Identifier, Moment, Word};

    reviews (id) {
        id -> Identifier,
        redemption_id -> Identifier,
        expert_id -> Identifier,
        status -> Word,
        scores -> Nullable<Document>,
        recommendation -> Nullable<Word>,
        amount_fen -> Nullable<Fen>,
        is_doubtful -> Nullable<Bool>,
        opinion -> Nullable<Text>,
        recusal_reason -> Nullable<Text>,
        assigned_at -> Moment,
        submitted_at -> Nullable<Moment>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Document, Identifier, Moment, Word};

    inquiries (id) {
        id -> Identifier,
        redemption_id -> Identifier,
        kind -> Word,
        scheduled_at -> Moment,
        outcome -> Nullable<Word>,
        record -> Nullable<Text>,
        recorded_by -> Nullable<Identifier>,
        created_at -> Moment,
        version -> BigInt,
        place -> Nullable<Text>,
        attendees -> Document,
    }
}

diesel::table! {
    use crate::backend::types::{Document, Identifier, Moment, Word};

    notices (id) {
        id -> Identifier,
        kind -> Word,
        published_at -> Moment,
        deadline -> Document,
        expires_at -> Moment,
        published_by -> Identifier,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::backend::types::{Document, Identifier, Word};

    notice_items (id) {
        id -> Identifier,
        notice_id -> Identifier,
        subject_id -> Identifier,
        status -> Word,
        public_facts -> Document,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Cipher, Fen, Identifier, Moment, Word};

    objections (id) {
        id -> Identifier,
        notice_id -> Identifier,
        item_id -> Identifier,
        status -> Word,
        name -> Cipher,
        contact -> Cipher,
        grounds -> Text,
        amount_fen -> Nullable<Fen>,
        reasons -> Nullable<Text>,
        resolved_by -> Nullable<Identifier>,
        resolved_at -> Nullable<Moment>,
        created_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Fen, Identifier, Moment, Word};

    disbursements (id) {
        id -> Identifier,
        title -> Text,
        status -> Word,
        quarter -> Text,
        total_fen -> Fen,
        prepared_by -> Identifier,
        approved_by -> Nullable<Identifier>,
        approved_at -> Nullable<Moment>,
        created_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Cipher, Fen, Identifier, Moment, Word};

    disbursement_lines (id) {
        id -> Identifier,
        disbursement_id -> Identifier,
        redemption_id -> Nullable<Identifier>,
        facility_id -> Identifier,
        payee_name -> Text,
        payee_bank -> Nullable<Text>,
        payee_account -> Nullable<Cipher>,
        amount_fen -> Fen,
        status -> Word,
        reference -> Nullable<Text>,
        reason -> Nullable<Text>,
        settled_at -> Nullable<Moment>,
        version -> BigInt,
        submission_id -> Nullable<Identifier>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    profiles,
    experts,
    cycles,
    ledger_entries,
    vouchers,
    projects,
    contracts,
    files,
    attachments,
    redemptions,
    allotments,
    invoices,
    evidence,
    panels,
    reviews,
    inquiries,
    notices,
    notice_items,
    objections,
    disbursements,
    disbursement_lines
);
