//! The OpenAPI 3.1 document, made from the table of routes: it cannot differ from what is served.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, HeaderBuilder, InfoBuilder, ObjectBuilder, OpenApi, PathItem, PathsBuilder, RefOr,
    Required, ResponseBuilder, Schema, Type,
};
use voucher_domain::code::Code;
use voucher_domain::refusal::RefusalCode;

use super::problem::{self, Problem};
use super::route::{Access, Effect, Produces, Route, Shape, Takes};

/// The prefix of every route of the table.
pub const BASE: &str = "/api/v1";
const BEARER: &str = "bearer";

/// Every refusal that a route can answer: those that follow from its form, and its own.
pub fn refusals(route: &Route) -> BTreeSet<RefusalCode> {
    let mut codes: BTreeSet<RefusalCode> =
        [RefusalCode::Unauthenticated, RefusalCode::UnknownField, RefusalCode::Overloaded].into();
    if route.access != Access::Public {
        codes.insert(RefusalCode::Forbidden);
    }
    if !route.parameter_names().is_empty() {
        codes.insert(RefusalCode::NotFound);
    }
    if !route.query.is_empty() || route.dry_run {
        codes.insert(RefusalCode::ValidationFailed);
    }
    // A change that takes no body refuses one by name, too.
    if route.effect == Effect::Changes || !matches!(route.takes, Takes::Nothing) {
        codes.extend([
            RefusalCode::ValidationFailed,
            RefusalCode::MalformedRequest,
            RefusalCode::PayloadTooLarge,
            RefusalCode::UnsupportedMediaType,
        ]);
    }
    if route.effect == Effect::Changes {
        codes.insert(RefusalCode::PreconditionFailed);
    }
    if route.requires_version {
        codes.insert(RefusalCode::PreconditionRequired);
    }
    if route.requires_key {
        codes.insert(RefusalCode::IdempotencyKeyRequired);
    }
    if route.replayable {
        codes.extend([RefusalCode::IdempotencyKeyReused, RefusalCode::ValidationFailed]);
    }
    if route.rate_limited {
        codes.insert(RefusalCode::RateLimited);
    }
    codes.extend(route.refusals);
    codes
}

/// The document of a table of routes.
pub fn document<'a>(routes: impl IntoIterator<Item = &'a Route>) -> OpenApi {
    let mut components = Components::new();
    add_component::<Problem>(&mut components);
    components.add_security_scheme(
        BEARER,
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build()),
    );
    let mut items: BTreeMap<String, PathItem> = BTreeMap::new();
    for route in routes {
        for shape in [shape_of(&route.takes), produced(&route.produces)].into_iter().flatten() {
            components.schemas.extend(shape.components);
        }
        let item = PathItem::new(route.method.clone(), operation(route));
        items.entry(format!("{BASE}{}", route.path)).or_default().merge_operations(item);
    }
    let paths = items.into_iter().fold(PathsBuilder::new(), |paths, (path, item)| paths.path(path, item)).build();
    let info = InfoBuilder::new()
        .title("首都科技创新券 / Innovation vouchers")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "《首都科技条件平台与科技创新券实施办法(修订版)》(京科发〔2023〕16号)。金额单位为分(_fen),时间为 RFC 3339(+08:00),错误为 RFC 9457 problem details。\n\n\
             Amounts are integers of fen (`_fen`), instants RFC 3339 (+08:00), errors RFC 9457 problem details with a stable `code`.",
        ))
        .build();
    let mut document = OpenApi::new(info, paths);
    document.components = Some(components);
    document
}

fn add_component<T: ToSchema>(components: &mut Components) {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    components.schemas.extend(schemas);
}

fn shape_of(takes: &Takes) -> Option<Shape> {
    match takes {
        Takes::Json(shape) => Some(shape()),
        Takes::Nothing | Takes::Upload => None,
    }
}

fn produced(produces: &Produces) -> Option<Shape> {
    match produces {
        Produces::Json(shape) => Some(shape()),
        Produces::Nothing | Produces::File => None,
    }
}

