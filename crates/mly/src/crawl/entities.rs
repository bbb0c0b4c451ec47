//! Look-ups of many ids, however the service lets itself be asked.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, RecordBatch, new_null_array};
use arrow_schema::ArrowError;
use arrow_select::interleave::{interleave, interleave_record_batch};
use tracing::warn;

use super::ask::Run;
use crate::error::Unreadable;
use crate::error::internal;
use crate::error::{Error, Result, unknown};
use crate::http::{TOO_MUCH_DATA, WRONG_REQUEST};
use crate::plan::Request;
use crate::query::{Attribute, Entity, ids_at_once};
use crate::rows::{EntityTable, object, objects};

/// What is asked of each entity.
#[derive(Debug)]
pub(super) struct Asked {
    entity: Entity,
    table: EntityTable,
    /// Whether the caller has named the fields.
    are_named: bool,
    /// Fields that the service turned out not to have.
    dropped: Mutex<BTreeSet<String>>,
}

impl Asked {
    pub(super) fn new(entity: Entity, attributes: Vec<Attribute>, are_named: bool) -> Self {
        Self { entity, table: EntityTable::new(attributes), are_named, dropped: Mutex::default() }
    }

    /// Columns of our own choice.
    pub(super) fn of(entity: Entity, names: &[&str]) -> Arc<Self> {
        Arc::new(Self::new(entity, entity.attributes(names), true))
    }

    pub(super) fn table(&self) -> &EntityTable {
        &self.table
    }

    /// How many ids one request may hold.
    pub(super) fn at_once(&self) -> usize {
        ids_at_once(self.table.attributes())
    }

    fn fields(&self) -> Arc<str> {
        let dropped = self.dropped.lock().map(|names| names.clone()).unwrap_or_default();
        let left = self.table.attributes().iter().filter(|a| !dropped.contains(&*a.field));
        self.entity.fields_parameter(&left.cloned().collect::<Vec<_>>()).into()
    }

    fn drop_field(&self, name: &str) {
        warn!(field = name, "the service has no such field of {}", self.entity);
        if let Ok(mut names) = self.dropped.lock() {
            names.insert(name.to_owned());
        }
    }

    /// Whether a field is one that only the caller knows.
    fn is_foreign(&self, name: &str) -> bool {
        !self.entity.knows(name)
    }

    fn read(&self, body: &[u8], is_single: bool) -> Result<RecordBatch, Unreadable> {
        let objects = if is_single { vec![object(body)?] } else { objects(body)? };
        self.table.rows(&objects).map(|(batch, _)| batch)
    }
}

/// The answers for some ids.
#[derive(Debug)]
pub(super) struct Found {
    parts: Vec<RecordBatch>,
    /// Part and row of each id, where it was found.
    places: Vec<Option<(usize, usize)>>,
}

impl Found {
    /// Whether each id was found.
    pub(super) fn presence(&self) -> impl Iterator<Item = bool> + '_ {
        self.places.iter().map(Option::is_some)
    }

    /// The rows of what was found, in the order of the ids.
    pub(super) fn rows(&self, asked: &Asked) -> Result<RecordBatch> {
        let places: Vec<_> = self.places.iter().flatten().copied().collect();
        match self.parts.as_slice() {
            [] => Ok(RecordBatch::new_empty(Arc::clone(asked.table.schema()))),
            [only] if in_order(only, &places) => Ok(only.clone()),
            parts => interleave_record_batch(&parts.iter().collect::<Vec<_>>(), &places).map_err(internal),
        }
    }

    /// A row for each id, of nulls where nothing was found; only the columns of these indices.
    pub(super) fn columns(&self, asked: &Asked, indices: &[usize]) -> Result<Vec<ArrayRef>, ArrowError> {
        let nowhere = (self.parts.len(), 0);
        let places: Vec<_> = self.places.iter().map(|place| place.unwrap_or(nowhere)).collect();
        let column = |&index: &usize| {
            let nothing = new_null_array(asked.table.schema().field(index).data_type(), 1);
            let arrays = self.parts.iter().map(|part| &**part.column(index)).chain([&*nothing]);
            interleave(&arrays.collect::<Vec<_>>(), &places)
        };
        indices.iter().map(column).collect()
    }
}

fn in_order(batch: &RecordBatch, places: &[(usize, usize)]) -> bool {
    places.len() == batch.num_rows() && places.iter().enumerate().all(|(i, place)| *place == (0, i))
}

