//! Ids as arguments: one, a list, or a column of a table.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, NullArray, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use mly::source::{self, Kind};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::arguments::{ids, of_argument};
use crate::batches::Batches;
use crate::errors::to_py;
use crate::{capsule, runtime};

/// What the ids are ids of.
#[derive(Clone, Copy)]
pub(crate) enum IdOwner {
    Images,
    MapFeatures,
    Sequences,
    Organizations,
}

impl IdOwner {
    fn kind(self) -> Kind {
        match self {
            Self::Images => Kind::Image,
            Self::MapFeatures => Kind::MapFeature,
            Self::Sequences => Kind::Sequence,
            Self::Organizations => Kind::Organization,
        }
    }
}

/// Columns that can hold the ids. Of the other columns only the names are needed, which show what the rows are.
const ID_COLUMNS: [&str; 3] = ["id", "image_id", "map_feature_id"];

/// One id, many, a result of mly, or a table of another package.
pub(crate) fn of_any(given: &Bound<'_, PyAny>, name: &str, wanted: IdOwner) -> PyResult<Vec<String>> {
    let read = || {
        if let Ok(batches) = given.cast::<Batches>() {
            return of_result(given.py(), batches.get(), wanted);
        }
        match capsule::read(given)? {
            Some(table) => {
                let mut rows = Rows::new(&arrow_array::RecordBatchReader::schema(&table))?;
                for batch in table {
                    let batch =
                        batch.map_err(|e| given.py().check_signals().err().unwrap_or(capsule::to_py(e)))?;
                    rows.add(&batch)?;
                }
                rows.ids(wanted)
            }
            None => ids(given),
        }
    };
    read().map_err(|error| of_argument(given.py(), name, error))
}

/// Ids of images or of map features, from a file, a table or a list; those of a list are of images.
pub(crate) fn of_images_or_features(given: &Bound<'_, PyAny>, name: &str) -> PyResult<source::Ids> {
    const KINDS: [Kind; 2] = [Kind::Image, Kind::MapFeature];
    let read = || {
        if given.is_instance_of::<PyString>() || given.hasattr("__fspath__")? {
            let path: PathBuf = given.extract()?;
            let open = || Ok::<_, std::io::Error>(std::io::BufReader::new(File::open(&path)?));
            return source::ids(open()?, &KINDS).map_err(to_py);
        }
        let Some(table) = capsule::read(given)? else {
            let list = ids(given)?.join("\n");
            return source::ids(list.as_bytes(), &[Kind::Image]).map_err(to_py);
        };
        let mut rows = Rows::new(&arrow_array::RecordBatchReader::schema(&table))?;
        for batch in table {
            rows.add(&batch.map_err(capsule::to_py)?)?;
        }
        rows.of_kinds(&KINDS)
    };
    read().map_err(|error| of_argument(given.py(), name, error))
}

fn of_result(py: Python<'_>, batches: &Batches, wanted: IdOwner) -> PyResult<Vec<String>> {
    let running = batches.running();
    running.claim()?;
    let mut rows = Rows::new(&running.schema)?;
    loop {
        let mut held = running.hold()?;
        let Some(batch) = runtime::wait(py, held.next(), |py| batches.tell(py))? else { break };
        rows.add(&batch)?;
    }
    rows.ids(wanted)
}

/// The columns of ids as an Arrow file, whose reader knows by the names of all columns what the rows are.
struct Rows {
    schema: Arc<Schema>,
    writer: StreamWriter<Vec<u8>>,
}

impl Rows {
    fn new(schema: &Schema) -> PyResult<Self> {
        let fields = schema.fields().iter().map(|field| {
            let is_read = ID_COLUMNS.contains(&field.name().as_str());
            let data_type = if is_read { field.data_type().clone() } else { DataType::Null };
            Field::new(field.name(), data_type, true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let writer = StreamWriter::try_new(Vec::new(), &schema).map_err(capsule::to_py)?;
        Ok(Self { schema, writer })
    }

    fn add(&mut self, batch: &RecordBatch) -> PyResult<()> {
        let columns = self.schema.fields().iter().zip(batch.columns()).map(|(field, column)| -> ArrayRef {
            match field.data_type() {
                DataType::Null => Arc::new(NullArray::new(column.len())),
                _ => Arc::clone(column),
            }
        });
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns.collect());
        batch.and_then(|batch| self.writer.write(&batch)).map_err(capsule::to_py)
    }

    fn ids(self, wanted: IdOwner) -> PyResult<Vec<String>> {
        Ok(self.of_kinds(&[wanted.kind()])?.ids)
    }

    fn of_kinds(mut self, kinds: &[Kind]) -> PyResult<source::Ids> {
        self.writer.finish().map_err(capsule::to_py)?;
        let bytes = self.writer.into_inner().map_err(capsule::to_py)?;
        source::ids(bytes.as_slice(), kinds).map_err(to_py)
    }
}
