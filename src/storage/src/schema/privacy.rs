//! What keeps personal details, and what people want corrected of them.
#![allow(missing_docs, reason = "columns are explained at the row types")]

diesel::table! {
    use diesel::sql_types::Text;
    use crate::backend::types::Moment;

    privacy_keys (id) {
        id -> Text,
        fingerprint -> Text,
        first_used_at -> Moment,
    }
}

diesel::table! {
    use crate::backend::types::Word;

    unsealed_places (place) {
        place -> Word,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Cipher, Identifier, Moment, Word};

    corrections (id) {
        id -> Identifier,
        user_id -> Identifier,
        field -> Word,
        proposed -> Cipher,
        grounds -> Text,
        status -> Word,
        remarks -> Nullable<Text>,
        decided_by -> Nullable<Identifier>,
        decided_at -> Nullable<Moment>,
        created_at -> Moment,
        version -> BigInt,
    }
}
