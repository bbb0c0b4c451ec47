//! Lets a library that Python loads be linked without Python, on every system.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
