//! What no query and no lookup asks.

use serde::de::IgnoredAny;

use crate::api::Endpoint;
use crate::error::Result;
use crate::error::Unreadable;
use crate::http::{Client, Meter};
use crate::plan::Request;

impl Client {
    /// The body of the answer to any request, as the service sends it: JSON, or a vector tile, which may be empty.
    ///
    /// It is paced, repeated and checked for faults like every other request.
    ///
    /// # Errors
    /// Those of the request; [`Error::Decode`](crate::Error::Decode) when the body is neither of the two.
    pub async fn body(&self, request: &Request) -> Result<Vec<u8>> {
        let check = if request.endpoint() == Endpoint::Tiles { check_tile } else { check_json };
        self.fetch(request, &Meter::default(), move |body| check(&body).map(|()| body)).await
    }
}

fn broken(what: String) -> Unreadable {
    Unreadable { what, offset: None, passing: true }
}

fn check_json(body: &[u8]) -> Result<(), Unreadable> {
    serde_json::from_slice(body).map(|_: IgnoredAny| ()).map_err(|e| broken(format!("broken JSON: {e}")))
}

fn check_tile(body: &[u8]) -> Result<(), Unreadable> {
    mly_mvt::Tile::new(body).layers().try_for_each(|layer| layer.map(drop)).map_err(|e| broken(e.to_string()))
}
