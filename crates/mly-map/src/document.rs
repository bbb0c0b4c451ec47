//! The HTML around the rows: head, styles, scripts, and the policy that forbids every request.

use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA256, digest};

use crate::basemap::Basemap;
use crate::error::Result;
use crate::vendor::Vendored;

const BODY: &str = include_str!("../assets/page/body.html");
const STYLE: &str = include_str!("../assets/page/style.css");

/// The script of the page, file by file in the order in which they use each other.
const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("../assets/page/text.js"),
    include_str!("../assets/page/table.js"),
    include_str!("../assets/page/kind.js"),
    include_str!("../assets/page/colour.js"),
    include_str!("../assets/page/view.js"),
    include_str!("../assets/page/feature.js"),
    include_str!("../assets/page/tiles.js"),
    include_str!("../assets/page/filter.js"),
    include_str!("../assets/page/draw.js"),
    include_str!("../assets/page/legend.js"),
    include_str!("../assets/page/dates.js"),
    include_str!("../assets/page/values.js"),
    include_str!("../assets/page/row.js"),
    include_str!("../assets/page/list.js"),
    include_str!("../assets/page/measure.js"),
    include_str!("../assets/page/main.js"),
    "})();\n"
);

/// A page whose rows are being written.
pub(crate) struct Document<'a, W: Write + ?Sized> {
    out: &'a mut W,
    maplibre: String,
}

impl<'a, W: Write + ?Sized> Document<'a, W> {
    /// Writes everything that stands before the rows.
    pub(crate) fn begin(title: &str, basemap: Option<&Basemap>, out: &'a mut W) -> Result<Self> {
        let maplibre = Vendored::Maplibre.text()?;
        let title = escaped(title);
        let policy = escaped(&policy(&[&maplibre, SCRIPT], basemap));
        let library = Vendored::MaplibreStyle.text()?;
        write!(
            out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"mly\">\n\
             <title>{title}</title>\n<style>\n{library}\n{STYLE}</style>\n</head>\n<body>\n{BODY}\
             <script type=\"application/json\" id=\"mly-data\">"
        )?;
        Ok(Self { out, maplibre })
    }

    /// Writes a part of the rows.
    pub(crate) fn write_data(&mut self, json: &[u8]) -> Result<()> {
        Ok(self.out.write_all(json)?)
    }

    /// Writes what stands after the rows.
    pub(crate) fn finish(self) -> Result<()> {
        let maplibre = &self.maplibre;
        write!(
            self.out,
            "</script>\n<script>{maplibre}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
        )?;
        Ok(self.out.flush()?)
    }
}

/// The content security policy: these scripts and no others, and no request but to the base map.
fn policy(scripts: &[&str], basemap: Option<&Basemap>) -> String {
    let hash =
        |script: &&str| format!(" 'sha256-{}'", BASE64_STANDARD.encode(digest(&SHA256, script.as_bytes())));
    let scripts: String = scripts.iter().map(hash).collect();
    let host = basemap.map(|basemap| format!(" {}", basemap.origin())).unwrap_or_default();
    let connect = if host.is_empty() { " 'none'" } else { &host };
    // The library starts its workers from a blob, and sets styles of elements.
    format!(
        "default-src 'none'; script-src{scripts}; worker-src blob:; child-src blob:; style-src 'unsafe-inline'; \
         img-src data: blob:{host}; connect-src{connect}; base-uri 'none'; form-action 'none'"
    )
}

/// A text as HTML shows it, also in quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}
