//! The tables, as the migrations make them on both databases: one file per group of tables.

mod assessment;
mod audit;
mod claims;
mod facility;
mod identity;
mod notification;
mod privacy;
mod programme;
mod supervision;
mod time;

pub use assessment::*;
pub use audit::*;
pub use claims::*;
pub use facility::*;
pub use identity::*;
pub use notification::*;
pub use privacy::*;
pub use programme::*;
pub use supervision::*;
pub use time::*;

// Every table that a query may join to another.
diesel::allow_tables_to_appear_in_same_query!(organizations, users, account_tokens, refresh_tokens, events);
diesel::allow_tables_to_appear_in_same_query!(users, experts);
diesel::allow_tables_to_appear_in_same_query!(judgements, organizations);
diesel::allow_tables_to_appear_in_same_query!(vouchers, organizations);
diesel::allow_tables_to_appear_in_same_query!(vouchers, users);
