//! What has changed between two results.

mod areas;
mod brute;
mod files;
mod looks;
mod scenes;
mod support;
