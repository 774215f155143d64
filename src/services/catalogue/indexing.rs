//! Writes the words of what was entered before there was an index of words.

use voucher_domain::catalogue;
use voucher_storage::facility::{Facility, Instrument, Service};
use voucher_storage::organization::Organization;

use crate::services::{Outcome, Program};

const BATCH: u32 = 200;

/// Writes the words that are missing; how many things got theirs. What is entered now has them at once.
///
/// # Errors
/// When the store fails; what was written before stays so.
pub fn index(program: &Program) -> Outcome<usize> {
    let mut done: usize = 0;
    loop {
        let count = index_batch(program)?;
        done = done.saturating_add(count);
        if count == 0 {
            return Ok(done);
        }
    }
}

fn index_batch(program: &Program) -> Outcome<usize> {
    program.transact(|call| {
        let mut done: usize = 0;
        for row in Service::without_terms(call.tx, BATCH)? {
            let model = row.compute.as_ref().map_or("", |compute| compute.model.as_str());
            let terms = Some(catalogue::terms(&row.name, [row.purpose.as_str(), model]));
            Service::save(call.tx, &Service { terms, ..row.clone() })?;
            done = done.saturating_add(1);
        }
        for row in Instrument::without_terms(call.tx, BATCH)? {
            let others = [row.maker.as_str(), row.model.as_str(), row.category.as_str()];
            let terms = Some(catalogue::terms(&row.name, others));
            Instrument::save(call.tx, &Instrument { terms, ..row.clone() })?;
            done = done.saturating_add(1);
        }
        for row in Facility::without_terms(call.tx, BATCH)? {
            let name = Organization::find(call.tx, row.id)?.map(|organization| organization.name).unwrap_or_default();
            let terms = Some(catalogue::terms(&name, [row.district.as_str()]));
            Facility::save(call.tx, &Facility { terms, ..row.clone() })?;
            done = done.saturating_add(1);
        }
        Ok(done)
    })
}
