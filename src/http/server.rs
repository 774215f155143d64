//! The table of routes behind actix-web: bytes in, [`dispatch`](super::dispatch) on a thread that may
//! wait for the store, bytes out.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::StreamExt;
use utoipa_swagger_ui::{Config, SwaggerUi};
use uuid::Uuid;
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_domain::text::Language;

use super::answer::{Answer, Body, localize};
use super::claim_lane::ClaimLane;
use super::limit::{self, Limiter};
use super::openapi::{self, BASE};
use super::problem::{self, Problem};
use super::request::RawRequest;
use super::route::{Effect, Route, Takes};
use super::table::{Found, Table};
use super::{board, claims, dispatch, metrics, routes};
use crate::services::Program;
use crate::services::board::Board;
use crate::services::lag;
use crate::services::ports::Upload;

/// The name of the file's part in a multipart body.
const UPLOAD_FIELD: &str = "file";
/// What a multipart body may hold around the file itself.
const MULTIPART_ROOM_BYTES: usize = 64 * 1024;

/// What every worker shares.
pub struct Shared {
    /// The program.
    pub program: Arc<Program>,
    /// The limits of calls by address.
    pub limiter: Limiter,
    /// The counts of answers.
    pub metrics: metrics::Metrics,
    /// The queue of claims.
    pub lane: ClaimLane,
    /// The cycles that everybody looks at.
    pub board: Board,
    /// Who reads the board anew, for all.
    pub board_turns: board::Turns,
    /// The routes.
    table: Table,
    /// The OpenAPI document, written when it is first asked for: writing it takes megabytes.
    openapi: OnceLock<web::Bytes>,
}

impl Shared {
    /// What every worker shares, for a program.
    pub fn new(program: Arc<Program>) -> Self {
        let limiter = Limiter::new(program.settings.auth.guesses_per_minute, Arc::clone(&program.clock));
        let lane = ClaimLane::start(Arc::clone(&program), program.settings.claims.queue, claims::render);
        let table = Table::new(routes::table(&program));
        Self {
            program,
            limiter,
            metrics: metrics::Metrics::default(),
            lane,
            board: Board::default(),
            board_turns: board::Turns::default(),
            table,
            openapi: OnceLock::new(),
        }
    }

    /// The OpenAPI document.
    fn openapi(&self) -> Result<web::Bytes, serde_json::Error> {
        if let Some(written) = self.openapi.get() {
            return Ok(written.clone());
        }
        let document = openapi::document(self.table.rows()).to_pretty_json()?;
        Ok(self.openapi.get_or_init(|| document.into()).clone())
    }
}

/// How many requests of a worker may wait for the store at once: several times its connections, so that none
/// is idle, and few enough that their memory has a bound.
pub const BLOCKING_THREADS: usize = 32;

/// Puts the whole API into an actix application.
pub fn configure(shared: &Data<Shared>, service: &mut ServiceConfig) {
    service.app_data(shared.clone());
    service.service(web::scope(BASE).default_service(web::to(api)));
    let live = || async { HttpResponse::Ok().json(serde_json::json!({ "status": "ok" })) };
    for resource in [
        web::resource("/openapi.json").route(web::get().to(document)),
        web::resource("/health/live").route(web::get().to(live)),
        web::resource("/health/ready").route(web::get().to(ready)),
        web::resource("/metrics").route(web::get().to(metrics_page)),
    ] {
        service.service(resource.default_service(web::to(|request| wrong_method(request, "GET".to_owned()))));
    }
    service
        .route(
            "/docs",
            web::get().to(|| async {
                HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
            }),
        )
        .route(
            "/",
            web::get().to(|| async { HttpResponse::SeeOther().insert_header((header::LOCATION, "/docs/")).finish() }),
        )
        .service(
            SwaggerUi::new("/docs/{_:.*}")
                .config(Config::from("/openapi.json").validator_url("none").persist_authorization(true)),
        )
        .default_service(web::to(nowhere));
}

/// Any request of the API. The table says itself what a path means: actix would try one pattern after another.
async fn api(shared: Data<Shared>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    match shared.table.find(request.method().as_str(), request.match_info().unprocessed()) {
        Found::Row(route, parameters) => {
            let raw = RawRequest { parameters, ..take_apart(&request) };
            serve(&shared, route, &request, raw, payload).await
        }
        Found::WrongMethod(allowed) => wrong_method(request, allowed).await,
        Found::Nowhere => nowhere(request).await,
    }
}

