//! Who claims is judged once for all that is claimed on a day by the same statement (Art. 7).

use std::collections::HashMap;

use uuid::Uuid;
use voucher_domain::finding::{Finding, KeptFinding};
use voucher_domain::money::Money;
use voucher_domain::period::Day;
use voucher_domain::policy::Policy;
use voucher_storage::applicant::Profile;
use voucher_storage::judgement::Judgement;

use crate::services::{Call, Outcome, applicant};

/// What the rules found of an applicant.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The judgement that its vouchers refer to.
    pub id: Uuid,
    /// What was found; nothing where it is kept already, for then all of it passed.
    pub findings: Vec<Finding>,
    /// The yearly limit (Art. 12).
    pub annual_limit_fen: Money,
    /// What is to be kept with the first voucher that is granted by it.
    pub new: Option<Judgement>,
}

impl Judged {
    /// Judges each applicant by its statement, unless it was judged by it before on this day.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of_each(
        call: &mut Call<'_>,
        policy: &Policy,
        applicant_ids: &[Uuid],
        on: Day,
    ) -> Outcome<HashMap<Uuid, Self>> {
        // Two lookups by ids, each always by its index: of one join PostgreSQL made a scan of the whole table.
        let kept = Judgement::of_day(call.tx, applicant_ids, &policy.id, on)?;
        let kept: HashMap<(Uuid, Option<i64>), _> =
            kept.into_iter().map(|kept| ((kept.applicant_id, kept.profile_version), kept)).collect();
        let mut judged = HashMap::with_capacity(applicant_ids.len());
        for row in Profile::find_all(call.tx, applicant_ids)? {
            let kept = kept.get(&(row.id, Some(row.version)));
            let found = match kept.and_then(|kept| Some((kept.id, kept.annual_limit_fen?))) {
                Some((id, annual_limit_fen)) => Self { id, findings: Vec::new(), annual_limit_fen, new: None },
                None => Self::by_statement(call, policy, row.id, Some(&row), on),
            };
            judged.insert(row.id, found);
        }
        for id in applicant_ids {
            judged.entry(*id).or_insert_with(|| Self::by_statement(call, policy, *id, None, on));
        }
        Ok(judged)
    }

    fn by_statement(call: &Call<'_>, policy: &Policy, applicant_id: Uuid, row: Option<&Profile>, on: Day) -> Self {
        let stated = row.and_then(|row| row.document.as_ref());
        let (findings, annual_limit_fen) = applicant::judge(policy, stated, on);
        let id = call.new_id();
        let new = row.zip(stated).map(|(row, stated)| Judgement {
            id,
            applicant_id,
            profile_version: Some(row.version),
            policy_id: policy.id.clone(),
            judged_on: on,
            annual_limit_fen: Some(annual_limit_fen),
            profile: stated.clone(),
            findings: findings.iter().cloned().map(KeptFinding::from).collect(),
        });
        Self { id, findings, annual_limit_fen, new }
    }
}
