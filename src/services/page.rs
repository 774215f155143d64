//! Lists: newest first, a limit, and an opaque cursor to go on from.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
// What the derive itself writes for a type with parameters.
use utoipa::__dev::ComposeSchema;
use uuid::Uuid;
use voucher_domain::refusal::Refusal;

const DEFAULT_LIMIT: u16 = 20;
const MAX_LIMIT: u16 = 200;

/// A part of a list.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// What to send as `cursor` to read on; absent at the end.
    pub next_cursor: Option<String>,
}

// By hand: a derived schema is called `Page` whatever it is a page of, so that one would stand for all.
impl<T: ToSchema> ComposeSchema for Page<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let items = ArrayBuilder::new()
            .items(Ref::from_schema_name(T::name()))
            .description(Some("The items, newest first."))
            .build();
        let next_cursor = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("What to send as `cursor` to read on; absent at the end."))
            .build();
        ObjectBuilder::new()
            .description(Some("A part of a list."))
            .property("items", items)
            .required("items")
            .property("next_cursor", next_cursor)
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Page", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest {
    /// How many items at the most.
    pub limit: u16,
    /// Only items older than this one.
    pub before: Option<Uuid>,
}

impl PageRequest {
    /// Reads `limit` (1 to 200, 20 by default) and `cursor`.
    ///
    /// # Errors
    /// `validation_failed` that names the parameter.
    pub fn new(limit: Option<u16>, cursor: Option<&str>) -> Result<Self, Refusal> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Refusal::field(
                "limit",
                "range",
                format!("每页条数应在 1 至 {MAX_LIMIT} 之间。"),
                format!("must be between 1 and {MAX_LIMIT}."),
            ));
        }
        let before = cursor.map(decode).transpose()?;
        Ok(Self { limit, before })
    }
}

impl<T> Page<T> {
    /// The page of views of a page of rows.
    ///
    /// # Errors
    /// What a view fails with.
    pub fn of<R, E>(rows: voucher_storage::Page<R>, view: impl FnMut(R) -> Result<T, E>) -> Result<Self, E> {
        let items = rows.items.into_iter().map(view).collect::<Result<_, _>>()?;
        Ok(Self { items, next_cursor: rows.next.map(encode) })
    }
}

fn encode(id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(id.as_bytes())
}

fn decode(cursor: &str) -> Result<Uuid, Refusal> {
    URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| Uuid::from_slice(&bytes).ok()).ok_or_else(|| {
        Refusal::field("cursor", "cursor", "不是有效的分页游标。", "is not a cursor that a list answered.")
    })
}
