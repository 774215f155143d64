//! Who claims is judged once for all that is claimed on a day by the same statement (Art. 7).

use std::collections::HashMap;

use uuid::Uuid;
use voucher_domain::finding::{Finding, KeptFinding, all_passed};
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
    /// What was found; nothing once it is kept, for then all of it passed.
    pub findings: Vec<Finding>,
    /// The yearly limit (Art. 12).
    pub annual_limit_fen: Money,
    /// What is to be kept, but for the findings.
    new: Option<Judgement>,
}

impl Judged {
    /// Judges each applicant by its statement, unless it was judged by it before for this day. Whoever is to keep what
    /// is found holds the applicants' locks: so nobody keeps it meanwhile.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of_each(
        call: &mut Call<'_>,
        policy: &Policy,
        applicant_ids: &[Uuid],
        on: Day,
    ) -> Outcome<HashMap<Uuid, Self>> {
        let edition = call.edition(policy)?;
        // Two lookups by ids, each always by its index: of one join PostgreSQL made a scan of the whole table.
        let kept = Judgement::of_day(call.tx, applicant_ids, &edition, on)?;
        let kept: HashMap<(Uuid, Option<i64>), _> =
            kept.into_iter().map(|kept| ((kept.applicant_id, kept.profile_version), kept)).collect();
        let mut judged = HashMap::with_capacity(applicant_ids.len());
        for (id, version) in Profile::versions(call.tx, applicant_ids)? {
            let kept = kept.get(&(id, Some(version)));
            if let Some((kept_as, annual_limit_fen)) = kept.and_then(|kept| Some((kept.id, kept.annual_limit_fen?))) {
                judged.insert(id, Self { id: kept_as, findings: Vec::new(), annual_limit_fen, new: None });
            }
        }
        // Of the others alone the statements are read.
        let others: Vec<Uuid> = applicant_ids.iter().copied().filter(|id| !judged.contains_key(id)).collect();
        if !others.is_empty() {
            for row in Profile::find_all(call.tx, &others)? {
                judged.insert(row.id, Self::by_statement(call, policy, &edition, row.id, Some(row), on));
            }
        }
        for id in others {
            judged.entry(id).or_insert_with(|| Self::by_statement(call, policy, &edition, id, None, on));
        }
        Ok(judged)
    }

    fn by_statement(
        call: &Call<'_>,
        policy: &Policy,
        edition: &str,
        applicant_id: Uuid,
        row: Option<Profile>,
        on: Day,
    ) -> Self {
        let stated = row.and_then(|row| Some((row.version, row.document?)));
        let (findings, annual_limit_fen) = applicant::judge(policy, stated.as_ref().map(|(_, profile)| profile), on);
        let id = call.new_id();
        let new = stated.map(|(version, profile)| Judgement {
            id,
            applicant_id,
            profile_version: Some(version),
            edition: edition.to_owned(),
            judged_on: on,
            annual_limit_fen: Some(annual_limit_fen),
            profile,
            findings: Vec::new(),
        });
        Self { id, findings, annual_limit_fen, new }
    }

    /// What is to be kept with the first voucher that is granted by it; nothing where it is kept already, nor where a
    /// condition is not met: what is kept stands for a day as all of it met.
    pub fn keep(&mut self) -> Option<Judgement> {
        if !all_passed(&self.findings) {
            return None;
        }
        let new = self.new.take()?;
        let findings = std::mem::take(&mut self.findings).into_iter().map(KeptFinding::from).collect();
        Some(Judgement { findings, ..new })
    }
}
