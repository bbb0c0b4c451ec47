//! How large an area is.

use std::f64::consts::TAU;

use crate::query::area::Area;
use crate::query::circle::Circle;
use crate::query::shape::{Buffered, Drawing, Shape};
use crate::tile::Bbox;

/// The radius of the sphere with the surface of the earth, in kilometres.
const RADIUS_KM: f64 = 6_371.007_2;

impl Area {
    /// Its surface in square kilometres, on a sphere with the surface of the earth: right within 1 %. Polygons that
    /// overlap count twice, and so do buffers; lines and points alone have none.
    pub fn square_km(&self) -> f64 {
        let share = match &self.0 {
            Shape::Boxes(boxes) => boxes.iter().map(of_box).sum(),
            Shape::Tile(tile) => of_box(&tile.bbox()),
            Shape::Circle(circle) => TAU * (1.0 - (circle.radius_m / (RADIUS_KM * 1000.0)).cos()),
            Shape::Drawn(drawing) => of_drawing(drawing),
            Shape::Buffered(Buffered { drawing, buffer_m }) => of_buffer(drawing, *buffer_m),
        };
        share * RADIUS_KM * RADIUS_KM
    }
}

fn of_drawing(drawing: &Drawing) -> f64 {
    drawing.polygons.iter().map(|rings| of_polygon(rings)).sum()
}

/// The surface of the polygons, of a strip along each line and border, and of a circle around each point and end of a line.
/// Strips that overlap count twice.
fn of_buffer(drawing: &Drawing, buffer_m: f64) -> f64 {
    let radians = buffer_m / (RADIUS_KM * 1000.0);
    let circle = TAU * (1.0 - radians.cos());
    let length = |line: &Vec<[f64; 2]>| -> f64 {
        let edge = |ends: &[[f64; 2]]| {
            let from = Circle { lon: ends[0][0], lat: ends[0][1], radius_m: 0.0 };
            from.distance_m(ends[1][0], ends[1][1]) / (RADIUS_KM * 1000.0)
        };
        line.windows(2).map(edge).sum()
    };
    let borders: f64 = drawing.polygons.iter().flatten().map(length).sum();
    let lines: f64 = drawing.lines.iter().map(|line| 2.0 * radians * length(line) + circle).sum();
    #[expect(clippy::cast_precision_loss, reason = "counts of points are far below 2^52")]
    let points = drawing.points.len() as f64 * circle;
    of_drawing(drawing) + radians * borders + lines + points
}

/// The surface of a box on a sphere of radius 1.
fn of_box(bbox: &Bbox) -> f64 {
    let (south, north) = (bbox.south.to_radians(), bbox.north.to_radians());
    (bbox.east - bbox.west).to_radians() * (north.sin() - south.sin())
}

/// The surface of a polygon, an exterior and its holes, on a sphere of radius 1.
fn of_polygon(rings: &[Vec<[f64; 2]>]) -> f64 {
    let mut surfaces = rings.iter().map(|ring| of_ring(ring));
    let exterior = surfaces.next().unwrap_or_default();
    (exterior - surfaces.sum::<f64>()).max(0.0)
}

/// The surface inside a closed ring, whose edges are straight in longitude and latitude, on a sphere of radius 1.
fn of_ring(ring: &[[f64; 2]]) -> f64 {
    // Below an edge, down to the equator, lies the integral of the sine of the latitude over the longitude.
    let below = |from: [f64; 2], to: [f64; 2]| {
        let (south, north) = (from[1].to_radians(), to[1].to_radians());
        let rise = north - south;
        let mean = if rise.abs() < 1e-9 {
            f64::midpoint(south, north).sin()
        } else {
            (south.cos() - north.cos()) / rise
        };
        (to[0] - from[0]).to_radians() * mean
    };
    ring.windows(2).map(|edge| below(edge[0], edge[1])).sum::<f64>().abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tile::TileId;

    fn assert_near(area: &Area, square_km: f64) {
        let found = area.square_km();
        assert!((found / square_km - 1.0).abs() < 0.01, "{area}: {found} km², not {square_km}");
    }

    #[test]
    fn surfaces_are_those_of_other_tools_within_one_percent() {
        // PostGIS: ST_Area(ST_MakeEnvelope(8.98, 51.98, 9.03, 52.01, 4326)::geography).
        assert_near(&Area::bbox(8.98, 51.98, 9.03, 52.01).unwrap(), 11.457);
        assert_near(&Area::bbox(-180.0, -90.0, 180.0, 90.0).unwrap(), 510_065_622.0);
        assert_near(&Area::bbox(179.0, -1.0, -179.0, 1.0).unwrap(), 49_228.0);
        assert_near(&Area::near(9.0, 52.0, 1000.0).unwrap(), std::f64::consts::PI);
        assert_near(&Area::tile(TileId::new(0, 0, 0).unwrap()), 508_164_600.0);
    }

    #[test]
    fn holes_do_not_count_and_the_direction_of_a_ring_does_not_matter() {
        let polygon = |rings: &str| {
            Area::geojson(&format!(r#"{{"type": "Polygon", "coordinates": {rings}}}"#)).unwrap()
        };
        let square = "[[0,0],[1,0],[1,1],[0,1],[0,0]]";
        let turned = "[[0,0],[0,1],[1,1],[1,0],[0,0]]";
        let hole = "[[0,0],[0.5,0],[0.5,1],[0,1],[0,0]]";
        let whole = Area::bbox(0.0, 0.0, 1.0, 1.0).unwrap().square_km();
        assert_near(&polygon(&format!("[{square}]")), whole);
        assert_near(&polygon(&format!("[{turned}]")), whole);
        assert_near(&polygon(&format!("[{square}, {hole}]")), whole / 2.0);
        let triangle = polygon("[[[0,50],[2,50],[1,52],[0,50]]]").square_km();
        let boxed = Area::bbox(0.0, 50.0, 2.0, 52.0).unwrap().square_km();
        assert!((triangle / boxed - 0.5).abs() < 0.01, "{triangle} of {boxed}");
    }
}
