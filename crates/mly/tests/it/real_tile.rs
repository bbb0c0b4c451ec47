//! A real tile of the service.

use std::path::Path;

use mly::{Area, Layer, Query, TileId};
use mly_emulator::{Emulator, World};

use crate::support::truth;
use crate::support::{features, options};

const FILE: &str = "../../fixtures/tiles/mly1_public-14-8574-5735.mvt";

#[tokio::test]
async fn it_has_3012_images_and_51_sequences_as_another_decoder_reads_them() {
    let bytes = std::fs::read(FILE).unwrap();
    let tile = TileId::new(14, 8574, 5735).unwrap();
    let emulator = Emulator::start(World::open(Path::new(FILE)).unwrap()).unwrap();
    let images = features(options(&emulator), &Query::images(Area::tile(tile))).await.unwrap();
    assert_eq!(images.len(), 3012);
    truth::assert_same_points(images, truth::features(&bytes, tile, "image"));

    let query = Query::sequences(Area::tile(tile)).with_cut(true);
    let mut sequences = features(options(&emulator), &query).await.unwrap();
    // The layer of sequences leaves out those with one image in the tile.
    assert_eq!(sequences.len(), 66);
    let want = truth::features(&bytes, tile, "sequence");
    sequences.retain(|got| want.iter().any(|want| want["properties"]["id"] == got["properties"]["id"]));
    assert_eq!(sequences.len(), 51);
    for (got, want) in sequences.iter().zip(&want) {
        assert_eq!(got["properties"], want["properties"]);
        let (got, want) = (truth::lines(got), truth::lines(want));
        assert_eq!(
            got.iter().map(Vec::len).collect::<Vec<_>>(),
            want.iter().map(Vec::len).collect::<Vec<_>>()
        );
        for (a, b) in got.concat().iter().zip(want.concat()) {
            assert!((a[0] - b[0]).abs() < 1e-12 && (a[1] - b[1]).abs() < 1e-12, "{a:?} {b:?}");
        }
    }
}

#[tokio::test]
async fn a_tile_without_the_layer_has_no_rows() {
    let tile = TileId::new(14, 8574, 5735).unwrap();
    let emulator = Emulator::start(World::open(Path::new(FILE)).unwrap()).unwrap();
    for layer in [Layer::Points, Layer::Signs] {
        // The service answers with a tile whose only layer is `water`.
        let none = features(options(&emulator), &Query::new(layer, Area::tile(tile))).await.unwrap();
        assert!(none.is_empty());
    }
}
