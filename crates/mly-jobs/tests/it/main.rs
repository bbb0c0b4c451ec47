//! Jobs through their public interface.

mod assets;
