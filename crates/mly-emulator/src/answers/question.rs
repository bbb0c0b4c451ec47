//! Questions as values, and the macro that makes a table of them.

/// A question about the service whose answer is not known.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    /// Its name, such as `bbox-rule`.
    pub name: &'static str,
    /// The question itself.
    pub asks: &'static str,
    /// The answers that an emulator can play. The first is the default.
    pub variants: &'static [AnswerVariant],
}

/// An answer to a [`Question`].
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerVariant {
    /// Its name, such as `side`.
    pub name: &'static str,
    /// What it means.
    pub means: &'static str,
}

/// Declares the questions, one row each: the field of `Answers`, the type of its answers, the name, the question and the
/// answers. A row makes the field, the entry of [`Question::ALL`] and its arm of `Answers::set`.
macro_rules! questions {
    ($($field:ident: $kind:ident, $name:literal, $asks:literal, $($variant:ident = $word:literal: $means:literal),+;)+) => {
        impl Question {
            /// Every question.
            pub const ALL: &'static [Self] = &[$(Self {
                name: $name,
                asks: $asks,
                variants: &[$(AnswerVariant { name: $word, means: $means }),+],
            }),+];
        }

        /// The answers that an emulator plays, one to each question.
        #[derive(Clone, Copy, Debug, Default)]
        pub(crate) struct Answers {
            $(pub(crate) $field: $kind,)+
        }

        impl Answers {
            /// Plays another answer, given by its names.
            pub(crate) fn set(&mut self, question: &str, variant: &str) {
                match (question, variant) {
                    $($(($name, $word) => self.$field = $kind::$variant,)+)+
                    _ => {}
                }
            }
        }
    };
}

/// Declares the answers to a question as a type. The first one is the default.
macro_rules! kinds {
    ($($kind:ident { $first:ident $(, $other:ident)* })+) => {
        $(
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub(crate) enum $kind {
                #[default]
                $first,
                $($other,)*
            }
        )+
    };
}
