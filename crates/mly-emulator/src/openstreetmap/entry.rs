//! What a map has of what the service knows.

/// What a map has for a sign or an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapEntry {
    /// Nothing.
    #[default]
    Missing,
    /// The node of this id says what it is.
    Node(i64),
    /// The node of this id says that it is something else.
    WrongNode(i64),
    /// The way of this id has what it says as a tag.
    Way(i64),
}
