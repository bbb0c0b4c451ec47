# The command mly:
#
#     docker build -t mly .
#     docker run --rm mly images --demo --bbox 8.98,51.98,9.03,52.01 >town.geojson
#     docker run --rm -e MAPILLARY_TOKEN -v "$PWD":/data mly signs --within city.geojson -o signs.geojson
FROM rust:1.95-slim-bookworm AS build
# Versions of Debian's packages are those of the image, which has the same release.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev make && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN cargo build --profile dist --locked --package mly-cli

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home mly
COPY --from=build /source/target/dist/mly /usr/local/bin/mly
COPY LICENSE-APACHE LICENSE-MIT /usr/local/share/doc/mly/
USER 1000
WORKDIR /data
ENTRYPOINT ["mly"]
