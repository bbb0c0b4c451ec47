//! Looks up many ids per request.
//!
//! The service refuses a whole request if one of its ids is unknown, if one does not have a requested field, or if the
//! answer would be too large. A refused request is therefore sent again without the bad id, or in halves.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, RecordBatch, new_null_array};
use arrow_schema::ArrowError;
use arrow_select::interleave::{interleave, interleave_record_batch};
use tracing::warn;

use super::run::Run;
use crate::api::errors::{self, TOO_MUCH_DATA, WRONG_REQUEST, nonexisting_field};
use crate::error::{Error, Result, Unreadable, internal, unknown};
use crate::plan::GraphRequest;
use crate::query::{Attribute, Entity, ids_at_once};
use crate::rows::{EntityTable, object, objects};

/// The fields to request of entities, and the columns that they become.
#[derive(Debug)]
pub(super) struct EntityFields {
    entity: Entity,
    table: EntityTable,
    /// Whether the caller has named the fields. If so, a field that the service does not have is an error; otherwise it
    /// is left out with a warning.
    are_named: bool,
    /// Fields that the service no longer has, which are left out of later requests.
    dropped: Mutex<BTreeSet<String>>,
}

impl EntityFields {
    pub(super) fn new(entity: Entity, attributes: Vec<Attribute>, are_named: bool) -> Self {
        Self { entity, table: EntityTable::new(attributes), are_named, dropped: Mutex::default() }
    }

    /// The fields of the columns with these names.
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
        let dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        let left = self.table.attributes().iter().filter(|a| !dropped.contains(&*a.field));
        self.entity.fields_parameter(&left.cloned().collect::<Vec<_>>()).into()
    }

    fn drop_field(&self, name: &str) {
        warn!(field = name, "the service has no such field of {}", self.entity);
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    }

    /// Whether no entity of this kind is known to have a field.
    fn is_unheard_of(&self, name: &str) -> bool {
        !self.entity.knows(name)
    }

    fn read(&self, body: &[u8], is_single: bool) -> Result<RecordBatch, Unreadable> {
        let objects = if is_single { vec![object(body)?] } else { objects(body)? };
        self.table.rows(&objects).map(|(batch, _)| batch)
    }
}

/// The rows of some ids.
#[derive(Debug)]
pub(super) struct EntityRows {
    parts: Vec<RecordBatch>,
    /// For each id, the index of its part and of its row in the part; `None` if it was not found.
    places: Vec<Option<(usize, usize)>>,
}

