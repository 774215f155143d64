//! What the rules find in an applicant (Art. 7, 12).
