//! What a file is by its content, and a name that can be trusted.

use voucher_domain::refusal::{Refusal, RefusalCode};

const MAX_NAME_CHARACTERS: usize = 200;
/// An extension that is kept when a long name is cut has at most so many characters, with its dot.
const MAX_EXTENSION_CHARACTERS: usize = 16;
/// The name of a file that came without one.
const NAMELESS: &str = "file";

/// The media type of the content, found in the content alone; text that says nothing more is
/// `text/plain`.
pub(super) fn media_type(bytes: &[u8]) -> &'static str {
    if let Some(kind) = infer::get(bytes) {
        return kind.mime_type();
    }
    let is_text = std::str::from_utf8(bytes)
        .is_ok_and(|text| text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')));
    if is_text { "text/plain" } else { "application/octet-stream" }
}

/// The media type of content that is taken.
///
/// # Errors
/// `unsupported_media_type` that says what was found and what is taken.
pub(super) fn require_taken(bytes: &[u8], taken: &[String]) -> Result<&'static str, Refusal> {
    let found = media_type(bytes);
    if taken.iter().any(|kind| kind == found) {
        return Ok(found);
    }
    let known = taken.join(", ");
    Err(Refusal::new(
        RefusalCode::UnsupportedMediaType,
        format!("文件内容的类型为 {found},不能上传;可上传的类型:{known}。类型按内容判断,与文件名无关。"),
        format!(
            "The file's content is {found}, which is not taken; it may be {known}. The content decides, not the name."
        ),
    ))
}

/// The name without path and without characters that are not to be seen, at most 200 characters, its
/// extension kept.
pub(super) fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String = last.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    let plain = visible.trim().trim_start_matches('.').trim_start();
    if plain.is_empty() { NAMELESS.to_owned() } else { cut(plain) }
}

fn cut(name: &str) -> String {
    if name.chars().count() <= MAX_NAME_CHARACTERS {
        return name.to_owned();
    }
    let extension = name.rfind('.').and_then(|dot| name.get(dot..)).unwrap_or_default();
    let extension = if extension.chars().count() <= MAX_EXTENSION_CHARACTERS { extension } else { "" };
    let room = MAX_NAME_CHARACTERS.saturating_sub(extension.chars().count());
    let stem: String = name.chars().take(room).collect();
    format!("{stem}{extension}")
}

/// Marks that turn or hide what follows: with them `fdp.exe` can look like `exe.pdf`.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_content_decides_what_a_file_is() {
        assert_eq!(media_type(b"%PDF-1.4\n%%EOF\n"), "application/pdf");
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image/png");
        assert_eq!(media_type(b"\xff\xd8\xff\xe0\0\x10JFIF"), "image/jpeg");
        assert_eq!(media_type(b"PK\x03\x04\x14\0\0\0\0\0"), "application/zip");
        assert_eq!(media_type(b"<html><script>alert(1)</script></html>"), "text/html");
        assert_eq!(media_type(b"<?xml version=\"1.0\"?><svg/>"), "text/xml");
        assert_eq!(media_type(b"MZ\x90\0\x03\0\0\0"), "application/vnd.microsoft.portable-executable");
        assert_eq!(media_type("发票代码,号码\n".as_bytes()), "text/plain");
        assert_eq!(media_type(b"\0\x01\x02\x03"), "application/octet-stream");
    }

    #[test]
    fn text_is_refused_unless_it_is_taken() {
        let taken = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>();
        let refusal = require_taken(b"hello", &taken(&["application/pdf"])).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::UnsupportedMediaType);
        assert!(refusal.message.en.contains("text/plain") && refusal.message.en.contains("application/pdf"));
        assert_eq!(require_taken(b"hello", &taken(&["text/plain"])), Ok("text/plain"));
    }

    #[test]
    fn a_name_has_no_path_and_hides_nothing() {
        assert_eq!(plain_name("../../etc/合同.pdf"), "合同.pdf");
        assert_eq!(plain_name("C:\\Users\\a\\合同.pdf"), "合同.pdf");
        assert_eq!(plain_name("a\r\nSet-Cookie: b.pdf"), "aSet-Cookie: b.pdf");
        assert_eq!(plain_name("\u{202e}fdp.exe"), "fdp.exe");
        assert_eq!(plain_name(".htaccess"), "htaccess");
        for nothing in ["", "/", "..", " . ", "a/"] {
            assert_eq!(plain_name(nothing), NAMELESS, "{nothing:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let whole = format!("{}.pdf", "字".repeat(196));
        assert_eq!(plain_name(&whole), whole);
        assert_eq!(plain_name(&format!("{}.pdf", "字".repeat(197))), whole);
        assert_eq!(plain_name(&"字".repeat(201)), "字".repeat(200));
        assert_eq!(plain_name(&format!("{}.{}", "a".repeat(300), "b".repeat(300))), "a".repeat(200));
    }

    proptest! {
        #[test]
        fn no_content_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), start in 0_usize..6) {
            const STARTS: [&[u8]; 6] = [
                b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b", b"RIFF", b"\0\0\0\x18ftyp",
            ];
            let content = [STARTS[start], &bytes].concat();
            prop_assert!(!media_type(&content).is_empty());
        }

        #[test]
        fn no_name_is_too_long_or_empty(name in any::<String>()) {
            let plain = plain_name(&name);
            prop_assert!((1..=MAX_NAME_CHARACTERS).contains(&plain.chars().count()));
            prop_assert!(!plain.contains(['/', '\\', '\r', '\n', '\0']));
        }
    }
}