impl EntityRows {
    /// Whether each id was found.
    pub(super) fn presence(&self) -> impl Iterator<Item = bool> + '_ {
        self.places.iter().map(Option::is_some)
    }

    /// The rows of the ids that were found, in the order of the ids.
    pub(super) fn rows(&self, fields: &EntityFields) -> Result<RecordBatch> {
        let places: Vec<_> = self.places.iter().flatten().copied().collect();
        match self.parts.as_slice() {
            [] => Ok(RecordBatch::new_empty(Arc::clone(fields.table.schema()))),
            [only] if in_order(only, &places) => Ok(only.clone()),
            parts => interleave_record_batch(&parts.iter().collect::<Vec<_>>(), &places).map_err(internal),
        }
    }

    /// The columns with these indices, with a row for each id; the rows of ids that were not found are null.
    pub(super) fn columns(
        &self,
        fields: &EntityFields,
        indices: &[usize],
    ) -> Result<Vec<ArrayRef>, ArrowError> {
        let nowhere = (self.parts.len(), 0);
        let places: Vec<_> = self.places.iter().map(|place| place.unwrap_or(nowhere)).collect();
        let column = |&index: &usize| {
            let nothing = new_null_array(fields.table.schema().field(index).data_type(), 1);
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
    /// Looks up ids, each of which must be listed once. Ids that are unknown or of another kind are not found.
    pub(super) async fn entities(&self, fields: &Arc<EntityFields>, ids: &[String]) -> Result<EntityRows> {
        let mut found = EntityRows { parts: Vec::new(), places: vec![None; ids.len()] };
        let mut left: Vec<Vec<usize>> =
            (0..ids.len()).collect::<Vec<_>>().chunks(fields.at_once()).rev().map(<[_]>::to_vec).collect();
        while let Some(mut some) = left.pop() {
            let names: Vec<_> = some.iter().map(|i| ids[*i].clone()).collect();
            let is_single = names.len() == 1;
            let request = GraphRequest::Entities { ids: names, fields: fields.fields() };
            let read = {
                let fields = Arc::clone(fields);
                move |body: Vec<u8>| fields.read(&body, is_single)
            };
            let error = match self.ask(&request, read).await {
                Ok(batch) => {
                    note_places(&batch, ids, &some, found.parts.len(), &mut found.places);
                    found.parts.push(batch);
                    continue;
                }
                Err(error) => error,
            };
            match self.remedy(&error, fields, ids, &some).await? {
                Remedy::GiveUp => return Err(error),
                Remedy::Halve => {
                    let second = some.split_off(some.len().div_ceil(2));
                    left.push(second);
                    left.push(some);
                }
                Remedy::Without(position) => {
                    some.retain(|i| *i != position);
                    left.extend((!some.is_empty()).then_some(some));
                }
                Remedy::Retry => left.push(some),
            }
        }
        Ok(found)
    }

    /// Decides what to do about a refused request for the ids at the positions `some`.
    ///
    /// If the message names an id, that id is left out. Otherwise halving finds the bad id in a few requests, since all
    /// halves without it are answered. A single id that is refused because it lacks the distinguishing field, which
    /// every entity of this kind has, is of another kind. If it lacks another field, a second request has to find out.
    async fn remedy(
        &self,
        error: &Error,
        fields: &EntityFields,
        ids: &[String],
        some: &[usize],
    ) -> Result<Remedy> {
        let Error::Api { what, code: Some(code), .. } = error else { return Ok(Remedy::GiveUp) };
        match (*code, some) {
            (TOO_MUCH_DATA, [_, _, ..]) => return Ok(Remedy::Halve),
            (WRONG_REQUEST, _) => {}
            _ => return Ok(Remedy::GiveUp),
        }
        let named = some.iter().find(|i| what.contains(&errors::quoted(&ids[**i])));
        if let Some(position) = named {
            return Ok(Remedy::Without(*position));
        }
        match (nonexisting_field(what), some) {
            (Some(field), _) if fields.is_unheard_of(field) => {
                let known: Vec<_> = fields.entity.columns().iter().map(|c| c.name).collect();
                Err(unknown(&format!("field of {}s", fields.entity), field, &known))
            }
            (_, [_, _, ..]) => Ok(Remedy::Halve),
            (Some(field), [position]) if field == fields.entity.distinguishing_field() => {
                Ok(Remedy::Without(*position))
            }
            (Some(field), [position]) => {
                self.remedy_without_field(field, fields, &ids[*position], *position).await
            }
            (None, [position]) if is_unknown_id(error) => Ok(Remedy::Without(*position)),
            _ => Ok(Remedy::GiveUp),
        }
    }

    /// Decides what to do about an id that lacks a field. Either the id is of another kind, or the service no longer
    /// has the field, which is an error if the caller has named it: a named column must not silently be missing.
    async fn remedy_without_field(
        &self,
        field: &str,
        fields: &EntityFields,
        id: &str,
        position: usize,
    ) -> Result<Remedy> {
        match (self.is_a(fields.entity, id).await?, fields.are_named) {
            (false, _) => Ok(Remedy::Without(position)),
            (true, true) => {
                Err(Error::query(format!("the service has no field `{field}` of {}s", fields.entity))
                    .with_hint("leave it out"))
            }
            (true, false) => {
                fields.drop_field(field);
                Ok(Remedy::Retry)
            }
        }
    }

    /// Whether an id is of this kind: requests a field that no other kind has.
    pub(super) async fn is_a(&self, entity: Entity, id: &str) -> Result<bool> {
        let request =
            GraphRequest::Entities { ids: vec![id.to_owned()], fields: entity.distinguishing_field().into() };
        match self.ask(&request, |_| Ok(())).await {
            Ok(()) => Ok(true),
            Err(Error::Api { code: Some(WRONG_REQUEST), .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// What to do about a refused request.
enum Remedy {
    /// The lookup fails with the error.
    GiveUp,
    /// Send two requests with half of the ids each.
    Halve,
    /// Send the request without the id at this position, which is unknown or of another kind.
    Without(usize),
    /// Send the request again, with the fields that are left.
    Retry,
}

/// Whether the service says that there is no such id, whether or not it names the id.
pub(super) fn is_unknown_id(error: &Error) -> bool {
    matches!(error, Error::Api { what, code: Some(WRONG_REQUEST), .. } if errors::is_unknown_id(what))
}

/// Notes the part and row of each id of a batch.
fn note_places(
    batch: &RecordBatch,
    ids: &[String],
    fields: &[usize],
    part: usize,
    places: &mut [Option<(usize, usize)>],
) {
    let position: HashMap<i64, usize> =
        fields.iter().filter_map(|i| Some((ids[*i].parse().ok()?, *i))).collect();
    for (row, id) in batch.column(0).as_primitive::<Int64Type>().values().iter().enumerate() {
        if let Some(i) = position.get(id) {
            places[*i] = Some((part, row));
        }
    }
}
