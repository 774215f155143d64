//! Every route, called by everybody.
