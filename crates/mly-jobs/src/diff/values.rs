//! The values of map features as numbers.

use std::collections::HashMap;

/// Numbers for values, and for the names that values have without their last part, `--g1`.
///
/// The last part tells designs of one sign apart, and the service changes its mind about it.
#[derive(Debug, Default)]
pub(super) struct Values {
    numbers: HashMap<Box<str>, u32>,
    /// The number of the name of each value.
    names: Vec<u32>,
}

impl Values {
    /// The number of a value, from 1; 0 stands for no value.
    pub(super) fn number(&mut self, value: &str) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        let name = name_of(value);
        let of_name = if name == value { None } else { Some(self.number(name)) };
        let number = u32::try_from(self.names.len() + 1).unwrap_or(u32::MAX);
        self.names.push(of_name.unwrap_or(number));
        self.numbers.insert(value.into(), number);
        number
    }

    /// The number of the name of a value; `None` for no value.
    pub(super) fn name(&self, number: u64) -> Option<u32> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        self.names.get(at).copied()
    }
}

/// A value without its last part, `--g1`.
fn name_of(value: &str) -> &str {
    let digits = value.trim_end_matches(|c: char| c.is_ascii_digit());
    if digits.len() == value.len() {
        return value;
    }
    digits.strip_suffix("--g").or_else(|| digits.strip_suffix("-g")).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn designs_of_one_sign_have_one_name() {
        let mut values = Values::default();
        let mut name = |value: &str| {
            let number = values.number(value);
            assert_eq!(number, values.number(value));
            values.name(number.into()).unwrap()
        };
        assert_eq!(name("regulatory--stop--g1"), name("regulatory--stop--g10"));
        assert_ne!(name("regulatory--stop--g1"), name("regulatory--yield--g1"));
        assert_ne!(
            name("regulatory--maximum-speed-limit-30--g1"),
            name("regulatory--maximum-speed-limit-50--g1")
        );
        assert_ne!(name("regulatory--maximum-speed-limit-30"), name("regulatory--maximum-speed-limit-50"));
        assert_eq!(name("object--bench"), name("object--bench"));
        assert_eq!(values.name(0), None);
        assert_eq!(name_of("--g1"), "");
    }
}
