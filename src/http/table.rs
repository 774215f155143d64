//! Which row of the table a request means, by its path and its method.

use std::collections::BTreeMap;
use std::sync::Arc;

use matchit::Router;

use super::route::{Route, method_name};

/// The rows of the table, to be found by path.
pub struct Table {
    rows: Vec<Arc<Route>>,
    by_path: Router<Vec<Arc<Route>>>,
}

/// What a path and a method mean.
pub enum Found<'t> {
    /// A row, with the parameters of the path.
    Row(&'t Arc<Route>, BTreeMap<String, String>),
    /// The path takes these methods, parted by commas, and not this one.
    WrongMethod(String),
    /// No row has such a path.
    Nowhere,
}

impl Table {
    /// The table of these rows.
    pub fn new(rows: Vec<Route>) -> Self {
        let rows: Vec<Arc<Route>> = rows.into_iter().map(Arc::new).collect();
        let mut of_path: BTreeMap<&'static str, Vec<Arc<Route>>> = BTreeMap::new();
        for row in &rows {
            of_path.entry(row.path).or_default().push(Arc::clone(row));
        }
        let mut by_path = Router::new();
        for (path, rows) in of_path {
            if let Err(error) = by_path.insert(path, rows) {
                tracing::error!(path, %error, "a row of the table of routes cannot be reached");
            }
        }
        Self { rows, by_path }
    }

    /// Every row.
    pub fn rows(&self) -> impl Iterator<Item = &Route> {
        self.rows.iter().map(Arc::as_ref)
    }

    /// The row of a path, without the part that all paths have, and a method.
    pub fn find(&self, method: &str, path: &str) -> Found<'_> {
        let Ok(matched) = self.by_path.at(path) else { return Found::Nowhere };
        match matched.value.iter().find(|row| method_name(&row.method) == method) {
            Some(row) => {
                let parameters = matched.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
                Found::Row(row, parameters.collect())
            }
            None => {
                let methods: Vec<&str> = matched.value.iter().map(|row| method_name(&row.method)).collect();
                Found::WrongMethod(methods.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routes;

    #[test]
    fn every_row_is_found_by_its_own_path_and_method() {
        let table = Table::new(routes::all());
        for row in table.rows() {
            let path = row.path.replace('{', "").replace('}', "-1");
            let Found::Row(found, parameters) = table.find(method_name(&row.method), &path) else {
                panic!("{path} is not found");
            };
            assert_eq!((found.path, method_name(&found.method)), (row.path, method_name(&row.method)));
            for (name, value) in parameters {
                assert_eq!(value, format!("{name}-1"), "{path}");
            }
        }
    }

    #[test]
    fn other_methods_and_other_paths_are_told_apart() {
        let table = Table::new(routes::all());
        let Found::WrongMethod(allowed) = table.find("DELETE", "/cycles") else { panic!("nobody deletes cycles") };
        assert_eq!(allowed, "POST, GET");
        for path in ["", "/", "/cycles/", "/cycles//publish", "/nowhere", "/cycles/1/2/3"] {
            assert!(matches!(table.find("GET", path), Found::Nowhere), "{path}");
        }
    }
}
