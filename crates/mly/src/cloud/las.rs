//! LAS 1.4 (ASPRS, R15), and LAZ, which is the same compressed.

use std::io::{Cursor, Write};

use las::point::Format;
use las::{Builder, Color, Point, Transform, Vector, Vlr, Writer};

use super::frame::Frame;
use super::points::Cloud;
use crate::error::Cause;
use crate::file::Destination;

/// Longitude, latitude and ellipsoidal height as PROJ and GDAL write EPSG:4979 in the dialect that LAS asks for (OGC
/// 01-009), which knows no geographic system of three dimensions: EPSG:4326, and heights above its ellipsoid. Positions
/// in files are longitude first, whatever the axes say.
const WGS84_WKT: &str = concat!(
    r#"COMPD_CS["WGS 84 + Ellipsoid (metre)",GEOGCS["WGS 84",DATUM["WGS_1984","#,
    r#"SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],"#,
    r#"PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],"#,
    r#"UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],"#,
    r#"AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]],"#,
    r#"VERT_CS["Ellipsoid (metre)",VERT_DATUM["Ellipsoid",2002],"#,
    r#"UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Up",UP]]]"#,
);

/// Steps of stored coordinates, in degrees or metres.
const STEPS: [f64; 10] = [1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0];
/// Finest step of degrees, a tenth of a millimetre.
const DEGREES_STEP: f64 = 1e-9;
/// Finest step of metres.
const METRES_STEP: f64 = 1e-3;
/// Steps from the offset that a coordinate may be away, somewhat below what 32 bits hold.
const MOST_STEPS: f64 = 2e9;

/// Point format 7: colours, and with it the time of the GPS, which stays 0.
const POINT_FORMAT: u8 = 7;

/// Where a header of LAS 1.4 has the greatest and least coordinates.
const BOUNDS: std::ops::Range<usize> = 179..227;

/// Writes a cloud and gives back its destination.
///
/// The header is written last and stands first, which streams cannot do: a file is put together in memory.
pub(super) fn write(
    cloud: &Cloud,
    frame: Frame,
    compressed: bool,
    mut destination: Destination,
) -> Result<Destination, Cause> {
    let mut writer = Writer::new(Cursor::new(Vec::new()), header(cloud, frame, compressed)?.into_header()?)?;
    for ([x, y, z], point) in cloud.positions(frame).zip(cloud.points()) {
        // From 0..=255 to 0..=65535, as the standard asks.
        let [red, green, blue] = point.color.map(|channel| u16::from(channel) * 257);
        let color = Some(Color::new(red, green, blue));
        let returns = Point { return_number: 1, number_of_returns: 1, ..Point::default() };
        writer.write_point(Point { x, y, z, color, gps_time: Some(0.0), ..returns })?;
    }
    let mut file = writer.into_inner()?.into_inner();
    if cloud.points().is_empty() {
        // The bounds of nothing are infinite, which readers do not expect.
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

/// Text of a record, which ends with a zero.
fn text(text: &str) -> Vec<u8> {
    [text.as_bytes(), &[0]].concat()
}

/// Steps and offsets that hold every position.
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

/// The finest steps from `finest` on that reach from `low` to `high`, around a whole number.
fn transform(finest: f64, low: f64, high: f64) -> Transform {
    if low > high {
        return Transform { scale: finest, offset: 0.0 };
    }
    let offset = f64::midpoint(low, high).round();
    let reach = (high - offset).max(offset - low);
    let fits = |step: &f64| *step >= finest && reach / step <= MOST_STEPS;
    Transform { scale: STEPS.into_iter().find(fits).unwrap_or(1.0), offset }
}
