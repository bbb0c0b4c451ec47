# Plain commands work without just; these only save typing.

default:
    @just --list

# Everything that a change must pass, or one tier: quick, engines, full.
test tier="full":
    scripts/test {{tier}}

# Each fuzz target for a minute.
fuzz seconds="60":
    scripts/fuzz {{seconds}}

# Numbers of docs/benchmarks.md, as ratios against peers in one run.
bench:
    cargo bench -p mly-mvt
    cargo bench -p mly --features __private --bench decode
    cargo bench -p mly --features __private --bench area
    scripts/environment target/venv-bench bench
    target/venv-bench/bin/python bench/near.py
    cargo build --profile dist
    python3 bench/served.py
    python3 bench/served.py --memory
    python3 bench/entities.py
    python3 bench/downloads.py
    python3 bench/country.py --large
    python3 bench/tiles.py target/dist/mly
    python3 bench/tiles.py target/dist/mly 20000000
    scripts/page/install
    python3 bench/map.py
    target/venv-bench/bin/python bench/areas.py
    target/venv-bench/bin/python bench/streets.py
    target/venv-bench/bin/python bench/streets.py --quality
    target/venv-bench/bin/python bench/diff.py
    target/venv-bench/bin/python bench/assets.py
    target/venv-bench/bin/python bench/osm.py target/bench-state
    target/venv-bench/bin/python bench/dataset.py
    scripts/wheels build
    target/venv-bench/bin/pip install -q --no-index --find-links target/wheels mly-mapillary
    target/venv-bench/bin/python bench/python.py

# The documentation, into target/site.
docs:
    scripts/docs

# The main job on the demo world.
demo:
    cargo run -- images --demo --bbox 8.98,51.98,9.03,52.01 -o town.geojson --overwrite

# Versions of the Python packages that scripts and tests use.
lock *options:
    scripts/lock {{options}}
