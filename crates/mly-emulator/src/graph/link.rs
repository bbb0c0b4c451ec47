//! Signed URLs: valid for thirty days, without a token.

use crate::dice::mix;

/// How long a URL is valid, as observed.
const LIFE_S: i64 = 30 * 24 * 3600;
/// The answer to a URL that has expired.
pub(crate) const EXPIRED: &str = "URL signature expired";
/// The first part of the paths of all signed files.
const FOLDER: &str = "cdn";

/// The width of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PictureSize {
    Wide(u16),
    Original,
}

impl PictureSize {
    pub(crate) const ALL: [(Self, &'static str); 4] = [
        (Self::Wide(256), "256"),
        (Self::Wide(1024), "1024"),
        (Self::Wide(2048), "2048"),
        (Self::Original, "original"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(size, _)| *size == self).map_or("", |(_, name)| name)
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(size, _)| size)
    }

    /// The size in pixels of a picture of a photo with these pixels; never larger than the photo.
    pub(crate) fn pixels(self, width: u16, height: u16) -> (u16, u16) {
        match self {
            Self::Wide(wanted) if wanted < width => {
                let scaled =
                    (u32::from(height) * u32::from(wanted) + u32::from(width) / 2) / u32::from(width);
                (wanted, u16::try_from(scaled).unwrap_or(height).max(1))
            }
            _ => (width, height),
        }
    }
}

/// A file behind a signed URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignedFile<'a> {
    Picture { image: u64, size: PictureSize },
    Mesh { image: u64 },
    Cluster { sequence: &'a str, cluster: u32 },
}

impl<'a> SignedFile<'a> {
    fn path(self) -> String {
        match self {
            Self::Picture { image, size } => format!("/{FOLDER}/picture/{image}/{}.jpg", size.name()),
            Self::Mesh { image } => format!("/{FOLDER}/mesh/{image}"),
            Self::Cluster { sequence, cluster } => format!("/{FOLDER}/cluster/{sequence}/{cluster}"),
        }
    }

    /// The file at a path, given by its parts.
    pub(crate) fn at(parts: &[&'a str]) -> Option<Self> {
        match parts {
            [FOLDER, "picture", image, name] => Some(Self::Picture {
                image: image.parse().ok()?,
                size: PictureSize::named(name.strip_suffix(".jpg")?)?,
            }),
            [FOLDER, "mesh", image] => Some(Self::Mesh { image: image.parse().ok()? }),
            [FOLDER, "cluster", sequence, cluster] => {
                Some(Self::Cluster { sequence, cluster: cluster.parse().ok()? })
            }
            _ => None,
        }
    }
}

/// Signs URLs and checks them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links<'a> {
    pub(crate) base: &'a str,
    pub(crate) now_ms: i64,
}

impl Links<'_> {
    pub(crate) fn sign(&self, file: SignedFile<'_>) -> String {
        let (path, expires_s) = (file.path(), self.now_ms.div_euclid(1000) + LIFE_S);
        let signature = signature(&path, expires_s);
        format!("{}{path}?ccb=10-5&oh={signature}&oe={expires_s:X}&_nc_sid=201bca", self.base)
    }

    /// Checks the parameters of a signed URL. The error is the text that the service answers with.
    pub(crate) fn check(
        &self,
        file: SignedFile<'_>,
        oh: Option<&str>,
        oe: Option<&str>,
    ) -> Result<(), &'static str> {
        let expires_s = oe.and_then(|oe| i64::from_str_radix(oe, 16).ok()).ok_or("Bad URL timestamp")?;
        if oh != Some(&*signature(&file.path(), expires_s)) {
            return Err("URL signature mismatch");
        }
        if self.now_ms >= expires_s * 1000 { Err(EXPIRED) } else { Ok(()) }
    }
}

fn signature(path: &str, expires_s: i64) -> String {
    let words = path.as_bytes().chunks(8).map(|chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        u64::from_le_bytes(word)
    });
    let hash = words.fold(mix(expires_s.cast_unsigned()), |hash, word| mix(hash ^ word));
    format!("00_AY{hash:016x}{:016x}", mix(hash))
}
