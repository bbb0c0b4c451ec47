//! Tags of an element.

/// The tags of an element, sorted by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OsmTags(Box<[(Box<str>, Box<str>)]>);

impl OsmTags {
    /// The tags of these keys and values.
    pub(crate) fn new<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut pairs: Vec<(Box<str>, Box<str>)> =
            pairs.into_iter().map(|(key, value)| (key.as_ref().into(), value.as_ref().into())).collect();
        pairs.sort();
        Self(pairs.into())
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(found, _)| (**found).cmp(key)).ok()?;
        self.0.get(at).map(|(_, value)| &**value)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All keys and values, sorted by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    /// Only the tags with these keys, or all.
    pub(crate) fn kept(self, keys: Option<&[&str]>) -> Self {
        match keys {
            None => self,
            Some(keys) => Self(self.0.into_iter().filter(|(key, _)| keys.contains(&&**key)).collect()),
        }
    }
}
