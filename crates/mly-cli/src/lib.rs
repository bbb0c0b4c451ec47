//! The mly command
