//! Registering, amending, completing and terminating a contract (Art. 12, 15.2).
