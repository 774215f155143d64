//! Facilities, projects and contracts, as most tests need them.
