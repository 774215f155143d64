//! Notices and objections (Art. 15.5).