fn operation(route: &Route) -> utoipa::openapi::path::Operation {
    let (zh, en) = route.summary;
    let mut operation = OperationBuilder::new()
        .tag(route.path.split('/').nth(1).unwrap_or_default())
        .summary(Some(format!("{zh} / {en}")))
        .description(Some(who(route)))
        .operation_id(Some(operation_id(route)));
    for parameter in parameters(route) {
        operation = operation.parameter(parameter);
    }
    if route.access != Access::Public {
        operation = operation.security(SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, []));
    }
    let body = match &route.takes {
        Takes::Nothing => None,
        Takes::Json(shape) => Some(
            RequestBodyBuilder::new()
                .content("application/json", ContentBuilder::new().schema(Some(shape().schema)).build()),
        ),
        Takes::Upload => {
            let file = ObjectBuilder::new().schema_type(Type::String).content_media_type("application/octet-stream");
            let form = ObjectBuilder::new().property("file", file).required("file");
            Some(
                RequestBodyBuilder::new()
                    .content("multipart/form-data", ContentBuilder::new().schema(Some(form)).build()),
            )
        }
    };
    operation = operation.request_body(body.map(|body| body.required(Some(Required::True)).build()));
    operation = operation.response(route.success.to_string(), success(route));
    for (status, codes) in by_status(&refusals(route)) {
        operation = operation.response(status.to_string(), refused(&codes));
    }
    operation.build()
}

fn who(route: &Route) -> String {
    match route.access {
        Access::Public => "公开 / public".to_owned(),
        Access::SignedIn => "任何已登录账号 / any account".to_owned(),
        Access::Roles(roles) => roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(", "),
    }
}

fn operation_id(route: &Route) -> String {
    let method = super::route::method_name(&route.method).to_ascii_lowercase();
    let path = route.path.replace(['/', '-', '.'], "_").replace(['{', '}'], "");
    format!("{method}{path}")
}

fn parameters(route: &Route) -> Vec<utoipa::openapi::path::Parameter> {
    let text = || Some(ObjectBuilder::new().schema_type(Type::String).build());
    let header = |name: &str, zh_en: &str, required| {
        let required = if required { Required::True } else { Required::False };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .description(Some(zh_en))
            .required(required)
            .schema(text())
            .build()
    };
    let mut parameters: Vec<_> = route
        .parameter_names()
        .into_iter()
        .map(|name| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(text())
                .build()
        })
        .collect();
    parameters.extend(route.query.iter().cloned());
    if route.dry_run {
        let flag = ObjectBuilder::new().schema_type(Type::Boolean).build();
        let parameter = ParameterBuilder::new().name("dry_run").parameter_in(ParameterIn::Query).schema(Some(flag));
        parameters.push(parameter.description(Some("只检查,不办理 / run the checks, change nothing")).build());
    }
    if route.replayable {
        parameters.push(header(
            "Idempotency-Key",
            "同键同内容重试得到首次的答复 / a repeat answers the first answer",
            route.requires_key,
        ));
    }
    if route.requires_version {
        parameters.push(header("If-Match", "读取时得到的 ETag / the ETag that was read", true));
    }
    parameters
}

fn success(route: &Route) -> utoipa::openapi::Response {
    let response = ResponseBuilder::new().description("成功 / done");
    match &route.produces {
        Produces::Nothing => response.build(),
        Produces::File => response.content("application/octet-stream", ContentBuilder::new().build()).build(),
        Produces::Json(shape) => {
            let content = ContentBuilder::new().schema(Some(shape().schema)).build();
            response
                .content("application/json", content)
                .header("ETag", text_header("版本 / the version, for If-Match"))
                .build()
        }
    }
}

fn text_header(description: &str) -> utoipa::openapi::Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(description))
        .build()
}

fn by_status(codes: &BTreeSet<RefusalCode>) -> BTreeMap<u16, Vec<RefusalCode>> {
    let mut statuses: BTreeMap<u16, Vec<RefusalCode>> = BTreeMap::new();
    for code in codes {
        statuses.entry(problem::status(*code)).or_default().push(*code);
    }
    statuses
}

fn refused(codes: &[RefusalCode]) -> utoipa::openapi::Response {
    let names = codes.iter().map(|code| format!("`{}`", code.code())).collect::<Vec<_>>().join(" · ");
    let schema: RefOr<Schema> = utoipa::openapi::Ref::from_schema_name(Problem::name()).into();
    let example = json!({ "code": codes.first().map(|code| code.code()) });
    let content = ContentBuilder::new().schema(Some(schema)).example(Some(example)).build();
    ResponseBuilder::new().description(names).content(problem::MEDIA_TYPE, content).build()
}
