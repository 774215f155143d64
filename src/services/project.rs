//! Projects proposed to facilities (Art. 15.2).
