//! Where reviews stand: what an officer has to do next about each (Art. 15.4).

use uuid::Uuid;
use voucher_domain::review::{self as rules, ConclusionFacts, Opinion};
use voucher_domain::worklist::{TaskKind, next_of_review};
use voucher_storage::redemption::Redemption;
use voucher_storage::review::{Inquiry, Panel, Review};

use super::panel::size_of;
use super::views::{decisive, inquiry_status};
use crate::services::{Call, Outcome};

/// What an officer has to do next about each of these redemptions in review, in their order; nothing
/// where experts are asked.
///
/// # Errors
/// When the store fails.
pub fn next_tasks(call: &mut Call<'_>, rows: &[Redemption]) -> Outcome<Vec<Option<TaskKind>>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let reviews = Review::of_redemptions(call.tx, &ids)?;
    let panels = Panel::of_redemptions(call.tx, &ids)?;
    let inquiries = Inquiry::of_redemptions(call.tx, &ids)?;
    let mut next = Vec::with_capacity(rows.len());
    for row in rows {
        let theirs: Vec<Opinion> =
            reviews.iter().filter(|review| review.redemption_id == row.id).map(decisive).collect();
        let held: Vec<rules::Inquiry> = inquiries
            .iter()
            .filter(|inquiry| inquiry.redemption_id == row.id)
            .map(|inquiry| rules::Inquiry { status: inquiry_status(inquiry), outcome: inquiry.outcome })
            .collect();
        let panel_size = size_of(call, row, panels.iter().filter(|panel| panel.redemption_id == row.id))?;
        next.push(next_of_review(&ConclusionFacts { reviews: &theirs, panel_size, inquiries: &held }));
    }
    Ok(next)
}
