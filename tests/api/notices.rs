//! Publishing, objecting, resolving (Art. 15.5).
