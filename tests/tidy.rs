//! The promises about the source itself: arrows run one way, one clock, states matched whole, files
//! that a reader can hold (DESIGN.md).

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests; what panics here fails them"
)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

const MOST_LINES: usize = 500;

/// What the files of a directory may not name, and the files that may all the same.
struct Rule {
    directory: &'static str,
    never: &'static [&'static str],
    except: &'static [&'static str],
}

/// `domain ← storage ← services ← http ← main`; `adapters` implement what `services` ask for.
const ARROWS: &[Rule] = &[
    Rule {
        directory: "src/domain/src",
        never: &[
            "voucher_storage",
            "innovation_voucher",
            "diesel",
            "actix_web",
            "tokio",
            "tracing",
            "getrandom",
            "std::fs",
            "std::env",
            "std::io",
            "std::net",
            "std::process",
            "std::thread",
            "std::time",
        ],
        except: &[],
    },
    Rule { directory: "src/storage/src", never: &["innovation_voucher", "actix_web", "tokio"], except: &[] },
    Rule {
        directory: "src/services",
        never: &[
            "crate::http",
            "crate::adapters",
            "crate::wiring",
            "crate::cli",
            "crate::jobs",
            "crate::demo",
            "diesel",
            "actix_web",
            "tokio",
            "std::fs",
            "std::net",
            "std::thread",
        ],
        except: &[],
    },
    Rule {
        directory: "src/http",
        never: &["crate::adapters", "crate::wiring", "crate::cli", "crate::jobs", "crate::demo", "diesel", "std::fs"],
        except: &[],
    },
    Rule {
        directory: "src/http",
        never: &["voucher_storage"],
        // Opens the transaction, and keeps in it the answer of a key and the look at who calls.
        except: &["src/http/dispatch.rs", "src/http/claim_lane.rs"],
    },
    Rule {
        directory: "src/adapters",
        never: &[
            "crate::http",
            "crate::wiring",
            "crate::cli",
            "crate::jobs",
            "crate::demo",
            "voucher_storage",
            "diesel",
        ],
        except: &[],
    },
    Rule { directory: "src", never: &["diesel", "diesel_migrations"], except: &["src/storage/"] },
];

/// The one clock is injected; these read the system's.
const CLOCKS: &[&str] = &[
    "chrono::Utc::now",
    "chrono::Local",
    "Utc::now",
    "Local::now",
    "std::time::SystemTime",
    "SystemTime::now",
    "std::time::Instant",
    "Instant::now",
    "Uuid::now_v7",
    "Uuid::now_v1",
    "Uuid::now_v6",
    "Timestamp::now",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file below a directory, by its path from the root.
fn sources(directory: &str) -> Vec<String> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(directory), &mut found);
    let mut names: Vec<_> =
        found.iter().map(|path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    assert!(!names.is_empty(), "{directory} has no sources");
    names
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Files that are compiled for tests alone.
fn is_of_tests(file: &str) -> bool {
    file.contains("/tests/")
        || file.ends_with("tests.rs")
        || file.ends_with("fixtures.rs")
        || file.ends_with("/testing.rs")
}

/// The module of a file, as a path from its crate's root.
fn module_of(file: &str) -> Vec<String> {
    let within = file.split_once("/src/").map_or_else(|| file.trim_start_matches("src/"), |(_, within)| within);
    let mut parts: Vec<String> = within.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        parts.pop();
    }
    parts
}

/// Every path that a file names outside of its tests, macros included, with `self` and `super` told in full.
fn paths(file: &str) -> Vec<String> {
    let tokens: TokenStream = read(file).parse().unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut found = Vec::new();
    collect(tokens, &mut found);
    let module = module_of(file);
    found.into_iter().map(|path| in_full(&path, &module)).collect()
}

fn in_full(path: &[String], module: &[String]) -> String {
    let mut rest = path;
    let mut base = match rest.first().map(String::as_str) {
        Some("self" | "super") => module.to_vec(),
        _ => return path.join("::"),
    };
    while let Some((first, others)) = rest.split_first() {
        match first.as_str() {
            "self" => {}
            "super" => drop(base.pop()),
            _ => break,
        }
        rest = others;
    }
    base.insert(0, "crate".to_owned());
    base.extend_from_slice(rest);
    base.join("::")
}

/// Collects the paths of a run of tokens.
fn collect(tokens: TokenStream, found: &mut Vec<Vec<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if begins_tests(&tokens, at) {
            at = after_item(&tokens, at + 2);
            continue;
        }
        match &tokens[at] {
            TokenTree::Ident(_) => at = collect_path(&tokens, at, &[], found),
            TokenTree::Group(group) => {
                collect(group.stream(), found);
                at += 1;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => at += 1,
        }
    }
}

/// Whether `#[cfg(test)]` stands here.
fn begins_tests(tokens: &[TokenTree], at: usize) -> bool {
    let is_mark = matches!(&tokens[at], TokenTree::Punct(mark) if mark.as_char() == '#');
    let attribute = tokens.get(at + 1).map(ToString::to_string).unwrap_or_default().replace(' ', "");
    is_mark && attribute == "[cfg(test)]"
}

/// The place after the item that begins here: after its braces, or its semicolon.
fn after_item(tokens: &[TokenTree], from: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    };
    tokens.iter().skip(from).position(ends).map_or(tokens.len(), |place| from + place + 1)
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
    colon(at) && colon(at + 1)
}

