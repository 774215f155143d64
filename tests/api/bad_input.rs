//! What is refused before any rule is asked.
