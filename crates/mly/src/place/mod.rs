//! Finds the outline of a place by its name, by a Nominatim service.
//!
//! ```no_run
//! # async fn f() -> mly::Result<()> {
//! use mly::place::{Found, Places};
//!
//! let places = Places::new(&mly::env::Environment::of_process())?;
//! match places.find("Herford").await? {
//!     Found::One(place) => println!("{}", place.name()),
//!     Found::Several(places) => places.iter().for_each(|place| println!("{} {}", place.id(), place.name())),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The default service is that of OpenStreetMap, which is free and wants few requests
//! (<https://operations.osmfoundation.org/policies/nominatim/>): there is at most one a second over all processes that
//! share a folder, and answers are kept there for a month. Its data are from OpenStreetMap, under its Open Database License.

mod answer;
mod kept;
mod request;

use std::path::Path;
use std::time::Duration;

use url::Url;

use self::answer::hits;
use self::kept::KeptAnswers;
use crate::env::Environment;
use crate::error::{Error, Hint, Result};
use crate::http::PlaceConnection;
pub use answer::Place;

/// What a search has found.
#[derive(Clone, Debug)]
pub enum Found {
    /// One place, or one that is far more important than the others.
    One(Box<Place>),
    /// Several of the same name, the most important first.
    Several(Vec<Place>),
}

/// How long to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much more important than the next a place has to be to be taken without asking.
const CLEARLY: f64 = 0.1;

/// A service that knows places by their names.
#[derive(Debug)]
pub struct Places {
    base: Url,
    connection: PlaceConnection,
    kept: Option<KeptAnswers>,
}

impl Places {
    /// The service and the folder that the environment names, or the defaults: the service of OpenStreetMap, and the
    /// user's folder of caches.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the variable `MLY_PLACES_URL` holds no http or https URL.
    pub fn new(environment: &Environment) -> Result<Self> {
        let base = environment.places_url(None)?.value;
        let folder = environment.places_dir(None, &base);
        Ok(Self::at(base, folder.as_deref()))
    }

    /// A service at a URL, to which `/search` and `/lookup` are appended. Answers are kept in the folder, if there is one.
    pub fn at(base: Url, folder: Option<&Path>) -> Self {
        let kept = folder.map(KeptAnswers::new);
        Self { base, connection: PlaceConnection::new(PATIENCE), kept }
    }

    /// Waits at most so long for an answer; 30 seconds unless this is called.
    #[must_use = "it is the service with the limit"]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { connection: PlaceConnection::new(timeout), ..self }
    }

    /// The URL of the service.
    pub fn url(&self) -> &Url {
        &self.base
    }

    /// Finds a place by its name, or by its id in OpenStreetMap, such as `R62422`, `W123` or `N5`.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when nothing has this name, or nothing of this name has an outline; [`Error::Transport`],
    /// [`Error::RateLimited`] or [`Error::Api`] when the service gives no usable answer.
    pub async fn find(&self, name: &str) -> Result<Found> {
        let name = name.trim();
        if name.is_empty() {
            return Err(
                Error::query("the name of the place is empty").with_hint("give a name, such as Herford")
            );
        }
        let url = request::url(&self.base, name);
        let text = self.answer(&url).await?;
        let mut found = hits(&text).map_err(|what| self.connection.unreadable(&url, what))?;
        found.sort_by(|a, b| b.importance.total_cmp(&a.importance));
        let (drawn, points): (Vec<_>, Vec<_>) = found.into_iter().partition(Place::has_outline);
        let Some(first) = drawn.first() else { return Err(without_outline(name, &points)) };
        let is_clear = drawn.get(1).is_none_or(|next| first.importance - next.importance >= CLEARLY);
        Ok(if is_clear { Found::One(Box::new(first.clone())) } else { Found::Several(drawn) })
    }

    /// The answer that is kept, or that the service gives now.
    async fn answer(&self, url: &Url) -> Result<String> {
        let Some(kept) = &self.kept else { return self.connection.text(url, hits).await };
        if let Some(text) = kept.read(url).filter(|text| hits(text).is_ok()) {
            return Ok(text);
        }
        let turn = kept.turn().await;
        // Another process may have asked the same while this one waited.
        if let Some(text) = kept.read(url).filter(|text| hits(text).is_ok()) {
            return Ok(text);
        }
        let text = self.connection.text(url, hits).await?;
        // Kept before the next process has its turn, which may ask the same.
        kept.write(url, &text);
        drop(turn);
        Ok(text)
    }

    /// The folder with the answers that are kept.
    pub fn folder(&self) -> Option<&Path> {
        self.kept.as_ref().map(KeptAnswers::folder)
    }
}

/// The error for a name that stands for no area.
fn without_outline(name: &str, points: &[Place]) -> Error {
    match points.first() {
        Some(place) => {
            let [lon, lat] = place.position();
            let what = format!("the place `{name}` is known as a point only: {}", place.describe());
            Error::query(what).with_hint(Hint::Around { position: format!("{lon},{lat}") })
        }
        None => Error::query(format!("no place named `{name}` was found"))
            .with_hint("look at its spelling, or add the country: \"Springfield, Ohio\""),
    }
}
