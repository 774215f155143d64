//! A client that checks each answer against what the API promises.

use actix_web::http::{Method, StatusCode, header};
use actix_web::test::TestRequest;
use innovation_voucher::http::openapi;
use innovation_voucher::http::route::{Route, method_name};
use serde_json::Value;
use voucher_domain::code::Code;
use voucher_domain::refusal::RefusalCode;

use super::{Account, World};

/// A request being put together.
pub struct Ask<'w> {
    world: &'w World,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    auto_key: bool,
    proves: bool,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    pub bytes: Vec<u8>,
}

impl World {
    pub fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask {
            world: self,
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
            auto_key: true,
            proves: true,
        }
    }

    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Ask<'_> {
        self.ask(Method::PUT, path)
    }

    pub fn patch(&self, path: &str) -> Ask<'_> {
        self.ask(Method::PATCH, path)
    }

    pub fn delete(&self, path: &str) -> Ask<'_> {
        self.ask(Method::DELETE, path)
    }

    /// Reads a path that is not of the API's table: the document, the page, the health.
    pub async fn get_outside(&self, path: &str) -> Reply {
        Reply::read((self.service)(TestRequest::get().uri(path).to_request()).await).await
    }

    /// The row of the table that a path belongs to.
    pub fn route_of(&self, method: &Method, path: &str) -> Option<&Route> {
        let path = path.split('?').next().unwrap_or_default();
        let fits = |route: &&Route| {
            let (wanted, given): (Vec<_>, Vec<_>) = (route.path.split('/').collect(), path.split('/').collect());
            wanted.len() == given.len()
                && wanted.iter().zip(&given).all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
        };
        // A path without a parameter goes before one with, whatever methods it has.
        let named = self.routes.iter().filter(fits).min_by_key(|route| route.parameter_names().len())?.path;
        self.routes.iter().find(|route| route.path == named && method_name(&route.method) == method.as_str())
    }
}

impl Ask<'_> {
    /// With the token of this account.
    pub fn by(self, account: &Account) -> Self {
        let token = format!("Bearer {}", account.token);
        self.header("authorization", &token)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body.to_string().into_bytes());
        self.header("content-type", "application/json")
    }

    /// A body that is sent as it is.
    pub fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", content_type)
    }

    /// Meant for this version.
    pub fn if_match(self, version: &Value) -> Self {
        let tag = format!("\"{version}\"");
        self.header("if-match", &tag)
    }

    pub fn key(mut self, key: &str) -> Self {
        self.auto_key = false;
        self.header("idempotency-key", key)
    }

    /// Without the key that is sent by itself where money moves.
    pub fn without_key(mut self) -> Self {
        self.auto_key = false;
        self
    }

    /// Without proving the ledger afterwards, for one of very many.
    pub fn unproved(mut self) -> Self {
        self.proves = false;
        self
    }

    /// Sends it, and holds the answer against the document and the ledger.
    pub async fn send(self) -> Reply {
        let world = self.world;
        let route = world.route_of(&self.method, &self.path);
        let changes = self.method != Method::GET;
        let mut request = TestRequest::default().method(self.method.clone()).uri(&format!("/api/v1{}", self.path));
        for (name, value) in &self.headers {
            request = request.insert_header((name.as_str(), value.as_str()));
        }
        if self.auto_key && route.is_some_and(|route| route.requires_key) {
            request = request.insert_header(("idempotency-key", format!("key-{}", world.next_number())));
        }
        request = request.peer_addr("127.0.0.1:9".parse().unwrap());
        let response = (world.service)(request.set_payload(self.body.unwrap_or_default()).to_request()).await;
        let reply = Reply::read(response).await;
        let is_fault = reply.status == 500 && world.is_spoilt.get();
        if let Some(route) = route.filter(|_| !is_fault) {
            reply.hold_against(route);
        }
        if changes && self.proves {
            world.prove();
        }
        reply
    }
}

impl Reply {
    async fn read(response: actix_web::dev::ServiceResponse) -> Self {
        let status = response.status().as_u16();
        let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let bytes = actix_web::test::read_body(response).await.to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Self { status, headers, body, bytes }
    }

    /// A refusal must be one that the document names for the route, in the form of RFC 9457.
    fn hold_against(&self, route: &Route) {
        assert!(self.status < 500 || self.status == 503, "{} {}: {self:?}", method_name(&route.method), route.path);
        if StatusCode::from_u16(self.status).unwrap().is_success() {
            assert_eq!(self.status, route.success, "{} {}: {:?}", method_name(&route.method), route.path, self.body);
            return;
        }
        let code =
            self.body["code"].as_str().and_then(RefusalCode::from_code).unwrap_or_else(|| panic!("no code: {self:?}"));
        let documented = openapi::refusals(route);
        assert!(
            documented.contains(&code),
            "{} {} does not document {code}: {:?}",
            method_name(&route.method),
            route.path,
            self.body
        );
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert!(self.body["detail"].as_str().is_some_and(|text| !text.is_empty()), "{self:?}");
        assert!(self.body["request_id"].is_string(), "{self:?}");
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body of an answer that must be of this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self.body
    }

    /// The body of a refusal that must have this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status, self.body["code"].as_str()),
            (status, Some(code)),
            "{}",
            String::from_utf8_lossy(&self.bytes)
        );
        self.body
    }

    /// A refusal that rests on this article.
    #[track_caller]
    pub fn refused_by(self, code: &str, article: &str) -> Value {
        let body = self.refused(409, code);
        assert_eq!(body["article"], article, "{body}");
        body
    }

    /// A refusal of form that names this field.
    #[track_caller]
    pub fn refused_field(self, field: &str) -> Value {
        assert_eq!(self.status, 422, "{}", String::from_utf8_lossy(&self.bytes));
        let named =
            self.body["fields"].as_array().is_some_and(|fields| fields.iter().any(|fault| fault["field"] == field));
        assert!(named, "{field} is not named: {}", self.body);
        self.body
    }
}

/// A multipart body with one file.
pub fn multipart(field: &str, name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    let boundary = "a-boundary-that-is-in-no-file";
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}
