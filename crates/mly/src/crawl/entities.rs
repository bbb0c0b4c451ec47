//! Looks up many ids per request.
//!
//! The service refuses a whole request if one of its ids is unknown, if one does not have a requested field, if the
//! answer would be too large, or if it cannot answer one of the ids for any other reason. A refused request is therefore
//! sent again without the bad id, or in halves.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use futures_util::future::FutureExt;
use tracing::warn;

use super::doubt::{Witness, may_concern_ids};
use super::entity_rows::EntityRows;
use super::run::Run;
use crate::api::errors::{self, UNLOADABLE_ID, WRONG_REQUEST, nonexisting_field};
use crate::error::{Error, Result, Unreadable, unknown};
use crate::plan::GraphRequest;
use crate::query::{Attribute, Entity, ids_at_once};
use crate::rows::{EntityTable, Misfits, object, objects};

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

    fn read(&self, body: &[u8], is_single: bool) -> Result<(RecordBatch, Misfits), Unreadable> {
        let objects = if is_single { vec![object(body)?] } else { objects(body)? };
        self.table.rows(&objects)
    }

    /// A request for some ids.
    pub(super) fn request(&self, ids: Vec<String>) -> GraphRequest {
        GraphRequest::Entities { ids, fields: self.fields() }
    }

    pub(super) fn witness(&self, id: &str) -> Witness {
        Witness { id: id.to_owned(), request: self.request(vec![id.to_owned()]) }
    }
}

/// An id that could not be looked up alone, and how many answers there had been then.
struct Suspect {
    position: usize,
    error: Error,
    answers: u64,
}

impl Run {
    /// Looks up ids, each of which must be listed once. Ids that are unknown or of another kind are not found; ids that
    /// the service cannot answer while it answers others have failed.
    pub(super) async fn entities(&self, fields: &Arc<EntityFields>, ids: &[String]) -> Result<EntityRows> {
        let mut found = EntityRows::new(ids.len());
        let mut left: Vec<Vec<usize>> =
            (0..ids.len()).collect::<Vec<_>>().chunks(fields.at_once()).rev().map(<[_]>::to_vec).collect();
        let mut suspects = Vec::new();
        while let Some(mut some) = left.pop() {
            let error = match self.look_up(fields, ids, &some).await {
                Ok(answer) => {
                    self.take_in(answer, &mut found, fields, ids, &some);
                    continue;
                }
                Err(error) => error,
            };
            match self.remedy(error, fields, ids, &some).await? {
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
                Remedy::Suspect(position, error) => {
                    suspects.push(Suspect { position, error, answers: self.doubt.answers() });
                }
            }
        }
        let suspected: Vec<String> = suspects.iter().map(|suspect| ids[suspect.position].clone()).collect();
        let mut failed = Vec::new();
        for Suspect { position, error, answers } in suspects {
            let error = self.blame_since(error, answers, &suspected).await?;
            let alone = || self.look_up(fields, ids, std::slice::from_ref(&position)).boxed();
            match self.second_try(fields.witness(&ids[position]), error, &alone).await {
                Ok(Ok(answer)) => self.take_in(answer, &mut found, fields, ids, &[position]),
                Ok(Err(error)) => failed.push((position, error)),
                // This time the service says that there is no such id.
                Err(error) if is_unknown_id(&error) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some((position, error)) = failed.pop() {
            failed.push((position, self.blame(error, &suspected).await?));
        }
        for (position, error) in failed {
            found.fail(position, self.failed(&ids[position], error));
        }
        Ok(found)
    }

    /// Sends one request for the ids at the positions `some`.
    async fn look_up(
        &self,
        fields: &Arc<EntityFields>,
        ids: &[String],
        some: &[usize],
    ) -> Result<(RecordBatch, Misfits)> {
        let request = fields.request(some.iter().map(|i| ids[*i].clone()).collect());
        let (fields, is_single) = (Arc::clone(fields), some.len() == 1);
        self.ask_about_ids(&request, move |body: Vec<u8>| fields.read(&body, is_single)).await
    }

    /// Adds an answer to the rows, and notes that the service answers.
    fn take_in(
        &self,
        answer: (RecordBatch, Misfits),
        found: &mut EntityRows,
        fields: &EntityFields,
        ids: &[String],
        asked: &[usize],
    ) {
        let first = found.add(answer, ids, asked);
        if let Some(id) = first.or(asked.first().copied()).map(|position| &ids[position]) {
            self.doubt.answered(fields.witness(id));
        }
    }

    /// Decides what to do about a request for the ids at the positions `some` that has failed.
    ///
    /// If the message names an id, that id is left out. Otherwise halving finds the bad id in a few requests, since all
    /// halves without it are answered. A single id that is refused because it lacks the distinguishing field, which
    /// every entity of this kind has, is of another kind. If it lacks another field, a second request has to find out.
    async fn remedy(
        &self,
        error: Error,
        fields: &EntityFields,
        ids: &[String],
        some: &[usize],
    ) -> Result<Remedy> {
        let refusal = match &error {
            Error::Api { what, code: Some(WRONG_REQUEST | UNLOADABLE_ID), .. } => Some(what),
            _ if may_concern_ids(&error, None) => None,
            _ => return Err(error),
        };
        let named = refusal.and_then(|what| some.iter().find(|i| what.contains(&errors::quoted(&ids[**i]))));
        if let Some(position) = named {
            return Ok(Remedy::Without(*position));
        }
        match (refusal.and_then(|what| nonexisting_field(what)), some) {
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
            (None, [position]) if is_unknown_id(&error) => Ok(Remedy::Without(*position)),
            (None, [position]) => Ok(Remedy::Suspect(*position, error)),
            (_, []) => Err(error),
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
        let is_of_kind = match self.is_a(fields.entity, id).await {
            Err(error) if may_concern_ids(&error, None) => return Ok(Remedy::Suspect(position, error)),
            known => known?,
        };
        match (is_of_kind, fields.are_named) {
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
    async fn is_a(&self, entity: Entity, id: &str) -> Result<bool> {
        let request =
            GraphRequest::Entities { ids: vec![id.to_owned()], fields: entity.distinguishing_field().into() };
        match self.ask_about_ids(&request, |_| Ok(())).await {
            Ok(()) => Ok(true),
            Err(Error::Api { code: Some(WRONG_REQUEST | UNLOADABLE_ID), .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// What to do about a request that has failed.
enum Remedy {
    /// Send two requests with half of the ids each.
    Halve,
    /// Send the request without the id at this position, which is unknown or of another kind.
    Without(usize),
    /// Send the request again, with the fields that are left.
    Retry,
    /// The id at this position fails alone: find out whether the service answers others.
    Suspect(usize, Error),
}

/// Whether the service says that there is no such id, whether or not it names the id.
pub(super) fn is_unknown_id(error: &Error) -> bool {
    match error {
        Error::Api { code: Some(UNLOADABLE_ID), .. } => true,
        Error::Api { what, code: Some(WRONG_REQUEST), .. } => errors::is_unknown_id(what),
        _ => false,
    }
}
