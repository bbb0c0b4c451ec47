//! Codes of signs in the tag `traffic_sign`.

use super::rule::Rule;
use crate::openstreetmap::OsmTags;

/// Whether tags name the sign of a rule, by its code in a country or by its word for all countries.
pub(super) fn names_sign(tags: &OsmTags, rule: &Rule, prefix: &str) -> bool {
    tokens(tags).any(|token| is_sign(token, tags, rule, prefix))
}

/// Whether tags name a sign that is easily taken for that of a rule: a rival, or a limit with another number.
pub(super) fn names_rival(tags: &OsmTags, rule: &Rule, prefix: &str) -> bool {
    let limit = rule.codes.first().filter(|_| rule.speed).and_then(|code| base_of(code));
    let is_rival = |token: &str| {
        let (of, code) = token.split_once(':').unwrap_or((prefix, token));
        let is_limit = limit.is_some() && base_of(code.trim()) == limit;
        of.trim() == prefix && (is_limit || rule.rivals.iter().any(|rival| rival == code.trim()))
    };
    !names_sign(tags, rule, prefix) && tokens(tags).any(is_rival)
}

/// All signs that tags name.
fn tokens(tags: &OsmTags) -> impl Iterator<Item = &str> {
    let signs = tags.iter().filter(|(key, _)| *key == "traffic_sign" || key.starts_with("traffic_sign:"));
    signs.flat_map(|(_, value)| codes_of(value)).map(str::trim)
}

/// The codes of a value, divided by commas and semicolons, but for those within brackets: `DE:265[3,8],DE:1022-10`.
fn codes_of(value: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    value.split(move |letter| {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(letter, ',' | ';')
    })
}

/// A code without its number: `274` of `274-30`, `2.30` of `2.30[50]`.
fn base_of(code: &str) -> Option<&str> {
    let (base, number) = code.trim_end_matches(']').rsplit_once(['-', '['])?;
    number.bytes().all(|b| b.is_ascii_digit()).then_some(base)
}

/// The value of `traffic_sign` for a rule, if it has one.
pub(super) fn sign_value(rule: &Rule, prefix: &str) -> Option<String> {
    let code = rule.codes.first().map(|code| format!("{prefix}:{code}"));
    code.or_else(|| rule.generic.clone())
}

fn is_sign(token: &str, tags: &OsmTags, rule: &Rule, prefix: &str) -> bool {
    if rule.generic.as_deref() == Some(token) {
        // `traffic_sign=hazard` with `hazard=children` is no sign of curves.
        return rule.add.iter().all(|(key, value)| tags.get(key).is_none_or(|found| found == value));
    }
    let (of, code) = token.split_once(':').unwrap_or((prefix, token));
    let code = code.trim();
    of.trim() == prefix && rule.codes.iter().any(|known| is_code(code, known, &rule.codes))
}

/// Whether a code that was found means a known one, of all that a rule has.
fn is_code(found: &str, known: &str, all: &[String]) -> bool {
    if found == known {
        return true;
    }
    // `274[30]` is another way to write `274-30`.
    let written = found.strip_suffix(']').and_then(|text| text.split_once('['));
    if written.is_some_and(|(code, number)| {
        known.strip_prefix(code).and_then(|rest| rest.strip_prefix('-')) == Some(number)
    }) {
        return true;
    }
    // A height or a weight, as in `265[3.8]`, unless the rule tells numbers apart.
    let tells_numbers = all.iter().any(|code| code.starts_with(&format!("{known}[")));
    if written.is_some_and(|(code, _)| code == known) && !tells_numbers {
        return true;
    }
    // The two sides of a sign, as in 136-10 and 136-20, unless the rule tells them apart.
    let sides = ["-10", "-20"].iter().find_map(|side| found.strip_suffix(side));
    let tells_sides = all.iter().any(|code| code.starts_with(&format!("{known}-")));
    sides == Some(known) && !tells_sides
}

#[cfg(test)]
mod tests {
    use super::super::rule_book::RuleBook;
    use super::*;

    #[test]
    fn codes_are_read_as_mappers_write_them() {
        let book = RuleBook::new("DE", None).unwrap();
        for (value, sign, is) in [
            ("regulatory--stop--g1", "DE:206", true),
            ("regulatory--stop--g1", "DE:205,DE:206", true),
            ("regulatory--stop--g1", "DE:1001;206", true),
            ("regulatory--stop--g1", "stop", true),
            ("regulatory--stop--g1", "AT:206", false),
            ("regulatory--stop--g1", "DE:205", false),
            ("warning--children--g1", "DE:136-10", true),
            ("regulatory--maximum-speed-limit-30--g1", "DE:274-30", true),
            ("regulatory--maximum-speed-limit-30--g1", "DE:274[30]", true),
            ("regulatory--maximum-speed-limit-30--g1", "DE:274-50", false),
            ("regulatory--maximum-speed-limit-20--g1", "DE:274-20", true),
            ("regulatory--keep-right--g1", "DE:222", true),
            ("regulatory--keep-right--g1", "DE:222-20", true),
            ("regulatory--keep-right--g1", "DE:222-10", false),
            ("regulatory--turn-right-ahead--g1", "DE:209-10", false),
            ("regulatory--height-limit--g1", "DE:265[3.8]", true),
            ("regulatory--height-limit--g1", "DE:1022-10,265[3,8]", true),
            ("regulatory--height-limit--g1", "DE:262[7.5]", false),
            ("regulatory--stop--g1", "DE:265[3,206]", false),
        ] {
            let rule = book.rule(value).unwrap();
            assert_eq!(
                names_sign(&OsmTags::new([("traffic_sign", sign)]), &rule, "DE"),
                is,
                "{value} {sign}"
            );
        }
        let rule = book.rule("warning--children--g1").unwrap();
        let hazard = |kind: &str| OsmTags::new([("traffic_sign", "hazard"), ("hazard", kind)]);
        assert!(names_sign(&hazard("children"), &rule, "DE") && !names_sign(&hazard("curve"), &rule, "DE"));
        assert!(names_sign(&OsmTags::new([("traffic_sign:2", "DE:136")]), &rule, "DE"));
        let book = RuleBook::new("AT", None).unwrap();
        for (sign, is) in [("AT:52.10a[30]", true), ("AT:52.10a", true), ("AT:52.10a[50]", false)] {
            let rule = book.rule("regulatory--maximum-speed-limit-30--g1").unwrap();
            assert_eq!(names_sign(&OsmTags::new([("traffic_sign", sign)]), &rule, "AT"), is, "{sign}");
        }
    }
}
