//! What was found of applicants when they claimed.

use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::applicant::Profile;
use voucher_domain::finding::KeptFinding;
use voucher_domain::money::Money;
use voucher_domain::period::Day;

use crate::aggregate::entry;
use crate::applicant;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::schema::{judgements, profiles};

entry! {
    /// What an applicant stated, and what a policy's rules found in it on a day (Art. 7); never changed.
    /// All vouchers claimed by it refer to it: who claims ten on a day is judged and kept once.
    pub struct Judgement in judgements {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Who was judged.
        pub applicant_id: Uuid,
        /// The version of its statement; none for what was kept before versions were.
        pub profile_version: Option<i64>,
        /// By which policy.
        pub policy_id: String,
        /// On which day.
        pub judged_on: Day,
        /// The applicant's yearly limit on that day (Art. 12); none with `profile_version`.
        pub annual_limit_fen: Option<Money>,
        /// The statement.
        pub profile: Profile,
        /// What the rules found; all of it passed, or no voucher would have been granted.
        pub findings: Vec<KeptFinding>,
    }
}

/// An applicant's statement, and by what it was judged already.
#[derive(Debug, Clone, PartialEq, diesel::Queryable)]
pub struct Stated {
    /// The statement as it is now.
    pub statement: applicant::Profile,
    /// The judgement of this version of it.
    pub judgement_id: Option<Uuid>,
    /// The yearly limit that was found.
    pub annual_limit_fen: Option<Money>,
}

impl Judgement {
    /// What these applicants state, and what this policy has found in it on this day; whoever has stated
    /// nothing is left out.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_statements(
        tx: &mut Connection,
        applicant_ids: &[Uuid],
        policy_id: &str,
        on: Day,
    ) -> Result<Vec<Stated>, StorageError> {
        let of_this_version = judgements::applicant_id
            .eq(profiles::id)
            .and(judgements::profile_version.eq(profiles::version.nullable()))
            .and(judgements::policy_id.is(policy_id.to_owned()))
            .and(judgements::judged_on.is(on));
        let stated = profiles::table
            .left_join(judgements::table.on(of_this_version))
            .filter(profiles::id.among(applicant_ids.iter().copied()))
            .select((profiles::all_columns, judgements::id.nullable(), judgements::annual_limit_fen.nullable()));
        Ok(stated.load(tx)?)
    }
}
