//! Small photos that are shown with their rows.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::json::append_member;

/// Photos by the id of their image.
#[derive(Debug, Default)]
pub(crate) struct Photos(BTreeMap<String, String>);

impl Photos {
    /// Adds a JPEG.
    pub(crate) fn add(&mut self, id: &str, jpeg: &[u8]) {
        self.0.insert(id.to_owned(), format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(jpeg)));
    }

    /// Appends them as a JSON object.
    pub(crate) fn append_json(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        for (id, photo) in &self.0 {
            append_member(id, photo, out);
        }
        out.push(b'}');
    }
}
