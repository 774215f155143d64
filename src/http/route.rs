//! A row of the table of routes: path, use case, who may call, what it may answer.
//!
//! The row is the only place where these are said: the router, the protection, the OpenAPI document
//! and the tests of permissions all read it, so that none of them can disagree with another.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::openapi::path::{HttpMethod, Parameter, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::refusal::{Refusal, RefusalCode};

use super::answer::{Answer, Body};
use super::request::RawRequest;
use crate::services::ports::{Download, Upload};
use crate::services::{Call, Outcome, Program};

/// Who may call a route. Whether one may see the thing itself is the use case's question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, with or without a token.
    Public,
    /// Anybody with an account.
    SignedIn,
    /// Accounts of these roles.
    Roles(&'static [Role]),
}

/// What a route does to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Reads alone.
    Reads,
    /// Reads, and leaves a trace of the reading (Art. 9.3).
    ReadsOnRecord,
    /// Changes something.
    Changes,
}

/// What runs when the route is called, after the request was decoded.
pub type Run = Box<dyn Fn(&mut Call<'_>) -> Outcome<Answer> + Send>;
/// Decodes a request into what is to be run.
pub type Prepare = Arc<dyn Fn(&Program, RawRequest) -> Outcome<Run> + Send + Sync>;

/// A named schema with the schemas it refers to.
#[derive(Clone)]
pub struct Shape {
    /// The reference or inline schema itself.
    pub schema: RefOr<Schema>,
    /// Every component it needs.
    pub components: Vec<(String, RefOr<Schema>)>,
}

impl Shape {
    fn of<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let mut components = vec![(name.clone(), T::schema())];
        T::schemas(&mut components);
        Self { schema: RefOr::Ref(Ref::from_schema_name(name)), components }
    }
}

/// Makes a shape when the document is written: kept made for every route, they would be megabytes a worker.
pub type MakeShape = fn() -> Shape;

/// What a route answers when all is well.
#[derive(Clone)]
pub enum Produces {
    /// Nothing.
    Nothing,
    /// JSON of this shape.
    Json(MakeShape),
    /// A file.
    File,
}

/// What a route takes as its body.
#[derive(Clone)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// JSON of this shape.
    Json(MakeShape),
    /// A file, as `multipart/form-data`.
    Upload,
}

/// A row of the table.
#[derive(Clone)]
pub struct Route {
    /// The method.
    pub method: HttpMethod,
    /// The path below `/api/v1`, with `{names}`.
    pub path: &'static str,
    /// In Chinese and English, a few words.
    pub summary: (&'static str, &'static str),
    /// Who may call.
    pub access: Access,
    /// What it does to the store.
    pub effect: Effect,
    /// The status when all is well.
    pub success: u16,
    /// Whether money moves, so that an `Idempotency-Key` is required.
    pub requires_key: bool,
    /// Whether the answer may be kept under an `Idempotency-Key`; answers with secrets are not.
    pub replayable: bool,
    /// Whether a change must say which version it is meant for.
    pub requires_version: bool,
    /// Whether `?dry_run=true` is offered.
    pub dry_run: bool,
    /// Whether its calls wait in the claim lane instead of opening a transaction each.
    pub in_lane: bool,
    /// Whether those who may not see more than everybody are shown the board of cycles.
    pub on_board: bool,
    /// Whether it is open to guessing, so that calls are counted by address.
    pub rate_limited: bool,
    /// Refusals of its own, besides those that follow from its form.
    pub refusals: &'static [RefusalCode],
    /// What it takes.
    pub takes: Takes,
    /// What it answers.
    pub produces: Produces,
    /// Its query parameters.
    pub query: Vec<Parameter>,
    /// Decodes and runs.
    pub prepare: Prepare,
}

