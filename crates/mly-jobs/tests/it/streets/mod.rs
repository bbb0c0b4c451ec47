//! Coverage of streets.

mod brute;
mod input;
mod network;
mod property;
mod quality;
mod scene;
mod scenes;
mod tiles;
mod time;
