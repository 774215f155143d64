//! The domain's types that columns hold: one line each.

use voucher_domain::actor::{OrganizationKind, Role};
use voucher_domain::finding::Finding;
use voucher_domain::text::Text;

use crate::token::TokenPurpose;

// Coded enums, in columns of type `Word`.
coded!(OrganizationKind, Role, TokenPurpose);

// Structs kept as JSON, in columns of type `Document`.
document!(Text);

// Lists, and JSON of any shape, in columns of type `Document`.
document_of_known_type!(Vec<Finding>, serde_json::Value);
