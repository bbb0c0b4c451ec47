//! Collects the ids of rows, and checks that they are of the kind that is wanted.

use super::row::IdRow;
use crate::error::{Error, Hint, Place, Result};
use crate::source::kind::Kind;

/// The ids that rows hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ids {
    /// In the order of the rows, repeated ones included.
    pub ids: Vec<String>,
    /// What the ids are of, one of those asked for.
    ///
    /// `None` where the input does not tell, as in a plain list.
    pub kind: Option<Kind>,
    /// Rows without such an id: detections whose image is not known.
    pub skipped: u64,
}

/// Characters of something wrong that a message shows.
const SHOWN: usize = 40;

/// Collects ids row by row.
pub(super) struct Collector<'w> {
    wanted: &'w [Kind],
    /// The kind of the rows, once a row has been recognised.
    rows: Option<Kind>,
    /// The kind of the ids. It differs from that of the rows for detections, which give the ids of their images.
    kind: Option<Kind>,
    ids: Vec<String>,
    skipped: u64,
}

impl<'w> Collector<'w> {
    pub(super) fn new(wanted: &'w [Kind]) -> Self {
        Self { wanted, rows: None, kind: None, ids: Vec::new(), skipped: 0 }
    }

    pub(super) fn finish(self) -> Ids {
        Ids { ids: self.ids, kind: self.kind, skipped: self.skipped }
    }

    /// Takes the row that stands at `place`.
    ///
    /// # Errors
    /// When the row has no id, or is not of the kind that is wanted or that the rows before it are.
    pub(super) fn take(&mut self, row: IdRow, place: Place) -> Result<()> {
        if let Some(found) = row.kind()
            && self.rows != Some(found)
        {
            self.recognise(found, place)?;
        }
        let id = match (self.rows, self.kind) {
            (Some(Kind::Detection), Some(Kind::Image)) => row.image_id,
            (Some(Kind::Detection), Some(Kind::MapFeature)) => row.map_feature_id,
            _ => Some(row.own_id().ok_or_else(|| Error::input("there is no id").with_place(place))?),
        };
        if let Some(id) = id {
            return self.keep(id, place);
        }
        self.skipped += 1;
        Ok(())
    }

    /// Takes an id that stands alone.
    ///
    /// # Errors
    /// When it is no id of what is wanted.
    pub(super) fn keep(&mut self, id: String, place: Place) -> Result<()> {
        let kinds = self.kind.as_ref().map_or(self.wanted, std::slice::from_ref);
        if kinds.iter().any(|entity| entity.is_id(&id)) {
            self.ids.push(id);
            return Ok(());
        }
        let shown: String = id.chars().take(SHOWN).collect();
        let kinds = list(kinds, "");
        let what = format!("`{}` is not the id of any {kinds}", shown.escape_debug());
        Err(Error::input(what).with_place(place))
    }

    /// Sets the kind of the rows, or refuses it.
    fn recognise(&mut self, found: Kind, place: Place) -> Result<()> {
        let entity = match found {
            _ if self.wanted.contains(&found) => found,
            Kind::Detection if self.wanted.contains(&Kind::Image) => Kind::Image,
            Kind::Detection if self.wanted.contains(&Kind::MapFeature) => Kind::MapFeature,
            _ => return Err(self.refusal(found)),
        };
        // Earlier rows may not have been recognised; of those the column `id` was taken. That was right only if `id` is
        // also taken of rows of this kind, and not `image_id` as of detections.
        let is_first = self.rows.is_none() && (self.ids.is_empty() || entity == found);
        if !is_first {
            let before = self.rows.map_or_else(|| "something else".to_owned(), |rows| format!("{rows}s"));
            let error = Error::input(format!("a {found} after rows that are {before}")).with_place(place);
            return Err(error.with_hint("give rows of one kind at a time"));
        }
        (self.rows, self.kind) = (Some(found), Some(entity));
        Ok(())
    }

    fn refusal(&self, found: Kind) -> Error {
        let wants = |entity| self.wanted.contains(&entity);
        let hint = match found {
            Kind::MapFeature if wants(Kind::Image) => Hint::ImagesOfMapFeatures,
            Kind::Sequence if wants(Kind::Image) => Hint::ImagesOfSequences,
            Kind::Image if wants(Kind::Sequence) => "their sequences are in the column sequence_id".into(),
            _ => "only ids of what is wanted can be read".into(),
        };
        Error::input(format!("these are {found}s, and {} are expected", list(self.wanted, "s")))
            .with_hint(hint)
    }
}

/// Names of kinds, joined.
fn list(entities: &[Kind], ending: &str) -> String {
    let names: Vec<_> = entities.iter().map(|entity| format!("{entity}{ending}")).collect();
    names.join(" or ")
}
