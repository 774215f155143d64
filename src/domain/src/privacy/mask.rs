//! How details are shown to those who need to tell them apart, not to use them.

/// So many characters at least are hidden of a number of which both ends are shown.
const FEWEST_HIDDEN: usize = 4;

/// A number with so many of its first and last characters; of a short one only the last quarter:
/// `138****8000`, `******01`.
pub fn masked_number(text: &str, first: usize, last: usize) -> String {
    let characters: Vec<char> = text.trim().chars().collect();
    let shown = first.saturating_add(last);
    let (first, last) = match characters.len().checked_sub(shown) {
        Some(hidden) if hidden >= FEWEST_HIDDEN => (first, last),
        Some(_) | None => (0, characters.len().checked_div(4).unwrap_or_default()),
    };
    let end = characters.len().saturating_sub(last);
    let hidden = |place: usize| (first..end).contains(&place);
    characters.iter().enumerate().map(|(place, c)| if hidden(place) { '*' } else { *c }).collect()
}

/// A name by its first character: `郑*`.
pub fn masked_name(name: &str) -> String {
    name.trim().chars().enumerate().map(|(place, c)| if place == 0 { c } else { '*' }).collect()
}

/// Whatever people are reached by: of an address its first character and its domain, of a number its
/// ends, of anything else its first character.
pub fn masked_contact(contact: &str) -> String {
    let contact = contact.trim();
    let first = |text: &str| text.chars().take(1).collect::<String>();
    if let Some((local, domain)) = contact.rsplit_once('@') {
        return format!("{}***@{domain}", first(local));
    }
    let is_number = contact.chars().all(|c| c.is_ascii_digit() || "+- ()".contains(c));
    if is_number { masked_number(contact, 3, 4) } else { format!("{}***", first(contact)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_shows_its_ends_and_a_short_one_hardly_anything() {
        for (number, masked) in [
            ("13800138000", "138****8000"),
            ("010-62750001", "010*****0001"),
            ("1234567890", "********90"),
            ("62750001", "******01"),
            ("12345", "****5"),
            ("123", "***"),
            ("", ""),
        ] {
            assert_eq!(masked_number(number, 3, 4), masked, "{number}");
        }
        assert_eq!(masked_number("0200004509000000001", 4, 4), "0200***********0001");
        assert_eq!(masked_number("999", 4, 4), "***");
    }

    #[test]
    fn at_least_four_characters_of_what_has_them_are_hidden() {
        for length in 4..40 {
            let number = "7".repeat(length);
            let hidden = masked_number(&number, 4, 4).chars().filter(|c| *c == '*').count();
            assert!(hidden >= 3 && hidden >= length.min(4) - 1, "{length}: {hidden}");
        }
    }

    #[test]
    fn a_contact_is_told_from_another_and_cannot_be_reached() {
        for (contact, masked) in [
            ("13911112222", "139****2222"),
            (" zheng@example.cn ", "z***@example.cn"),
            ("微信 zheng_zhi", "微***"),
            ("@", "***@"),
            ("", ""),
        ] {
            assert_eq!(masked_contact(contact), masked, "{contact}");
        }
    }

    #[test]
    fn a_name_shows_its_first_character() {
        assert_eq!(masked_name("郑直"), "郑*");
        assert_eq!(masked_name("欧阳娜娜"), "欧***");
        assert_eq!(masked_name(""), "");
    }
}
