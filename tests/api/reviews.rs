//! Panels, reviews, inquiries, conclusions (Art. 15.4).
