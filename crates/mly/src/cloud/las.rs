//! Writes LAS 1.4 (ASPRS, R15), and LAZ, its compressed form.

use std::io::{Cursor, Write};

use las::point::Format;
use las::{Builder, Color, Point, Transform, Vector, Vlr, Writer};

use super::frame::Frame;
use super::points::Cloud;
use crate::error::Cause;
use crate::file::Destination;

/// EPSG:4979 (longitude, latitude, ellipsoidal height) in the WKT that LAS requires (OGC 01-009), as PROJ and GDAL
/// write it. That WKT has no geographic systems of three dimensions, so it combines EPSG:4326 with heights above the
/// ellipsoid. Readers take x as the longitude, whatever the order of the axes says.
const WGS84_WKT: &str = concat!(
    r#"COMPD_CS["WGS 84 + Ellipsoid (metre)",GEOGCS["WGS 84",DATUM["WGS_1984","#,
    r#"SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],"#,
    r#"PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],"#,
    r#"UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],"#,
    r#"AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]],"#,
    r#"VERT_CS["Ellipsoid (metre)",VERT_DATUM["Ellipsoid",2002],"#,
    r#"UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Up",UP]]]"#,
);

/// Scales to choose from, in degrees or metres: LAS stores a coordinate as a 32-bit multiple of a scale, plus an
/// offset.
const STEPS: [f64; 10] = [1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0];
/// Finest scale of degrees: a tenth of a millimetre on the ground.
const DEGREES_STEP: f64 = 1e-9;
/// Finest scale of metres.
const METRES_STEP: f64 = 1e-3;
/// Largest multiple of the scale that is used, somewhat below what 32 bits hold.
const MOST_STEPS: f64 = 2e9;

/// Point format 7, which has colours. It also has a GPS time, which is written as 0.
const POINT_FORMAT: u8 = 7;

/// Bytes of a LAS 1.4 header that hold the bounds of the coordinates.
const BOUNDS: std::ops::Range<usize> = 179..227;

/// Writes a cloud and returns the destination.
///
/// The header comes first but is known last, and a destination cannot seek, so the file is made in memory.
pub(super) fn write(
    cloud: &Cloud,
    frame: Frame,
    compressed: bool,
    mut destination: Destination,
) -> Result<Destination, Cause> {
    let mut writer = Writer::new(Cursor::new(Vec::new()), header(cloud, frame, compressed)?.into_header()?)?;
    for ([x, y, z], point) in cloud.positions(frame).zip(cloud.points()) {
        // From 0..=255 to 0..=65535, as the standard requires.
        let [red, green, blue] = point.color.map(|channel| u16::from(channel) * 257);
        let color = Some(Color::new(red, green, blue));
        let returns = Point { return_number: 1, number_of_returns: 1, ..Point::default() };
        writer.write_point(Point { x, y, z, color, gps_time: Some(0.0), ..returns })?;
    }
    let mut file = writer.into_inner()?.into_inner();
    if cloud.points().is_empty() {
        // The library writes infinite bounds for an empty file, which readers do not expect.
        file.get_mut(BOUNDS).ok_or("a header that is too short")?.fill(0);
    }
    destination.write_all(&file)?;
    Ok(destination)
}

fn header(cloud: &Cloud, frame: Frame, compressed: bool) -> las::Result<Builder> {
    let mut format = Format::new(POINT_FORMAT)?;
    format.is_compressed = compressed;
    let mut builder = Builder::from((1, 4));
    builder.generating_software = "mly".into();
    builder.system_identifier = "OTHER".into();
    builder.point_format = format;
    builder.transforms = transforms(cloud, frame);
    builder.has_wkt_crs = true;
    if frame == Frame::Wgs84 {
        let data = text(WGS84_WKT);
        builder.vlrs.push(record("LASF_Projection", 2112, "OGC coordinate system WKT", data));
    }
    let origin = cloud.origin().map(|o| {
        format!("; origin: longitude {} latitude {} height {}", o.longitude, o.latitude, o.height_m)
    });
    let data = text(&format!("{}{}", frame.description(), origin.unwrap_or_default()));
    builder.vlrs.push(record("LASF_Spec", 3, "frame and origin", data));
    Ok(builder)
}

fn record(user_id: &str, record_id: u16, description: &str, data: Vec<u8>) -> Vlr {
    Vlr { user_id: user_id.into(), record_id, description: description.into(), data }
}

/// The text of a record, terminated by a zero.
fn text(text: &str) -> Vec<u8> {
    [text.as_bytes(), &[0]].concat()
}

/// Scales and offsets with which every position can be stored.
fn transforms(cloud: &Cloud, frame: Frame) -> Vector<Transform> {
    let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
    for position in cloud.positions(frame) {
        low = std::array::from_fn(|i| low[i].min(position[i]));
        high = std::array::from_fn(|i| high[i].max(position[i]));
    }
    let horizontal_step = if frame == Frame::Wgs84 { DEGREES_STEP } else { METRES_STEP };
    Vector {
        x: transform(horizontal_step, low[0], high[0]),
        y: transform(horizontal_step, low[1], high[1]),
        z: transform(METRES_STEP, low[2], high[2]),
    }
}

/// The finest scale, but not below `finest`, with which everything between `low` and `high` can be stored. The offset
/// is a whole number in the middle.
fn transform(finest: f64, low: f64, high: f64) -> Transform {
    if low > high {
        return Transform { scale: finest, offset: 0.0 };
    }
    let offset = f64::midpoint(low, high).round();
    let reach = (high - offset).max(offset - low);
    let fits = |step: &f64| *step >= finest && reach / step <= MOST_STEPS;
    Transform { scale: STEPS.into_iter().find(fits).unwrap_or(1.0), offset }
}
