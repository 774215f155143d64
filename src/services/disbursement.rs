//! Payment batches (Art. 15.5).
