//! Uploads, and who may read them.
