//! The HTTP server: one handler for all paths, because faults are decided before routes.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, Version, header},
    response::Response,
    serve::ListenerExt,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::net::TcpListener;

use crate::{
    answer::{Answer, ApiError},
    answers::{Answers, Cors, HttpVersion, Presence},
    fault::apply::RequestContext,
    limits::Refusal,
    lock::lock,
    log::{Endpoint, RequestRecord},
    request::Request,
    routes::{self, Route},
    state::{ServerState, trace},
};

/// The only requests with a body exchange a token or a code, which is small.
const MOST_REQUEST_BYTES: usize = 1 << 16;

/// Serves until the future is dropped.
pub(crate) async fn serve(listener: TcpListener, state: Arc<ServerState>) {
    let listener = listener.tap_io(|stream| {
        // Without this small answers wait for an acknowledgement. If it fails, they are only slower.
        let _ = stream.set_nodelay(true);
    });
    let router = Router::new().fallback(handle).with_state(state);
    // axum's accept loop handles its errors itself and never ends.
    let _ = axum::serve(listener, router).await;
}

async fn handle(State(state): State<Arc<ServerState>>, request: axum::extract::Request) -> Response {
    let arrived_ms = state.now_ms();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_REQUEST_BYTES).await.unwrap_or_default();
    let request = Request::new(&parts, body, arrived_ms);
    let route = Route::of(&request.path);
    let place = note(&state, &request, route);
    let hit = state.faults.hit(route.endpoint(), route.tile());
    if !hit.delay.is_zero() {
        tokio::time::sleep(hit.delay).await;
    }
    let number = state.number();
    let trace = trace(number);
    let request_url = format!("{}{}", state.url, parts.uri);
    let context =
        RequestContext { endpoint: route.endpoint(), request_url: &request_url, trace: &trace, seed: number };
    let answer = if let Some(instead) = hit.kind.as_ref().and_then(|kind| kind.instead(context)) {
        instead
    } else {
        let right = right_answer(&state, &request, route, context);
        match hit.kind {
            Some(kind) => kind.spoil(right, context),
            None => right,
        }
    };
    if let Some(seen) = lock(&state.seen).get_mut(place) {
        seen.status = answer.status;
    }
    respond(answer, route.endpoint(), &state.answers)
}

/// Records a request and returns its place in the list, which is beyond its end when the list is full. Its status is added with the answer, since a client may disconnect
/// before that.
fn note(state: &ServerState, request: &Request, route: Route<'_>) -> usize {
    let mut seen = lock(&state.seen);
    if seen.len() >= state.most_noted {
        return usize::MAX;
    }
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

fn right_answer(
    state: &ServerState,
    request: &Request,
    route: Route<'_>,
    context: RequestContext<'_>,
) -> Answer {
    let result = match state.meter.admit(route.endpoint(), request.arrived_ms) {
        Ok(()) => routes::answer(state, request, route),
        Err(Refusal::Block) => Ok(context.block()),
        Err(Refusal::Throttle) => Err(ApiError::throttled()),
    };
    let answer = result.unwrap_or_else(|error| error.answer(context.trace));
    answer.compressed(state.answers.graph_compression, request.accepts_gzip)
}

/// Headers that answers may have, by what is played.
fn headers_of(answer: &Answer, endpoint: Endpoint, answers: &Answers) -> Vec<(HeaderName, &'static str)> {
    let mut headers = Vec::new();
    if answers.cors == Cors::Any {
        // Map viewers in a browser are pages of another origin.
        headers.push((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    }
    let is_graph = matches!(endpoint, Endpoint::Entity | Endpoint::Search);
    if answers.app_usage == Presence::Sent && is_graph {
        let usage = r#"{"call_count":3,"total_cputime":1,"total_time":2}"#;
        headers.push((HeaderName::from_static("x-app-usage"), usage));
    }
    if answers.retry_after == Presence::Sent && answer.status >= 400 {
        headers.push((header::RETRY_AFTER, "1"));
    }
    headers
}

fn respond(answer: Answer, endpoint: Endpoint, answers: &Answers) -> Response {
    let usual = headers_of(&answer, endpoint, answers);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match answer.declared_length {
        // The length of a stream is not known to hyper, so it sends the wrong one set below. When the stream ends short of
        // it, hyper closes the connection; the pause before the end lets the bytes leave first.
        Some(_) => Body::from_stream(
            stream::iter([Ok::<Bytes, std::io::Error>(answer.body)])
                .chain(stream::once(tokio::task::yield_now()).filter_map(|()| std::future::ready(None))),
        ),
        None => Body::from(answer.body),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    if answers.http_version == HttpVersion::Http10 {
        *response.version_mut() = Version::HTTP_10;
    }
    let headers = response.headers_mut();
    for (name, value) in usual {
        headers.insert(name, HeaderValue::from_static(value));
    }
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