/// Collects the path that begins here, with every branch of a `use` tree; the place after it.
fn collect_path(tokens: &[TokenTree], from: usize, stem: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let (mut path, mut at) = (stem.to_vec(), from);
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        path.push(name.to_string());
        at += 1;
        if !is_colons(tokens, at) {
            break;
        }
        at += 2;
        if let Some(TokenTree::Group(group)) = tokens.get(at)
            && group.delimiter() == Delimiter::Brace
        {
            let branches: Vec<TokenTree> = group.stream().into_iter().collect();
            let mut branch = 0;
            while branch < branches.len() {
                let next = collect_path(&branches, branch, &path, found);
                branch = next.max(branch + 1);
            }
            return at + 1;
        }
    }
    if path.len() > stem.len() {
        found.push(path);
    }
    at
}

fn is_below(path: &str, stem: &str) -> bool {
    path == stem || path.strip_prefix(stem).is_some_and(|rest| rest.starts_with("::"))
}

#[test]
fn arrows_run_one_way() {
    let mut faults = String::new();
    for rule in ARROWS {
        for file in sources(rule.directory) {
            if is_of_tests(&file) || rule.except.iter().any(|except| file.starts_with(except)) {
                continue;
            }
            for path in paths(&file) {
                if rule.never.iter().any(|never| is_below(&path, never)) {
                    writeln!(faults, "{file} names {path}").unwrap();
                }
            }
        }
    }
    assert!(faults.is_empty(), "these point the wrong way; ask for it in services/ports.rs instead:\n{faults}");
}

#[test]
fn what_adapters_know_of_the_use_cases_are_their_ports() {
    for file in sources("src/adapters") {
        for path in paths(&file) {
            let strange = is_below(&path, "crate::services") && !is_below(&path, "crate::services::ports");
            assert!(!strange, "{file} names {path}");
        }
    }
}

#[test]
fn one_file_reads_the_system_s_clock() {
    for file in sources("src") {
        if is_of_tests(&file) || file == "src/adapters/clock.rs" {
            continue;
        }
        for path in paths(&file) {
            let reads = CLOCKS.iter().any(|clock| path == *clock || path.ends_with(&format!("::{clock}")));
            assert!(!reads, "{file} names {path}; take the instant of the call, or the injected clock");
        }
    }
    let clock = paths("src/adapters/clock.rs");
    assert!(clock.contains(&"chrono::Utc::now".to_owned()), "the search finds no clock: {clock:?}");
}

#[test]
fn the_lints_that_keep_the_promises_are_on() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let lints = &manifest["workspace"]["lints"];
    assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("forbid"));
    for lint in [
        // States are matched without `_`, so that a new one cannot be half added.
        "wildcard_enum_match_arm",
        "unwrap_used",
        "expect_used",
        "panic",
        "arithmetic_side_effects",
        "as_conversions",
        "indexing_slicing",
        "todo",
        "unimplemented",
    ] {
        assert_eq!(lints["clippy"][lint].as_str(), Some("deny"), "{lint}");
    }
    for manifest in ["Cargo.toml", "src/domain/Cargo.toml", "src/storage/Cargo.toml"] {
        let table: toml::Table = read(manifest).parse().unwrap();
        assert_eq!(table["lints"]["workspace"].as_bool(), Some(true), "{manifest}");
    }
}

#[test]
fn lints_are_only_silenced_with_a_reason_and_never_for_states() {
    for file in sources("src") {
        let text: String = read(&file).split_whitespace().collect();
        for silenced in ["#[allow(", "#![allow(", "#[expect(", "#![expect("] {
            for rest in text.split(silenced).skip(1) {
                let attribute = rest.split(")]").next().unwrap_or_default();
                assert!(attribute.contains("reason="), "{file} silences without a reason: {attribute}");
                assert!(!attribute.contains("wildcard_enum_match_arm"), "{file}: {attribute}");
            }
        }
    }
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    let mut faults = String::new();
    for file in sources("src").into_iter().chain(sources("tests")) {
        let lines = read(&file).lines().count();
        if lines > MOST_LINES {
            writeln!(faults, "{file} has {lines} lines").unwrap();
        }
    }
    assert!(faults.is_empty(), "more than {MOST_LINES} lines; split by meaning:\n{faults}");
}

#[test]
fn the_search_for_paths_sees_trees_macros_and_relatives() {
    let source = "
        use super::a::{b, c::{self, d}, e as f};
        fn x() { json!({ \"k\": diesel::select(1) }); crate::http::y::<std::fs::File>(); }
        #[cfg(test)]
        mod tests { use crate::hidden; }
        #[cfg(test)]
        use crate::hidden_too;
    ";
    let mut found = Vec::new();
    collect(source.parse().unwrap(), &mut found);
    let module = module_of("src/services/identity/login.rs");
    assert_eq!(module, ["services", "identity", "login"]);
    assert_eq!(module_of("src/services/identity/mod.rs"), ["services", "identity"]);
    assert_eq!(module_of("src/domain/src/period/day.rs"), ["period", "day"]);
    let found: Vec<_> = found.iter().map(|path| in_full(path, &module)).collect();
    for wanted in [
        "crate::services::identity::a::b",
        "crate::services::identity::a::c::d",
        "crate::services::identity::a::e",
        "diesel::select",
        "crate::http::y",
        "std::fs::File",
    ] {
        assert!(found.contains(&wanted.to_owned()), "{wanted} is not in {found:?}");
    }
    assert!(!found.iter().any(|path| path.contains("hidden")), "{found:?}");
}
