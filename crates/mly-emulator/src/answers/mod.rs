//! What is not known of the service: questions, and the answers to them that an emulator can play.
//!
//! By default an emulator plays the first answer of each question, which is the one that is most likely. A client that gives
//! the same result under every other answer too is right whatever the service does.

#[macro_use]
mod question;
mod table;

use std::str::FromStr;

use crate::error::Error;

pub use question::{AnswerVariant, Question};
pub(crate) use table::{
    Answers, BadDate, BadIdInIds, BadIdInImageIds, BboxOrder, BboxPosition, BboxRule, BboxTooLarge,
    BrownParameters, ClusterFile, ComputedCompass, Cors, DetectionsSearch, EmptyCoverage, HeaderToken,
    HttpVersion, IdsAtOnce, LimitOver2000, LowZoomProperties, MapFeatureProperties, MeshFile,
    OverviewCompleteness, OverviewIsPano, Packing, PointBuffer, Presence, RadiusOver50, TileCaching,
    TrailingSlash,
};

/// The choice of an answer to a question, such as `bbox-rule=side`.
///
/// ```
/// use mly_emulator::{Choice, Emulator, World};
///
/// let side: Choice = "bbox-rule=side".parse()?;
/// let emulator = Emulator::builder(World::demo()).with_answer(side).start()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    question: &'static Question,
    variant: &'static AnswerVariant,
}

impl Choice {
    /// The answer with this name to the question with this name.
    ///
    /// # Errors
    ///
    /// [`Error::Answer`] lists the questions, or the answers to the question, when there is none of that name.
    pub fn new(question: &str, variant: &str) -> Result<Self, Error> {
        let error = |why: String| Error::Answer { text: format!("{question}={variant}"), why };
        let known = Question::ALL.iter().find(|known| known.name == question);
        let question = known.ok_or_else(|| {
            let names: Vec<_> = Question::ALL.iter().map(|known| known.name).collect();
            error(format!("the questions are {}", names.join(", ")))
        })?;
        let known = question.variants.iter().find(|known| known.name == variant);
        let variant = known.ok_or_else(|| {
            let names: Vec<_> = question.variants.iter().map(|known| known.name).collect();
            error(format!("the answers to {} are {}", question.name, names.join(", ")))
        })?;
        Ok(Self { question, variant })
    }

    /// The question.
    pub const fn question(&self) -> &'static Question {
        self.question
    }

    /// Its answer.
    pub const fn variant(&self) -> &'static AnswerVariant {
        self.variant
    }
}

/// `QUESTION=VARIANT`, as on the command line.
impl FromStr for Choice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (question, variant) = text.split_once('=').unwrap_or((text, ""));
        Self::new(question.trim(), variant.trim())
    }
}
