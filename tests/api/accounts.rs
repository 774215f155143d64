//! Registering, logging in, inviting.
