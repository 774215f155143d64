//! Where a part of a search ended: opaque to clients, of use in the same order alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use voucher_domain::refusal::Refusal;
use voucher_storage::catalogue::Place;

use super::Order;

/// The last hit of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The order that was asked for.
    pub order: Order,
    /// Which search of that order it was found by.
    pub stage: usize,
    /// Its place there.
    pub place: Place,
}

impl Cursor {
    /// The cursor as clients get it.
    pub fn written(&self) -> String {
        let order = match self.order {
            Order::Relevance => "r",
            Order::Price => "p",
            Order::Newest => "n",
        };
        let text = format!("{order}.{}.{}.{}", self.stage, self.place.price_fen, self.place.number);
        URL_SAFE_NO_PAD.encode(text)
    }

    /// The cursor that a client sends back.
    ///
    /// # Errors
    /// `validation_failed` for one that no search in this order answered.
    pub fn read(text: &str, order: Order) -> Result<Self, Refusal> {
        Self::parsed(text).filter(|cursor| cursor.order == order).ok_or_else(|| {
            Refusal::field(
                "cursor",
                "cursor",
                "不是此排序方式下有效的分页游标。",
                "is not a cursor that a search in this order answered.",
            )
        })
    }

    fn parsed(text: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = text.split('.');
        let order = match parts.next()? {
            "r" => Order::Relevance,
            "p" => Order::Price,
            "n" => Order::Newest,
            _ => return None,
        };
        let stage = parts.next()?.parse().ok()?;
        let place = Place { price_fen: parts.next()?.parse().ok()?, number: parts.next()?.parse().ok()? };
        parts.next().is_none().then_some(Self { order, stage, place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_in_its_own_order_alone() {
        let cursor = Cursor { order: Order::Price, stage: 0, place: Place { price_fen: 80_000, number: 42 } };
        assert_eq!(Cursor::read(&cursor.written(), Order::Price), Ok(cursor));
        assert!(Cursor::read(&cursor.written(), Order::Newest).is_err());
        for wrong in ["", "x", "cC4w", "not base64 !"] {
            assert!(Cursor::read(wrong, Order::Price).is_err(), "{wrong}");
        }
    }
}
