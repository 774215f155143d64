//! 第十四条(四): 实地核查: a share of the facilities is visited, and above all those in doubt.

use uuid::Uuid;

use crate::money::BasisPoints;
use crate::refusal::Refusal;

/// How many of so many are visited at random: the share, rounded up, so that a share is never nobody.
pub fn visits_at_random(submissions: usize, share: BasisPoints) -> usize {
    submissions.saturating_mul(usize::from(share.bps())).div_ceil(10_000)
}

/// Who is to be visited: all that are in doubt, and those that were drawn, each once, in the order of
/// their ids.
pub fn to_visit(doubtful: &[Uuid], drawn: &[Uuid]) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = doubtful.iter().chain(drawn).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Art. 14.4: grades are proposed once every visit that is called for has an outcome.
///
/// # Errors
/// `invalid_state`, saying how many are missing.
pub fn require_visited(called_for: &[Uuid], visited: &[Uuid]) -> Result<(), Refusal> {
    let missing = called_for.iter().filter(|id| !visited.contains(id)).count();
    if missing == 0 {
        return Ok(());
    }
    Err(Refusal::invalid_state(
        format!("还有 {missing} 家应实地核查的开放单位未记录核查结果,记录后方可评定等次。"),
        format!("{missing} facilities are to be visited and have no outcome yet; grades can be given after that."),
    )
    .article("14"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_up_and_those_in_doubt_come_on_top() {
        let ten = BasisPoints::new(1_000).unwrap();
        assert_eq!([0, 1, 10, 11, 20].map(|count| visits_at_random(count, ten)), [0, 1, 1, 2, 2]);
        assert_eq!(visits_at_random(7, BasisPoints::new(10_000).unwrap()), 7);
        let id = Uuid::from_u128;
        assert_eq!(to_visit(&[id(3), id(1)], &[id(2), id(3)]), [id(1), id(2), id(3)]);
        assert!(require_visited(&[id(1), id(2)], &[id(2), id(1), id(9)]).is_ok());
        let refusal = require_visited(&[id(1), id(2)], &[id(2)]).unwrap_err();
        assert!(refusal.message.en.starts_with("1 facilities"), "{}", refusal.message.en);
    }
}
