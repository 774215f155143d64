//! What was found of applicants when they claimed.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    RunQueryDsl,
};
use uuid::Uuid;
use voucher_domain::applicant::Profile;
use voucher_domain::finding::Finding;
use voucher_domain::money::Money;
use voucher_domain::period::Day;

use crate::aggregate::entry;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::schema::{judgements, profiles, vouchers};

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
        pub findings: Vec<Finding>,
    }
}

/// What is known of an applicant before it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, diesel::Queryable)]
pub struct Known {
    /// The applicant.
    pub applicant_id: Uuid,
    /// The version of its statement.
    pub profile_version: i64,
    /// The judgement kept of this very statement, policy and day.
    pub judgement_id: Option<Uuid>,
    /// The yearly limit it found.
    pub annual_limit_fen: Option<Money>,
}

impl Judgement {
    /// The statements of these applicants by their versions, with what was already found in them by this
    /// policy on this day.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn known(
        tx: &mut Connection,
        applicant_ids: &[Uuid],
        policy_id: &str,
        on: Day,
    ) -> Result<Vec<Known>, StorageError> {
        let of_the_statement = judgements::applicant_id
            .eq(profiles::id)
            .and(judgements::profile_version.eq(profiles::version.nullable()))
            .and(judgements::policy_id.is(policy_id.to_owned()))
            .and(judgements::judged_on.is(on));
        let columns =
            (profiles::id, profiles::version, judgements::id.nullable(), judgements::annual_limit_fen.nullable());
        let rows = profiles::table
            .left_join(judgements::table.on(of_the_statement))
            .filter(profiles::id.among(applicant_ids.iter().copied()))
            .select(columns);
        Ok(rows.load(tx)?)
    }

    /// A voucher whose judgement is not there, if there is one.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn missing(tx: &mut Connection) -> Result<Option<Uuid>, StorageError> {
        let vouchers = vouchers::table
            .left_join(judgements::table.on(judgements::id.eq(vouchers::judgement_id)))
            .filter(judgements::id.nullable().is_null())
            .select(vouchers::id);
        Ok(vouchers.first(tx).optional()?)
    }
}