impl Run {
    /// Looks ids up. Each must be listed once.
    ///
    /// What is too large is asked in halves, and an id that spoils a request is left out of it.
    pub(super) async fn entities(&self, asked: &Arc<Asked>, ids: &[String]) -> Result<Found> {
        let mut found = Found { parts: Vec::new(), places: vec![None; ids.len()] };
        let mut left: Vec<Vec<usize>> =
            (0..ids.len()).collect::<Vec<_>>().chunks(asked.at_once()).rev().map(<[_]>::to_vec).collect();
        while let Some(mut some) = left.pop() {
            let names: Vec<_> = some.iter().map(|i| ids[*i].clone()).collect();
            let is_single = names.len() == 1;
            let request = Request::Entities { ids: names, fields: asked.fields() };
            let read = {
                let asked = Arc::clone(asked);
                move |body: Vec<u8>| asked.read(&body, is_single)
            };
            let error = match self.ask(&request, read).await {
                Ok(batch) => {
                    place(&batch, ids, &some, found.parts.len(), &mut found.places);
                    found.parts.push(batch);
                    continue;
                }
                Err(error) => error,
            };
            match self.verdict(&error, asked, ids, &some).await? {
                Verdict::Fatal => return Err(error),
                Verdict::Halve => {
                    let second = some.split_off(some.len().div_ceil(2));
                    left.push(second);
                    left.push(some);
                }
                Verdict::Without(position) => {
                    some.retain(|i| *i != position);
                    left.extend((!some.is_empty()).then_some(some));
                }
                Verdict::Again => left.push(some),
            }
        }
        Ok(found)
    }

    /// What a refusal means for the ids of a request.
    async fn verdict(&self, error: &Error, asked: &Asked, ids: &[String], some: &[usize]) -> Result<Verdict> {
        let Error::Api { what, code: Some(code), .. } = error else { return Ok(Verdict::Fatal) };
        match (*code, some) {
            (TOO_MUCH_DATA, [_, _, ..]) => return Ok(Verdict::Halve),
            (WRONG_REQUEST, _) => {}
            _ => return Ok(Verdict::Fatal),
        }
        let named = some.iter().find(|i| what.contains(&format!("'{}'", ids[**i])));
        if let Some(position) = named {
            return Ok(Verdict::Without(*position));
        }
        match (nonexisting_field(what), some) {
            (Some(field), _) if asked.is_foreign(field) => {
                let known: Vec<_> = asked.entity.columns().iter().map(|c| c.name).collect();
                Err(unknown(&format!("field of {}s", asked.entity), field, &known))
            }
            (_, [_, _, ..]) => Ok(Verdict::Halve),
            (Some(field), [position]) if field == asked.entity.distinguishing_field() => {
                Ok(Verdict::Without(*position))
            }
            (Some(field), [position]) => self.suspect(field, asked, &ids[*position], *position).await,
            (None, [position]) if is_unknown_id(error) => Ok(Verdict::Without(*position)),
            _ => Ok(Verdict::Fatal),
        }
    }

    /// An id without a field that its kind has: it is of another kind, or the service no longer has the field.
    async fn suspect(&self, field: &str, asked: &Asked, id: &str, position: usize) -> Result<Verdict> {
        match (self.is_a(asked.entity, id).await?, asked.are_named) {
            (false, _) => Ok(Verdict::Without(position)),
            (true, true) => {
                Err(Error::query(format!("the service has no field `{field}` of {}s", asked.entity))
                    .with_hint("leave it out"))
            }
            (true, false) => {
                asked.drop_field(field);
                Ok(Verdict::Again)
            }
        }
    }

    /// Whether an id is one of something of this kind.
    pub(super) async fn is_a(&self, entity: Entity, id: &str) -> Result<bool> {
        let request =
            Request::Entities { ids: vec![id.to_owned()], fields: entity.distinguishing_field().into() };
        match self.ask(&request, |_| Ok(())).await {
            Ok(()) => Ok(true),
            Err(Error::Api { code: Some(WRONG_REQUEST), .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// What to do about a refused request.
enum Verdict {
    /// Give up.
    Fatal,
    /// Ask for one half and then for the other.
    Halve,
    /// Ask again without the id at this position, which nothing answers to.
    Without(usize),
    /// Ask again: the fields are others now.
    Again,
}

/// Whether the service says that there is no such id, whether or not it names the id.
pub(super) fn is_unknown_id(error: &Error) -> bool {
    matches!(error, Error::Api { what, code: Some(WRONG_REQUEST), .. } if what.contains("does not exist"))
}

/// The field in a message such as `Tried accessing nonexisting field (captions) on node type (Image)`.
pub(super) fn nonexisting_field(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("nonexisting field (")?;
    Some(rest.split_once(')')?.0)
}

/// Notes in which part and row each id was answered.
fn place(
    batch: &RecordBatch,
    ids: &[String],
    asked: &[usize],
    part: usize,
    places: &mut [Option<(usize, usize)>],
) {
    let position: HashMap<i64, usize> =
        asked.iter().filter_map(|i| Some((ids[*i].parse().ok()?, *i))).collect();
    for (row, id) in batch.column(0).as_primitive::<Int64Type>().values().iter().enumerate() {
        if let Some(i) = position.get(id) {
            places[*i] = Some((part, row));
        }
    }
}
