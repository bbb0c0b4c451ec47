//! Vector tiles: a zero-copy reader and a writer for MVT 1 and 2
