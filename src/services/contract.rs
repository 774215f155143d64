//! Contracts registered with vouchers (Art. 12, 15.2).