impl Route {
    fn new(method: HttpMethod, path: &'static str, takes: Takes, produces: Produces, prepare: Prepare) -> Self {
        let reads = method == HttpMethod::Get;
        let requires_version = matches!(method, HttpMethod::Put | HttpMethod::Patch);
        let success = if matches!(produces, Produces::Nothing) { 204 } else { 200 };
        Self {
            method,
            path,
            summary: ("", ""),
            access: Access::SignedIn,
            effect: if reads { Effect::Reads } else { Effect::Changes },
            success,
            requires_key: false,
            replayable: !reads,
            requires_version,
            dry_run: false,
            in_lane: false,
            on_board: false,
            rate_limited: false,
            refusals: &[],
            takes,
            produces,
            query: Vec::new(),
            prepare,
        }
    }

    /// What it is called, in Chinese and English.
    pub fn says(mut self, zh: &'static str, en: &'static str) -> Self {
        self.summary = (zh, en);
        self
    }

    /// Anybody may call.
    pub fn public(mut self) -> Self {
        self.access = Access::Public;
        self
    }

    /// Only these roles may call.
    pub fn only(mut self, roles: &'static [Role]) -> Self {
        self.access = Access::Roles(roles);
        self
    }

    /// Answers 201.
    pub fn created(mut self) -> Self {
        self.success = 201;
        self
    }

    /// Answers 202.
    pub fn accepted(mut self) -> Self {
        self.success = 202;
        self
    }

    /// Money moves: a key is required.
    pub fn moves_money(mut self) -> Self {
        self.requires_key = true;
        self
    }

    /// The answer holds secrets and is never kept.
    pub fn not_replayable(mut self) -> Self {
        self.replayable = false;
        self
    }

    /// A change of something that has no versions.
    pub fn unversioned(mut self) -> Self {
        self.requires_version = false;
        self
    }

    /// A POST that changes something it must have read before.
    pub fn offers_dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// A POST that changes nothing.
    pub fn reads(mut self) -> Self {
        self.effect = Effect::Reads;
        self.replayable = false;
        self
    }

    /// Reading it is recorded (Art. 9.3).
    pub fn on_record(mut self) -> Self {
        self.effect = Effect::ReadsOnRecord;
        self
    }

    /// Calls wait in the claim lane; only dry runs open a transaction of their own.
    pub fn in_lane(mut self) -> Self {
        self.in_lane = true;
        self
    }

    /// Everybody is shown the board of cycles instead of a transaction of their own.
    pub fn on_board(mut self) -> Self {
        self.on_board = true;
        self
    }

    /// Calls are counted by address.
    pub fn rate_limited(mut self) -> Self {
        self.rate_limited = true;
        self
    }

    /// Refusals of its own.
    pub fn refuses(mut self, codes: &'static [RefusalCode]) -> Self {
        self.refusals = codes;
        self
    }

    fn with_query<Q: IntoParams>(mut self) -> Self {
        self.query = Q::into_params(|| Some(ParameterIn::Query));
        self
    }

    /// The names of the path's parameters, in order.
    pub fn parameter_names(&self) -> Vec<&'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
    }
}

fn first_id(path: &'static str, request: &RawRequest) -> Result<Uuid, Refusal> {
    let name = path.split('/').find_map(|part| part.strip_prefix('{')?.strip_suffix('}')).unwrap_or_default();
    request.id(name)
}

fn first_word(path: &'static str, request: &RawRequest) -> Result<String, Refusal> {
    let name = path.split('/').find_map(|part| part.strip_prefix('{')?.strip_suffix('}')).unwrap_or_default();
    request.word(name).map(str::to_owned)
}

fn answered<V: Serialize>(result: Outcome<V>, empty: bool, status: u16) -> Outcome<Answer> {
    let view = result?;
    if empty { Ok(Answer { status, body: Body::Empty }) } else { Answer::json(status, &view) }
}