/// One request of the table.
async fn serve(
    shared: &Data<Shared>,
    route: &Arc<Route>,
    request: &HttpRequest,
    mut raw: RawRequest,
    payload: web::Payload,
) -> HttpResponse {
    raw.peer = caller_address(request, &shared.program.settings.server.trusted_proxies);
    let language = raw.language();
    let request_id = raw.request_id;
    let answer = match admit(shared, route, raw, payload, request.headers()).await {
        Err(refusal) => Problem::new(refusal, request_id).answer(),
        Ok((head, raw)) if route.in_lane && !head.dry_run => claims::answer(shared, head, raw).await,
        Ok((head, raw)) if route.on_board => match board::answer(shared, route, &raw).await {
            Some(answer) => answer,
            None => handle(shared, route, head, raw).await,
        },
        Ok((head, raw)) => handle(shared, route, head, raw).await,
    };
    shared.metrics.count(route, answer.status);
    write(answer, language, request_id)
}

/// A request that opens a transaction of its own, on a thread that may wait for the store.
async fn handle(shared: &Data<Shared>, route: &Arc<Route>, head: dispatch::Head, raw: RawRequest) -> Answer {
    let request_id = raw.request_id;
    let (shared, route) = (shared.clone(), Arc::clone(route));
    let handled = web::block(move || dispatch::handle_body(&shared.program, &route, head, raw)).await;
    handled.unwrap_or_else(|error| {
        tracing::error!(%request_id, %error, "a request was not finished");
        let refusal = Refusal::new(RefusalCode::Internal, "系统内部错误。", "A fault of the system.");
        Problem::new(refusal, request_id).answer()
    })
}

fn take_apart(request: &HttpRequest) -> RawRequest {
    let text = |name: HeaderName| {
        request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    RawRequest {
        method: request.method().as_str().to_owned(),
        path: request.path().to_owned(),
        parameters: BTreeMap::new(),
        query: request.query_string().to_owned(),
        body: Vec::new(),
        upload: None,
        authorization: text(header::AUTHORIZATION),
        idempotency_key: text(HeaderName::from_static("idempotency-key")),
        if_match: text(header::IF_MATCH),
        accept_language: text(header::ACCEPT_LANGUAGE),
        content_type: text(header::CONTENT_TYPE).filter(|kind| !kind.is_empty()),
        peer: String::new(),
        // An id of the request, for the log and for asking for help; it orders nothing.
        request_id: Uuid::new_v4(),
    }
}

/// Whom calls are counted by: the address that called, or whom the proxies before us say it was.
fn caller_address(request: &HttpRequest, trusted_proxies: &[IpAddr]) -> String {
    let Some(peer) = request.peer_addr() else { return String::new() };
    let forwarded = request.headers().get_all(HeaderName::from_static("x-forwarded-for"));
    let forwarded: Vec<&str> = forwarded.filter_map(|value| value.to_str().ok()).collect();
    limit::counted_address(peer.ip(), &forwarded.join(","), trusted_proxies)
}

/// Counts the call where it invites guessing, checks its head, and only then reads the body up to its
/// limit: who may not call costs nothing.
async fn admit(
    shared: &Shared,
    route: &Route,
    mut raw: RawRequest,
    payload: web::Payload,
    headers: &HeaderMap,
) -> Result<(dispatch::Head, RawRequest), Refusal> {
    if route.rate_limited {
        shared.limiter.admit(&raw.peer)?;
    }
    let head = dispatch::check_head(&shared.program, route, &raw)?;
    let settings = &shared.program.settings;
    match route.takes {
        // What a reading might carry means nothing (RFC 9110 §9.3.1).
        Takes::Nothing if route.effect != Effect::Changes => {}
        Takes::Nothing | Takes::Json(_) => raw.body = read_body(payload, settings.server.max_body_bytes).await?,
        Takes::Upload => raw.upload = read_upload(payload, headers, settings.files.max_bytes).await?,
    }
    Ok((head, raw))
}

fn too_large(limit_bytes: usize) -> Refusal {
    Refusal::new(
        RefusalCode::PayloadTooLarge,
        format!("内容超过 {limit_bytes} 字节的上限。"),
        format!("The content is larger than the limit of {limit_bytes} bytes."),
    )
}

fn broken_off() -> Refusal {
    Refusal::new(RefusalCode::MalformedRequest, "请求体不完整或无法解析。", "The body is incomplete or cannot be read.")
}

async fn read_body(mut payload: web::Payload, limit_bytes: usize) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| broken_off())?;
        if body.len().saturating_add(chunk.len()) > limit_bytes {
            return Err(too_large(limit_bytes));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

async fn read_upload(
    payload: web::Payload,
    headers: &HeaderMap,
    limit_bytes: usize,
) -> Result<Option<Upload>, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("multipart/form-data") {
        return Err(Refusal::new(
            RefusalCode::UnsupportedMediaType,
            "请以 multipart/form-data 上传一个名为 file 的文件。",
            "Send one file named `file` as multipart/form-data.",
        ));
    }
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > limit_bytes.saturating_add(MULTIPART_ROOM_BYTES)) {
        return Err(too_large(limit_bytes));
    }
    let mut form = actix_multipart::Multipart::new(headers, payload);
    let mut upload = None;
    while let Some(field) = form.next().await {
        let mut field = field.map_err(|_| broken_off())?;
        let field_name = field.name().unwrap_or_default().to_owned();
        if field_name != UPLOAD_FIELD || upload.is_some() {
            let mut refusal = Refusal::field(
                &field_name,
                "unknown_field",
                "只接受一个名为 file 的文件。",
                "only one file named `file` is taken.",
            );
            refusal.code = RefusalCode::UnknownField;
            return Err(refusal);
        }
        let name = field.content_disposition().and_then(|given| given.get_filename()).unwrap_or("file").to_owned();
        let bytes = field.bytes(limit_bytes).await.map_err(|_| too_large(limit_bytes))?.map_err(|_| broken_off())?;
        upload = Some(Upload { name, bytes: bytes.to_vec() });
    }
    Ok(upload)
}

