//! What no query and no lookup asks.

use crate::error::Result;
use crate::http::{Client, Meter};
use crate::plan::Request;

impl Client {
    /// The body of the answer to any request, as the service sends it; empty when there is nothing.
    ///
    /// It is paced, repeated and checked for faults like every other request.
    ///
    /// # Errors
    /// Those of the request; what the body holds is not looked at.
    pub async fn body(&self, request: &Request) -> Result<Vec<u8>> {
        self.fetch(request, &Meter::default(), Ok).await
    }
}
