//! Which feature of a file each part of an area comes from, and what the column `area` says of it.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::table::ColumnKind;

/// The features of the parts of a drawing, and their values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Labels {
    /// The number of the feature of each polygon, counted from 0.
    pub(super) polygons: Vec<u32>,
    pub(super) lines: Vec<u32>,
    pub(super) points: Vec<u32>,
    /// The value of each feature; without them, its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) values: Option<Vec<Value>>,
}

impl Labels {
    /// The kind of the column: that of all values, or else text.
    pub(crate) fn kind(&self) -> ColumnKind {
        let Some(values) = &self.values else { return ColumnKind::Int };
        let all = |is: fn(&Value) -> bool| values.iter().filter(|value| !value.is_null()).all(is);
        if values.iter().all(Value::is_null) {
            ColumnKind::Text
        } else if all(Value::is_i64) {
            ColumnKind::Int
        } else if all(Value::is_boolean) {
            ColumnKind::Bool
        } else if all(Value::is_number) {
            ColumnKind::Float
        } else {
            ColumnKind::Text
        }
    }

    /// The value of a feature.
    pub(crate) fn value(&self, feature: u32) -> Value {
        match &self.values {
            None => Value::from(feature),
            Some(values) => values.get(feature as usize).cloned().unwrap_or_default(),
        }
    }

    /// The column `area` of rows that are held by these features.
    pub(crate) fn column(&self, features: &[Option<u32>]) -> ArrayRef {
        let value = |feature: &Option<u32>| feature.map(|feature| self.value(feature)).unwrap_or_default();
        let values = features.iter().map(value);
        match self.kind() {
            ColumnKind::Int => Arc::new(values.map(|value| value.as_i64()).collect::<Int64Array>()),
            ColumnKind::Float => Arc::new(values.map(|value| value.as_f64()).collect::<Float64Array>()),
            ColumnKind::Bool => Arc::new(values.map(|value| value.as_bool()).collect::<BooleanArray>()),
            _ => Arc::new(values.map(text).collect::<StringArray>()),
        }
    }

    /// Checks labels that were stored, of so many polygons, lines and points.
    pub(super) fn check(&self, parts: [usize; 3]) -> Result<()> {
        let owners = [&self.polygons, &self.lines, &self.points];
        let is_known =
            |feature: &u32| self.values.as_ref().is_none_or(|values| (*feature as usize) < values.len());
        let fits = |(parts, owners): (usize, &Vec<u32>)| parts == owners.len() && owners.iter().all(is_known);
        if parts.into_iter().zip(owners).all(fits) {
            Ok(())
        } else {
            Err(Error::query("the labels of the area do not fit its parts"))
        }
    }
}

/// A value as text; null stays null.
fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}
