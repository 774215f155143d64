//! The words of a text, for both databases: what they find is what is made here.
//!
//! Chinese is written without blanks, so each pair of neighbouring characters is a word (质谱分析: 质谱,
//! 谱分, 分析), and so is the last character of a run: then a single character is found as the beginning
//! of a word. Letters and digits are words as they stand. Compatibility forms are one (ＸＲＤ, ①), and so
//! are small and capital letters.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Stands before a word of the name, so that what is named so is found before what mentions it. Nobody
/// can type it into a search: it is no letter.
pub const NAME_MARK: char = '\u{e000}';
/// The most words that one query asks for; what goes beyond is not looked at.
const MOST_WORDS: usize = 32;

/// A run of characters of one sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Han characters, which are taken two by two.
    Han,
    /// Letters and digits of scripts with blanks between words.
    Word,
    /// What is between.
    Between,
}

/// Characters that the tokenizers of both databases know as letters or digits since long: where one of
/// them parted a word, the same text would be found in one database and not in the other.
fn sort(character: char) -> Sort {
    match character {
        '\u{3400}'..='\u{4db5}' | '\u{4e00}'..='\u{9fcc}' | '\u{20000}'..='\u{2a6d6}' | '\u{3007}' => Sort::Han,
        '0'..='9' | 'a'..='z' | 'A'..='Z' => Sort::Word,
        // Latin, Greek and Cyrillic letters, kana, hangul.
        '\u{c0}'..='\u{24f}'
        | '\u{370}'..='\u{481}'
        | '\u{48a}'..='\u{4ff}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{ac00}'..='\u{d7a3}'
            if character.is_alphabetic() =>
        {
            Sort::Word
        }
        _ => Sort::Between,
    }
}

/// The runs of a text, in its order.
fn runs(text: &str) -> Vec<(Sort, Vec<char>)> {
    let mut runs: Vec<(Sort, Vec<char>)> = Vec::new();
    for character in text.nfkc().flat_map(char::to_lowercase) {
        let kind = sort(character);
        match runs.last_mut() {
            Some((last, run)) if *last == kind => run.push(character),
            Some(_) | None => runs.push((kind, vec![character])),
        }
    }
    runs.retain(|(kind, _)| *kind != Sort::Between);
    runs
}

fn pairs(run: &[char]) -> impl Iterator<Item = String> + '_ {
    run.windows(2).map(|pair| pair.iter().collect())
}

/// The words of texts, each once, in their order as characters sort.
fn words<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (kind, run) in texts.into_iter().flat_map(runs) {
        match kind {
            Sort::Han => {
                found.extend(pairs(&run));
                found.extend(run.last().map(char::to_string));
            }
            Sort::Word => {
                found.insert(run.iter().collect());
            }
            Sort::Between => {}
        }
    }
    found
}

/// What a thing is found by: the words of its name, marked and unmarked, and those of what else is said
/// of it, with one blank between them.
pub fn terms<'a>(name: &'a str, others: impl IntoIterator<Item = &'a str>) -> String {
    let marked = words([name]).into_iter().map(|word| format!("{NAME_MARK}{word}"));
    let plain = words(std::iter::once(name).chain(others));
    marked.chain(plain).collect::<Vec<_>>().join(" ")
}

/// What a query asks for: all of these words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Words that must be there whole.
    pub whole: Vec<String>,
    /// Words that must begin so: a single Chinese character, and letters and digits, since who types
    /// `JEM-F2` means `JEM-F200` too.
    pub beginnings: Vec<String>,
}

/// The words that a query asks for; `None` where it has none, and so nothing to search by.
pub fn query(text: &str) -> Option<Query> {
    let (mut whole, mut beginnings) = (BTreeSet::new(), BTreeSet::new());
    for (kind, run) in runs(text) {
        match (kind, run.as_slice()) {
            (Sort::Han, [_, _, ..]) => whole.extend(pairs(&run)),
            (Sort::Han | Sort::Word, _) => {
                beginnings.insert(run.iter().collect::<String>());
            }
            (Sort::Between, _) => {}
        }
    }
    let query = Query {
        whole: whole.into_iter().take(MOST_WORDS).collect(),
        beginnings: beginnings.into_iter().take(MOST_WORDS).collect(),
    };
    if query.whole.is_empty() && query.beginnings.is_empty() { None } else { Some(query) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str, asked: &str) -> bool {
        let words: Vec<String> = terms("", [text]).split(' ').map(str::to_owned).collect();
        let asked = query(asked).unwrap();
        asked.whole.iter().all(|word| words.contains(word))
            && asked.beginnings.iter().all(|start| words.iter().any(|word| word.starts_with(start)))
    }

    #[test]
    fn neighbours_are_words_and_so_is_the_last_character() {
        let expected = ["分析", "析", "谱分", "质谱"];
        let mut sorted = expected;
        sorted.sort_unstable();
        assert_eq!(terms("", ["质谱分析"]), sorted.join(" "));
        assert_eq!(terms("", ["、,。 "]), "");
    }

    #[test]
    fn a_name_s_words_stand_marked_before_the_others() {
        assert_eq!(terms("质谱", ["XRD"]), "\u{e000}谱 \u{e000}质谱 xrd 谱 质谱");
    }

    #[test]
    fn one_two_and_more_characters_are_found() {
        let text = "高分辨液相色谱-质谱联用(LC-MS),JEM-F200 透射电镜";
        for asked in
            ["质", "质谱", "色谱", "液相色谱", "高分辨", "lc", "LC-MS", "ｊｅｍ", "f2", "电镜", "镜", "质谱 透射"]
        {
            assert!(found(text, asked), "{asked}");
        }
        for asked in ["光谱", "谱质", "200", "质谱 核磁", "xrd"] {
            assert!(!found(text, asked), "{asked}");
        }
    }

    #[test]
    fn compatibility_forms_and_capitals_are_one() {
        assert!(found("ＸＲＤ", "xrd"));
        assert!(found("xrd", "ＸＲＤ"));
        assert!(found("㎏", "KG"));
    }

    #[test]
    fn nothing_to_search_by_is_nothing() {
        for empty in ["", "  ", "、,.!", "\u{e000}", "'\"*^:()"] {
            assert_eq!(query(empty), None, "{empty:?}");
        }
    }

    proptest! {
        #[test]
        fn words_are_letters_and_digits_alone(text in any::<String>()) {
            for word in terms(&text, [text.as_str()]).split(' ').filter(|word| !word.is_empty()) {
                let plain = word.strip_prefix(NAME_MARK).unwrap_or(word);
                prop_assert!(plain.chars().all(char::is_alphanumeric), "{word:?}");
            }
            if let Some(query) = query(&text) {
                prop_assert!(query.whole.iter().chain(&query.beginnings).all(|word| word.chars().all(char::is_alphanumeric)));
            }
        }

        #[test]
        fn every_part_of_a_chinese_text_is_found_in_it(text in "[\u{4e00}-\u{4e20}]{1,12}", from in 0_usize..12, length in 1_usize..6) {
            let characters: Vec<char> = text.chars().collect();
            let part: String = characters.iter().skip(from.checked_rem(characters.len()).unwrap_or_default()).take(length).collect();
            prop_assert!(found(&text, &part), "{part} in {text}");
        }
    }
}
