//! Writes XMP, by which viewers know how to show a panorama.
//!
//! The names are those of Google's Photo Sphere metadata. The packets follow XMP part 1 (ISO 16684-1) and part 3.

use super::jpeg::Size;
use super::tags::PhotoTags;

/// The first bytes of a segment with an XMP packet.
pub(super) const PACKET: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// The first bytes of a segment that continues a packet which is too large for one segment.
pub(super) const EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";

const NAMESPACE: &str = "http://ns.google.com/photos/1.0/panorama/";
const RDF_BEGIN: &str = "<rdf:RDF";
const RDF_END: &str = "</rdf:RDF>";

/// A new packet for a panorama of this size.
pub(super) fn packet(shot: &PhotoTags, size: Size) -> Vec<u8> {
    let ours = description(shot, size);
    let packet = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">{ours}</rdf:RDF>\
         </x:xmpmeta><?xpacket end=\"w\"?>"
    );
    packet.into_bytes()
}

/// Adds the description of the panorama to an old packet.
///
/// `None` if the result would have more than `max` bytes, if the old packet does not have exactly one RDF element, or
/// if it describes a panorama already: that description gives sizes from before the service scaled the photo.
pub(super) fn join(old: &[u8], shot: &PhotoTags, size: Size, max: usize) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(old).ok()?;
    let is_one = text.matches(RDF_BEGIN).count() == 1 && text.matches(RDF_END).count() == 1;
    if !is_one || text.contains(NAMESPACE) {
        return None;
    }
    let (before, after) = text.split_once(RDF_END)?;
    let joined = [before, &description(shot, size), RDF_END, after].concat();
    (joined.len() <= max).then(|| joined.into_bytes())
}

/// The description of a panorama. All its values are numbers, so nothing needs to be escaped.
fn description(shot: &PhotoTags, size: Size) -> String {
    let [width, height] = [size.width, size.height].map(u32::from);
    let [full_width, full_height] = whole_sphere(width, height);
    let [left, top] = [(full_width - width) / 2, (full_height - height) / 2];
    let heading = shot.heading().map(|degrees| format!(" GPano:PoseHeadingDegrees=\"{degrees}\""));
    format!(
        "<rdf:Description rdf:about=\"\" xmlns:GPano=\"{NAMESPACE}\" GPano:ProjectionType=\"equirectangular\" \
         GPano:UsePanoramaViewer=\"True\"{} \
         GPano:FullPanoWidthPixels=\"{full_width}\" GPano:FullPanoHeightPixels=\"{full_height}\" \
         GPano:CroppedAreaImageWidthPixels=\"{width}\" GPano:CroppedAreaImageHeightPixels=\"{height}\" \
         GPano:CroppedAreaLeftPixels=\"{left}\" GPano:CroppedAreaTopPixels=\"{top}\"/>",
        heading.unwrap_or_default()
    )
}

/// Width and height of the whole sphere that a panorama is a part of. It is twice as wide as high. The panorama is
/// assumed to show all directions, with the horizon in the middle.
///
/// Panoramas that are not exactly two to one have lost a row of pixels by rounding, or were cropped to cut off the sky
/// and the car.
fn whole_sphere(width: u32, height: u32) -> [u32; 2] {
    let full_width = (width + width % 2).max(2 * height);
    [full_width, full_width / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 65_000;

    fn text(shot: &PhotoTags, width: u16, height: u16) -> String {
        String::from_utf8(packet(shot, Size { width, height })).unwrap()
    }

    fn joined(old: &str) -> Option<String> {
        let packet = join(old.as_bytes(), &PhotoTags::default(), Size { width: 200, height: 100 }, MAX)?;
        String::from_utf8(packet).ok()
    }

    #[test]
    fn a_panorama_says_what_it_shows() {
        let shot = PhotoTags { compass_angle: Some(262.5), ..PhotoTags::default() };
        let said = text(&shot, 2048, 1024);
        for part in [
            "GPano:ProjectionType=\"equirectangular\"",
            "GPano:UsePanoramaViewer=\"True\"",
            "GPano:PoseHeadingDegrees=\"262.5\"",
            "GPano:FullPanoWidthPixels=\"2048\" GPano:FullPanoHeightPixels=\"1024\"",
            "GPano:CroppedAreaImageWidthPixels=\"2048\" GPano:CroppedAreaImageHeightPixels=\"1024\"",
            "GPano:CroppedAreaLeftPixels=\"0\" GPano:CroppedAreaTopPixels=\"0\"",
        ] {
            assert!(said.contains(part), "{said}");
        }
        assert!(!text(&PhotoTags::default(), 2048, 1024).contains("PoseHeading"));
    }

    #[test]
    fn the_sphere_around_a_part_is_two_to_one_and_holds_it() {
        for (width, height) in
            [(2048, 1024), (2048, 1023), (2047, 1024), (1023, 511), (2048, 700), (1000, 900), (1, 1)]
        {
            let [full_width, full_height] = whole_sphere(width, height);
            assert_eq!(full_width, 2 * full_height);
            assert!(full_width >= width && full_height >= height);
            assert!(full_width - width <= 2 || full_height == height);
        }
    }

    #[test]
    fn an_old_packet_keeps_its_words() {
        let old = "<x:xmpmeta><rdf:RDF xmlns:rdf=\"r\"><rdf:Description about=\"\"/></rdf:RDF></x:xmpmeta>";
        let joined = joined(old).unwrap();
        assert!(joined.starts_with(old.split("</rdf:RDF>").next().unwrap()));
        assert!(joined.ends_with("/></rdf:RDF></x:xmpmeta>") && joined.contains("GPano:ProjectionType"));
    }

    #[test]
    fn an_old_packet_without_a_place_is_not_joined() {
        let about_panoramas = format!("<rdf:RDF><a xmlns:p=\"{NAMESPACE}\"/></rdf:RDF>");
        let large = format!("<rdf:RDF>{}</rdf:RDF>", " ".repeat(MAX));
        for old in ["", "<rdf:RDF/>", "</rdf:RDF>", "<rdf:RDF></rdf:RDF></rdf:RDF>", &about_panoramas, &large]
        {
            assert_eq!(joined(old), None);
        }
        let size = Size { width: 200, height: 100 };
        assert_eq!(join(b"<rdf:RDF>\xFF</rdf:RDF>", &PhotoTags::default(), size, MAX), None);
    }
}
