//! Pages of a list, newest first, by the id of the last row seen.

use uuid::Uuid;

/// One page of a list. Rows that arrive while somebody leafs through never shift or repeat others,
/// because the next page starts after an id, not after a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Where the next page starts: ask for rows before this id. `None` on the last page.
    pub next: Option<Uuid>,
}

impl<T> Page<T> {
    /// A page of at most `limit` rows, from a query that asked for one row more: the extra row says
    /// that there is a next page, and is left out.
    pub fn cut(mut items: Vec<T>, limit: u16, id: impl Fn(&T) -> Uuid) -> Self {
        let limit = usize::from(limit);
        let next = match items.len() > limit {
            true => items.get(limit.saturating_sub(1)).map(id),
            false => None,
        };
        items.truncate(limit);
        Self { items, next }
    }

    /// The same page of other things.
    pub fn map<U>(self, to: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(to).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: u128) -> Vec<Uuid> {
        (1..=count).rev().map(Uuid::from_u128).collect()
    }

    #[test]
    fn a_full_page_without_a_further_row_is_the_last() {
        assert_eq!(Page::cut(ids(2), 2, |id| *id), Page { items: ids(2), next: None });
        assert_eq!(Page::cut(ids(0), 2, |id| *id).next, None);
    }

    #[test]
    fn one_row_more_is_cut_off_and_starts_the_next_page() {
        let page = Page::cut(ids(3), 2, |id| *id);
        assert_eq!(page.items, vec![Uuid::from_u128(3), Uuid::from_u128(2)]);
        assert_eq!(page.next, Some(Uuid::from_u128(2)));
    }
}
