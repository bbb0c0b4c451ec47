//! The HTTP side: one handler for everything, because faults come before routes.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
    serve::ListenerExt,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::net::TcpListener;

use crate::{
    answer::{Answer, ApiError},
    fault::apply::RequestContext,
    limits::Refusal,
    lock::lock,
    log::RequestRecord,
    request::Request,
    routes::{self, Route},
    shared::{Shared, trace},
};

/// Bodies of requests are tokens and codes: small.
const MOST_REQUEST_BYTES: usize = 1 << 16;

/// Serves until the future is dropped.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let listener = listener.tap_io(|stream| {
        // Small answers must not wait for an acknowledgement; without this they only come later.
        let _ = stream.set_nodelay(true);
    });
    let router = Router::new().fallback(handle).with_state(shared);
    // axum's accept loop handles its errors itself and never ends.
    let _ = axum::serve(listener, router).await;
}

async fn handle(State(shared): State<Arc<Shared>>, request: axum::extract::Request) -> Response {
    let arrived_ms = shared.now_ms();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_REQUEST_BYTES).await.unwrap_or_default();
    let request = Request::new(&parts, body, arrived_ms);
    let route = Route::of(&request.path);
    let place = note(&shared, &request, route);
    let hit = shared.faults.meet(route.endpoint(), route.tile());
    if !hit.delay.is_zero() {
        tokio::time::sleep(hit.delay).await;
    }
    let number = shared.number();
    let trace = trace(number);
    let request_url = format!("{}{}", shared.url, parts.uri);
    let context =
        RequestContext { endpoint: route.endpoint(), request_url: &request_url, trace: &trace, seed: number };
    let answer = if let Some(instead) = hit.kind.as_ref().and_then(|kind| kind.instead(context)) {
        instead
    } else {
        let right = right_answer(&shared, &request, route, context);
        match hit.kind {
            Some(kind) => kind.spoil(right, context),
            None => right,
        }
    };
    if let Some(seen) = lock(&shared.seen).get_mut(place) {
        seen.status = answer.status;
    }
    respond(answer)
}

/// Writes a request down, so far without a status: a client may go away before the answer. Returns its place.
fn note(shared: &Shared, request: &Request, route: Route<'_>) -> usize {
    let mut seen = lock(&shared.seen);
    seen.push(RequestRecord {
        kind: route.endpoint(),
        method: request.method.to_string(),
        path: request.path.clone(),
        query: request.query.clone(),
        token: request.token.form,
        status: 0,
        at_ms: request.arrived_ms,
    });
    seen.len() - 1
}

fn right_answer(shared: &Shared, request: &Request, route: Route<'_>, context: RequestContext<'_>) -> Answer {
    let result = match shared.meter.admit(route.endpoint(), request.arrived_ms) {
        Ok(()) => routes::answer(shared, request, route),
        Err(Refusal::Block) => Ok(context.block()),
        Err(Refusal::Throttle) => Err(ApiError::throttled()),
    };
    let answer = result.unwrap_or_else(|error| error.answer(context.trace));
    if request.accepts_gzip { answer.gzipped() } else { answer }
}

fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match answer.declared_length {
        // A stream has no length of its own, so the wrong one below stands. It pauses before its end: what was
        // sent must leave before the connection breaks.
        Some(_) => Body::from_stream(
            stream::iter([Ok::<Bytes, std::io::Error>(answer.body)])
                .chain(stream::once(tokio::task::yield_now()).filter_map(|()| std::future::ready(None))),
        ),
        None => Body::from(answer.body),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    // Web viewers ask from other origins.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if status != StatusCode::NO_CONTENT {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    }
    if let Some(encoding) = answer.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Some(length) = answer.declared_length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
