"""What scripts/wheel-contents takes for a trace of the machine that built a wheel."""

import importlib.machinery
import importlib.util

from pages import ROOT


def contents():
    path = str(ROOT / "scripts/wheel-contents")
    loader = importlib.machinery.SourceFileLoader("wheel_contents", path)
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("wheel_contents", loader)
    )
    loader.exec_module(module)
    return module


def test_places_of_sources_on_a_machine_are_found():
    traces = contents().traces
    for place in (
        "/home/somebody/mly/crates/mly/src/lib.rs",
        "/opt/cargo/registry/src/index/serde-1.0.0/src/lib.rs",
        "D:\\a\\mly\\src\\main.rs",
        "/usr/lib/zig/compiler_rt.c",
    ):
        # Texts of a program follow each other without a gap.
        assert traces(f"crates/a-1.0/src/lib.rs{place} is damaged".encode()) == [place]


def test_places_that_are_on_every_machine_are_none():
    program = (
        b"crates/serde-1.0.0/src/lib.rscrates/mly/src/client.rsmly/src/lib.rspython/src/plan.rs"
        b"/rustc/0123abc/library/core/src/panicking.rs/rust/deps/gimli-0.32.3/src/read/line.rs"
        b"https://graph.mapillary.com/images/page.html /etc/ssl/certs/ca-certificates.crt"
    )
    assert contents().traces(program) == []
