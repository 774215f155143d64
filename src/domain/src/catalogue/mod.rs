//! 第五、六、九条: how the catalogue is found and filled: the words of a text, the bands that prices are
//! counted in, and the cells of a table that a facility imports.

mod cells;
mod terms;

pub use cells::{CellFault, amount, count, label, printable, yes_or_no};
pub use terms::{NAME_MARK, Query, query, terms};

use crate::money::Money;

/// The upper ends of the bands that prices are counted in, each included; the last band has none.
/// The store's triggers count by the same.
pub const PRICE_BANDS_FEN: [Money; 3] =
    [Money::from_fen(100_000), Money::from_fen(1_000_000), Money::from_fen(5_000_000)];