/// The parts that every JSON route has in common.
fn json_route<V: Serialize + ToSchema + 'static>(
    method: HttpMethod,
    path: &'static str,
    takes: Takes,
    prepare: impl Fn(&Program, RawRequest) -> Outcome<Box<dyn Fn(&mut Call<'_>) -> Outcome<V> + Send>>
    + Send
    + Sync
    + 'static,
) -> Route {
    let empty = std::any::TypeId::of::<V>() == std::any::TypeId::of::<()>();
    let produces = if empty { Produces::Nothing } else { Produces::Json(Shape::of::<V>) };
    let prepare: Prepare = Arc::new(move |program, request| {
        let run = prepare(program, request)?;
        // The status of the row is put in by the dispatcher, which knows the row.
        Ok(Box::new(move |call: &mut Call<'_>| answered(run(call), empty, 0)))
    });
    Route::new(method, path, takes, produces, prepare)
}

/// A route with a JSON body.
pub fn with_body<B, V>(method: HttpMethod, path: &'static str, run: fn(&mut Call<'_>, B) -> Outcome<V>) -> Route
where
    B: DeserializeOwned + ToSchema + Clone + Send + 'static,
    V: Serialize + ToSchema + 'static,
{
    json_route(method, path, Takes::Json(Shape::of::<B>), move |_, request| {
        let body: B = request.decode_body()?;
        Ok(Box::new(move |call| run(call, body.clone())))
    })
}

/// A route with a JSON body and work to be done before the transaction begins, because it takes long:
/// hashing a password would hold up every other writer.
pub fn with_prepared_body<B, P, V>(
    method: HttpMethod,
    path: &'static str,
    prepare: fn(&Program, B) -> Outcome<P>,
    run: fn(&mut Call<'_>, P) -> Outcome<V>,
) -> Route
where
    B: DeserializeOwned + ToSchema + 'static,
    P: Clone + Send + 'static,
    V: Serialize + ToSchema + 'static,
{
    json_route(method, path, Takes::Json(Shape::of::<B>), move |program, request| {
        let prepared = prepare(program, request.decode_body()?)?;
        Ok(Box::new(move |call| run(call, prepared.clone())))
    })
}

/// A route about one thing, with a JSON body.
pub fn with_id_and_body<B, V>(
    method: HttpMethod,
    path: &'static str,
    run: fn(&mut Call<'_>, Uuid, B) -> Outcome<V>,
) -> Route
where
    B: DeserializeOwned + ToSchema + Clone + Send + 'static,
    V: Serialize + ToSchema + 'static,
{
    json_route(method, path, Takes::Json(Shape::of::<B>), move |_, request| {
        let id = first_id(path, &request)?;
        let body: B = request.decode_body()?;
        Ok(Box::new(move |call| run(call, id, body.clone())))
    })
}

/// A route about one thing, without a body.
pub fn with_id<V>(method: HttpMethod, path: &'static str, run: fn(&mut Call<'_>, Uuid) -> Outcome<V>) -> Route
where
    V: Serialize + ToSchema + 'static,
{
    json_route(method, path, Takes::Nothing, move |_, request| {
        let id = first_id(path, &request)?;
        Ok(Box::new(move |call| run(call, id)))
    })
}

/// A route without parameters.
pub fn plain<V>(method: HttpMethod, path: &'static str, run: fn(&mut Call<'_>) -> Outcome<V>) -> Route
where
    V: Serialize + ToSchema + 'static,
{
    json_route(method, path, Takes::Nothing, move |_, _| Ok(Box::new(run)))
}

/// A route about something that is named by a word.
pub fn with_word<V>(method: HttpMethod, path: &'static str, run: fn(&mut Call<'_>, &str) -> Outcome<V>) -> Route
where
    V: Serialize + ToSchema + 'static,
{
    json_route(method, path, Takes::Nothing, move |_, request| {
        let word = first_word(path, &request)?;
        Ok(Box::new(move |call| run(call, &word)))
    })
}

