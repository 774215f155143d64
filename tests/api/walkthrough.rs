//! One voucher from claim to payment.
