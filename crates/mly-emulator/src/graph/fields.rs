//! The parameter `fields`: names, with `a.b` and `a{b,c}` for fields of entities inside the entity.

use crate::answer::ApiError;

/// The fields of one entity, in the order of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<Field>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// The fields of the entity inside; without them the service chooses some.
    pub(crate) nested: Option<Fields>,
}

impl Fields {
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let mut rest = text;
        let fields = list(&mut rest)?;
        if rest.is_empty() { Ok(fields) } else { Err(syntax_error(text, rest)) }
    }

    /// Fields with these names.
    pub(crate) fn named(names: &[&str]) -> Self {
        Self(names.iter().map(|&name| Field { name: name.into(), nested: None }).collect())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|field| field.name == name)
    }

    /// `creator.id,creator.username` is one field with two nested ones.
    fn add(&mut self, field: Field) {
        match self.0.iter_mut().find(|known| known.name == field.name) {
            Some(Field { nested: Some(known), .. }) => {
                field.nested.into_iter().flat_map(|nested| nested.0).for_each(|nested| known.add(nested));
            }
            Some(known) => known.nested = field.nested,
            None => self.0.push(field),
        }
    }
}

/// Fields up to a closing brace or the end.
fn list(rest: &mut &str) -> Result<Fields, ApiError> {
    let mut fields = Fields::default();
    loop {
        *rest = rest.trim_start();
        // The service ignores superfluous commas.
        if rest.is_empty() || rest.starts_with('}') {
            return Ok(fields);
        }
        if let Some(after) = rest.strip_prefix(',') {
            *rest = after;
            continue;
        }
        fields.add(field(rest)?);
    }
}

fn field(rest: &mut &str) -> Result<Field, ApiError> {
    let length =
        rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
    let (name, after) = rest.split_at(length);
    if name.is_empty() {
        return Err(syntax_error(rest, rest));
    }
    let name = name.to_owned();
    *rest = after;
    let nested = if let Some(after) = rest.strip_prefix('.') {
        *rest = after;
        Some(Fields(vec![field(rest)?]))
    } else if let Some(after) = rest.strip_prefix('{') {
        *rest = after;
        let fields = list(rest)?;
        *rest = rest.strip_prefix('}').ok_or_else(|| syntax_error(rest, ""))?;
        Some(fields)
    } else {
        None
    };
    Ok(Field { name, nested })
}

fn syntax_error(whole: &str, rest: &str) -> ApiError {
    let place = whole.len().saturating_sub(rest.len());
    ApiError::invalid(format!("Syntax error in parameter fields at character {place}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_braces_nest() {
        let fields = Fields::parse("geometry,creator.username, creator.id,image{id,thumb_256_url},").unwrap();
        let nested =
            |name: &str, names: &[&str]| Field { name: name.into(), nested: Some(Fields::named(names)) };
        let expected = vec![
            Field { name: "geometry".into(), nested: None },
            nested("creator", &["username", "id"]),
            nested("image", &["id", "thumb_256_url"]),
        ];
        assert_eq!(fields, Fields(expected));
    }

    #[test]
    fn what_is_not_a_list_of_names_is_refused() {
        for text in ["a{b", "a}", "a..b", "-"] {
            assert_eq!(Fields::parse(text).unwrap_err().code, 100, "{text}");
        }
    }
}
