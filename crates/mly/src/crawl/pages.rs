//! Follows the pages of an answer, which must not lead in a circle or go on for ever.

use std::collections::HashSet;

use crate::error::Error;
use crate::rows::IdSet;

/// Pages that an answer may have whatever is on them. Real ones have hundreds of rows each, so that more pages than
/// that have many rows.
const PAGES: u64 = 1000;

/// Rows that each further page has on average at least.
const ROWS_A_PAGE: u64 = 100;

/// The pages of an answer so far.
#[derive(Debug, Default)]
pub(super) struct PageChain {
    cursors: HashSet<String>,
    ids: IdSet,
    pages: u64,
    rows: u64,
}

/// Why pages are not followed any further.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum EndlessPages {
    /// The next page is one that came before.
    Circle,
    /// A page has only rows of pages before it, and names a next one.
    Repetition,
    /// There are more pages than there can be rows for.
    TooMany,
}

impl PageChain {
    /// Takes the ids of a page and the cursor of the next one. Returns the cursor, if there is another page.
    ///
    /// # Errors
    /// When the next page cannot bring anything new.
    pub(super) fn next(&mut self, ids: &[i64], next: Option<String>) -> Result<Option<String>, EndlessPages> {
        self.pages += 1;
        self.rows += ids.len() as u64;
        let fresh = self.ids.insert_all(ids).count_set_bits();
        // Even the last page names a next one, which has no rows: only that is the end.
        let Some(next) = next.filter(|_| !ids.is_empty()) else { return Ok(None) };
        if !self.cursors.insert(next.clone()) {
            return Err(EndlessPages::Circle);
        }
        if fresh == 0 {
            return Err(EndlessPages::Repetition);
        }
        if self.pages > PAGES + self.rows / ROWS_A_PAGE {
            return Err(EndlessPages::TooMany);
        }
        Ok(Some(next))
    }

    /// Begins after an earlier run, at the page of this cursor.
    pub(super) fn after(cursor: Option<&str>) -> Self {
        Self { cursors: cursor.map(str::to_owned).into_iter().collect(), ..Self::default() }
    }
}

impl EndlessPages {
    /// The error about the answer that has these pages.
    pub(super) fn into_error(self, subject: String) -> Error {
        let what = match self {
            Self::Circle => "its pages lead in a circle",
            Self::Repetition => "its pages repeat the same rows",
            Self::TooMany => "it has more pages than there can be rows for",
        };
        Error::Decode { subject, tile: None, what: what.to_owned(), offset: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "as pages have it")]
    fn cursor(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn pages_end_without_a_cursor_or_without_rows() {
        let mut chain = PageChain::default();
        assert_eq!(chain.next(&[1, 2], cursor("a")), Ok(cursor("a")));
        assert_eq!(chain.next(&[2, 3], cursor("b")), Ok(cursor("b")));
        assert_eq!(chain.next(&[], cursor("c")), Ok(None));
        assert_eq!(PageChain::default().next(&[1], None), Ok(None));
    }

    #[test]
    fn a_cursor_that_came_before_is_a_circle() {
        let mut chain = PageChain::after(Some("a"));
        assert_eq!(chain.next(&[1], cursor("b")), Ok(cursor("b")));
        assert_eq!(chain.next(&[2], cursor("a")), Err(EndlessPages::Circle));
    }

    #[test]
    fn pages_that_bring_nothing_new_or_hardly_anything_are_not_followed() {
        let mut chain = PageChain::default();
        chain.next(&[1, 2], cursor("a")).unwrap();
        assert_eq!(chain.next(&[2, 1], cursor("b")), Err(EndlessPages::Repetition));
        let mut chain = PageChain::default();
        let is_last =
            |page: &i64| chain.next(&[*page], cursor(&page.to_string())) == Err(EndlessPages::TooMany);
        let last = (1..5000).find(is_last);
        assert_eq!(last, Some(1011));
        let mut chain = PageChain::default();
        let full = |page: i64| (page * 1000..(page + 1) * 1000).collect::<Vec<_>>();
        assert!((0..5000).all(|page| chain.next(&full(page), cursor(&page.to_string())).is_ok()));
    }
}
