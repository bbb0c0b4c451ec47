//! What the result of a plan is, for the metadata of its files.

use arrow_schema::Schema;

use super::{Plan, Question};
use crate::table::{
    ATTRIBUTION, ATTRIBUTION_KEY, ATTRIBUTION_URL, DESCRIPTION_KEY, FIELDS_KEY, LAYER_KEY, LICENSE,
    LICENSE_KEY, QUESTION_KEY,
};

/// A question with more bytes than this is told in words only: readers limit the size of what comes before the rows, and
/// a border may have millions of positions.
const LONGEST_QUESTION: usize = 1 << 20;

impl Plan {
    /// Whether a result with this schema answers the question of this plan, as far as its metadata tell.
    pub fn is_answered_by(&self, schema: &Schema) -> bool {
        self.about().iter().all(|(key, value)| schema.metadata().get(key) == Some(value))
    }

    /// The metadata of the result: its layer, the question, and whom to name. It depends on the plan alone.
    pub(crate) fn about(&self) -> Vec<(String, String)> {
        let (words, fields) = match &self.question {
            Question::Query(query) => (query.to_string(), query.fields()),
            Question::Lookup(lookup) => (lookup.to_string(), lookup.fields()),
        };
        let question = serde_json::to_string(&self.question).ok();
        let question = question.filter(|text| text.len() <= LONGEST_QUESTION);
        let mut about = vec![
            (ATTRIBUTION_KEY, format!("{ATTRIBUTION} ({ATTRIBUTION_URL})")),
            (LICENSE_KEY, LICENSE.to_owned()),
            (DESCRIPTION_KEY, words),
            (LAYER_KEY, self.rows().replace(' ', "_")),
        ];
        about.extend(question.map(|question| (QUESTION_KEY, question)));
        about.extend(fields.map(|names| (FIELDS_KEY, names.join(","))));
        about.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}