/// Writes an answer in the reader's language.
fn write(answer: Answer, language: Language, request_id: Uuid) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponseBuilder::new(status);
    response.insert_header(("x-request-id", request_id.to_string()));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if status.is_success()
        && let Some(etag) = answer.etag()
    {
        response.insert_header((header::ETAG, etag));
    }
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110 §11.6.1: a 401 says how one identifies oneself.
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"innovation-voucher\""));
    }
    let kind = if status.is_success() { "application/json" } else { problem::MEDIA_TYPE };
    match answer.body {
        Body::Empty => response.finish(),
        Body::Written(written) => {
            response.insert_header((header::CONTENT_LANGUAGE, tag(language)));
            response.insert_header((header::CONTENT_TYPE, kind));
            response.body(written.text)
        }
        Body::Json(mut value) => {
            localize(&mut value, language);
            response.insert_header((header::CONTENT_LANGUAGE, tag(language)));
            if let Some(seconds) = value.get("retry_after_seconds").and_then(serde_json::Value::as_i64) {
                response.insert_header((header::RETRY_AFTER, seconds.to_string()));
            }
            response.insert_header((header::CONTENT_TYPE, kind));
            response.body(value.to_string())
        }
        Body::File(file) => {
            response.insert_header((header::CONTENT_TYPE, file.content_type));
            response.insert_header(("x-content-type-options", "nosniff"));
            if let Ok(value) = HeaderValue::from_str(&attachment(&file.name)) {
                response.insert_header((header::CONTENT_DISPOSITION, value));
            }
            response.body(file.bytes)
        }
    }
}

/// A language in a header (RFC 5646).
fn tag(language: Language) -> &'static str {
    match language {
        Language::Chinese => "zh-CN",
        Language::English => "en",
    }
}

/// A file's name in a header, by RFC 8187 for what is not ASCII.
fn attachment(name: &str) -> String {
    let encoded: String = name
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    format!("attachment; filename*=UTF-8''{encoded}")
}

fn problem_response(request: &HttpRequest, refusal: Refusal) -> HttpResponse {
    let raw = take_apart(request);
    write(Problem::new(refusal, raw.request_id).answer(), raw.language(), raw.request_id)
}

async fn wrong_method(request: HttpRequest, allowed: String) -> HttpResponse {
    let refusal = Refusal::new(
        RefusalCode::MethodNotAllowed,
        format!("此路径不支持 {},可用:{allowed}。", request.method()),
        format!("This path does not take {}, but {allowed}.", request.method()),
    );
    let mut response = problem_response(&request, refusal);
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        // RFC 9110 §15.5.6: a 405 names what is allowed.
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

async fn nowhere(request: HttpRequest) -> HttpResponse {
    problem_response(&request, Refusal::not_found())
}

async fn document(shared: Data<Shared>) -> HttpResponse {
    match shared.openapi() {
        Ok(written) => HttpResponse::Ok().content_type("application/json").body(written),
        Err(error) => {
            tracing::error!(%error, "the OpenAPI document cannot be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

async fn ready(shared: Data<Shared>) -> HttpResponse {
    let store = shared.clone();
    let answered = web::block(move || store.program.store.ping()).await;
    match answered {
        Ok(Ok(())) => HttpResponse::Ok().json(serde_json::json!({ "status": "ready" })),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            HttpResponse::ServiceUnavailable().json(serde_json::json!({ "status": "the store does not answer" }))
        }
        Err(_) => HttpResponse::ServiceUnavailable().json(serde_json::json!({ "status": "no thread is free" })),
    }
}

async fn metrics_page(shared: Data<Shared>) -> HttpResponse {
    let store = shared.clone();
    match web::block(move || lag::read(&store.program)).await {
        Ok(Ok(lags)) => shared.metrics.measure(&lags),
        // What the page counts by itself is worth showing without it.
        Ok(Err(failure)) => tracing::warn!(%failure, "how far the jobs are behind cannot be read"),
        Err(error) => tracing::warn!(%error, "how far the jobs are behind was not read"),
    }
    HttpResponse::Ok().content_type(metrics::MEDIA_TYPE).body(shared.metrics.page())
}