/// A route about something that is named by a word, with a JSON body.
pub fn with_word_and_body<B, V>(
    method: HttpMethod,
    path: &'static str,
    run: fn(&mut Call<'_>, &str, B) -> Outcome<V>,
) -> Route
where
    B: DeserializeOwned + ToSchema + Clone + Send + 'static,
    V: Serialize + ToSchema + 'static,
{
    json_route(method, path, Takes::Json(Shape::of::<B>), move |_, request| {
        let word = first_word(path, &request)?;
        let body: B = request.decode_body()?;
        Ok(Box::new(move |call| run(call, &word, body.clone())))
    })
}

/// A list or another reading with query parameters.
pub fn with_query<Q, V>(path: &'static str, run: fn(&mut Call<'_>, Q) -> Outcome<V>) -> Route
where
    Q: DeserializeOwned + IntoParams + Clone + Send + 'static,
    V: Serialize + ToSchema + 'static,
{
    json_route(HttpMethod::Get, path, Takes::Nothing, move |_, request| {
        let query: Q = request.decode_query()?;
        Ok(Box::new(move |call| run(call, query.clone())))
    })
    .with_query::<Q>()
}

/// A reading about one thing with query parameters.
pub fn with_id_and_query<Q, V>(path: &'static str, run: fn(&mut Call<'_>, Uuid, Q) -> Outcome<V>) -> Route
where
    Q: DeserializeOwned + IntoParams + Clone + Send + 'static,
    V: Serialize + ToSchema + 'static,
{
    json_route(HttpMethod::Get, path, Takes::Nothing, move |_, request| {
        let id = first_id(path, &request)?;
        let query: Q = request.decode_query()?;
        Ok(Box::new(move |call| run(call, id, query.clone())))
    })
    .with_query::<Q>()
}

/// A route that takes a file. What takes long with it (looking into it, keeping its bytes) is done
/// before the transaction begins.
pub fn upload<P, V>(
    path: &'static str,
    prepare: fn(&Program, Upload) -> Outcome<P>,
    run: fn(&mut Call<'_>, P) -> Outcome<V>,
) -> Route
where
    P: Clone + Send + 'static,
    V: Serialize + ToSchema + 'static,
{
    json_route(HttpMethod::Post, path, Takes::Upload, move |program, mut request| {
        let upload = request.upload.take().ok_or_else(|| {
            Refusal::field(
                "file",
                "required",
                "请以 multipart/form-data 上传一个名为 file 的文件。",
                "send one file named `file` as multipart/form-data.",
            )
        })?;
        let prepared = prepare(program, upload)?;
        Ok(Box::new(move |call| run(call, prepared.clone())))
    })
}

/// A route about one thing that answers a file, with query parameters.
pub fn download<Q>(path: &'static str, run: fn(&mut Call<'_>, Uuid, Q) -> Outcome<Download>) -> Route
where
    Q: DeserializeOwned + IntoParams + Clone + Send + 'static,
{
    let prepare: Prepare = Arc::new(move |_: &Program, request: RawRequest| {
        let id = first_id(path, &request)?;
        let query: Q = request.decode_query()?;
        Ok(Box::new(move |call: &mut Call<'_>| {
            run(call, id, query.clone()).map(|file| Answer { status: 200, body: Body::File(file) })
        }))
    });
    Route::new(HttpMethod::Get, path, Takes::Nothing, Produces::File, prepare).with_query::<Q>()
}

/// A route that answers a file, with query parameters.
pub fn file_with_query<Q>(path: &'static str, run: fn(&mut Call<'_>, Q) -> Outcome<Download>) -> Route
where
    Q: DeserializeOwned + IntoParams + Clone + Send + 'static,
{
    let prepare: Prepare = Arc::new(move |_: &Program, request: RawRequest| {
        let query: Q = request.decode_query()?;
        Ok(Box::new(move |call: &mut Call<'_>| {
            run(call, query.clone()).map(|file| Answer { status: 200, body: Body::File(file) })
        }))
    });
    Route::new(HttpMethod::Get, path, Takes::Nothing, Produces::File, prepare).with_query::<Q>()
}

/// The name of a method as it is written on the wire.
pub fn method_name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Post => "POST",
        HttpMethod::Put => "PUT",
        HttpMethod::Delete => "DELETE",
        HttpMethod::Options => "OPTIONS",
        HttpMethod::Head => "HEAD",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Trace => "TRACE",
    }
}
