//! What was found of applicants when they claimed.

use diesel::{QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::applicant::Profile;
use voucher_domain::finding::KeptFinding;
use voucher_domain::money::Money;
use voucher_domain::period::Day;

use crate::aggregate::entry;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::schema::judgements;

entry! {
    /// What an applicant stated, and what a policy's rules found in it for a day (Art. 7); never changed.
    /// All vouchers claimed by it refer to it: who claims ten on a day is judged and kept once.
    pub struct Judgement in judgements {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Who was judged.
        pub applicant_id: Uuid,
        /// The version of its statement; none for what was kept before versions were.
        pub profile_version: Option<i64>,
        /// By which edition of which policy (`Policies::edition`); the policy's id alone, for what was kept before
        /// editions were told apart.
        pub edition: String,
        /// For which day.
        pub judged_on: Day,
        /// The applicant's yearly limit on that day (Art. 12); none with `profile_version`.
        pub annual_limit_fen: Option<Money>,
        /// The statement.
        pub profile: Profile,
        /// What the rules found; all of it passed, or no voucher would have been granted.
        pub findings: Vec<KeptFinding>,
    }
}

/// What a judgement says, without the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, diesel::Queryable)]
pub struct Kept {
    /// Its id.
    pub id: Uuid,
    /// Who was judged.
    pub applicant_id: Uuid,
    /// The version of its statement.
    pub profile_version: Option<i64>,
    /// The yearly limit that was found.
    pub annual_limit_fen: Option<Money>,
}

impl Judgement {
    /// What this edition of a policy has found of these applicants for this day, for any statement of theirs.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_day(
        tx: &mut Connection,
        applicant_ids: &[Uuid],
        edition: &str,
        on: Day,
    ) -> Result<Vec<Kept>, StorageError> {
        let columns =
            (judgements::id, judgements::applicant_id, judgements::profile_version, judgements::annual_limit_fen);
        let kept = judgements::table
            .filter(judgements::applicant_id.among(applicant_ids.iter().copied()))
            .filter(judgements::edition.is(edition.to_owned()))
            .filter(judgements::judged_on.is(on))
            .select(columns);
        Ok(kept.load(tx)?)
    }
}
