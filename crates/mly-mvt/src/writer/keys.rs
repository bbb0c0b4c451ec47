//! The key table of a layer while it is written.

use std::collections::HashMap;

/// The distinct keys, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    names: Vec<String>,
    indexes: HashMap<String, u32>,
}

impl Keys {
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The index of a key, which is added if it is new.
    ///
    /// Features name their properties in one order, some leaving some out: `hint` is where the key is looked for
    /// first, and the index after that of the key before is a good one.
    #[inline]
    pub(super) fn index(&mut self, key: &str, hint: u32) -> u32 {
        for index in hint..hint.saturating_add(3) {
            match self.names.get(index as usize) {
                Some(name) if name == key => return index,
                Some(_) => {}
                None => break,
            }
        }
        self.search(key)
    }

    fn search(&mut self, key: &str) -> u32 {
        if let Some(&index) = self.indexes.get(key) {
            return index;
        }
        // An index is 32 bits in the format. So many keys take more than 100 GB.
        let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(key.to_owned());
        self.indexes.insert(key.to_owned(), index);
        index
    }
}
