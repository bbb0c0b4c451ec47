//! Rows of Arrow IPC streams and files.

use std::fs::File;

use super::adapt::{Adapted, Geometries};
use super::feed::Feed;
use crate::error::Result;
use crate::source::beginning::{Beginning, Form};
use crate::source::message::{Messages, broken};

/// Reads the rows of a file.
pub(super) fn read(file: &File, feed: &mut Feed) -> Result<()> {
    let Beginning { form, input } = Beginning::of(file)?;
    let mut messages = match form {
        Form::ArrowFile => Messages::of_file(input)?,
        _ => Messages::of_stream(input)?,
    };
    let adapted = Adapted::new(messages.schema(), &Geometries::none())?;
    feed.begin(adapted.schema())?;
    loop {
        let before = messages.rows;
        let Some(rows) = messages.rows(&adapted.indexes)? else {
            return if messages.is_complete { Ok(()) } else { Err(broken("it ends too early", before)) };
        };
        feed.rows(&adapted.rows(rows.columns(), rows.num_rows(), before)?)?;
    }
}
