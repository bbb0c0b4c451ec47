//! The signs of the avenue.

/// Who a sign is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Those who drive along the avenue.
    Onward,
    /// Those who come back.
    Back,
}

/// How a sign is on the map.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    Missing,
    /// A node with this code.
    Code(&'static str),
    /// A node with the code of another sign.
    WrongCode(&'static str),
    /// A node beside the street with another tag than a code.
    Thing(&'static str, &'static str),
    /// A node of the street.
    Street(&'static str, &'static str),
    /// A tag that its street has.
    Tag,
}

/// A sign on a post.
#[derive(Clone, Copy, Debug)]
pub(super) struct PostSign {
    pub(super) value: &'static str,
    pub(super) readers: Readers,
    pub(super) entry: Entry,
    /// How far away the service has made it again when it was photographed for the second time.
    pub(super) moved_m: Option<f64>,
    /// Whether it has been there since 2023 only.
    pub(super) is_new: bool,
    /// Nearer than this a tree hides it.
    pub(super) tree_m: f64,
}

impl PostSign {
    const fn moved(self, moved_m: f64) -> Self {
        Self { moved_m: Some(moved_m), ..self }
    }

    const fn since_2023(self) -> Self {
        Self { is_new: true, ..self }
    }

    const fn behind_tree(self, tree_m: f64) -> Self {
        Self { tree_m, ..self }
    }
}

/// What signs hang on: metres along the avenue, and metres to the right of its middle line.
#[derive(Clone, Copy, Debug)]
pub(super) struct SignPost {
    pub(super) along_m: f64,
    pub(super) right_m: f64,
    pub(super) signs: &'static [PostSign],
}

const fn onward(value: &'static str, entry: Entry) -> PostSign {
    PostSign { value, readers: Readers::Onward, entry, moved_m: None, is_new: false, tree_m: 0.0 }
}

const fn back(value: &'static str, entry: Entry) -> PostSign {
    PostSign { readers: Readers::Back, ..onward(value, entry) }
}

const fn post(along_m: f64, right_m: f64, signs: &'static [PostSign]) -> SignPost {
    SignPost { along_m, right_m, signs }
}

pub(super) const POSTS: &[SignPost] = &[
    post(30.0, -5.0, &[back("information--pedestrians-crossing--g1", Entry::Missing)]),
    // Three on one post.
    post(
        60.0,
        5.0,
        &[
            onward("regulatory--priority-road--g1", Entry::Missing),
            onward("regulatory--maximum-speed-limit-50--g1", Entry::Tag),
            onward("complementary--distance--g1", Entry::Missing),
        ],
    ),
    post(90.0, -5.0, &[back("regulatory--stop--g1", Entry::Missing)]),
    // Equal signs on both sides.
    post(120.0, 5.0, &[onward("regulatory--no-overtaking--g1", Entry::Missing)]),
    // The seam of a panorama goes through it.
    post(
        139.2,
        -5.0,
        &[onward("warning--children--g1", Entry::Code("136-10")).since_2023().behind_tree(19.0)],
    ),
    post(120.0, -5.0, &[onward("regulatory--no-overtaking--g1", Entry::Missing)]),
    post(170.0, 5.0, &[onward("regulatory--yield--g1", Entry::WrongCode("206"))]),
    // Many in one photo.
    post(222.0, 5.0, &[onward("regulatory--no-stopping--g1", Entry::Code("283"))]),
    post(225.0, 5.0, &[onward("regulatory--keep-right--g1", Entry::Missing)]),
    post(228.0, 5.0, &[onward("information--bus-stop--g1", Entry::Thing("highway", "bus_stop"))]),
    post(231.0, 5.0, &[onward("information--dead-end--g1", Entry::Missing)]),
    post(222.0, -5.0, &[onward("regulatory--no-entry--g1", Entry::Code("267"))]),
    post(225.0, -5.0, &[onward("information--parking--g1", Entry::Missing)]),
    post(228.0, -5.0, &[onward("regulatory--go-straight--g1", Entry::Code("209-30"))]),
    post(231.0, -5.0, &[onward("regulatory--turn-left-ahead--g1", Entry::Missing)]),
    post(270.0, 5.0, &[onward("regulatory--yield--g1", Entry::Missing)]),
    // Made again beyond and within the distance at which the service joins equal values.
    post(330.0, 5.0, &[onward("regulatory--maximum-speed-limit-30--g1", Entry::Missing).moved(11.0)]),
    post(360.0, -5.0, &[back("regulatory--stop--g1", Entry::Street("highway", "stop")).moved(2.0)]),
    // Back to back.
    post(
        400.0,
        5.0,
        &[
            onward("regulatory--no-parking--g1", Entry::Code("286")),
            back("regulatory--no-parking--g1", Entry::Missing),
        ],
    ),
    post(430.0, -5.0, &[back("regulatory--maximum-speed-limit-70--g1", Entry::WrongCode("274-50"))]),
    // Road works, and what stands there because of them.
    post(590.0, 5.0, &[onward("warning--roadworks--g1", Entry::Missing).since_2023()]),
    post(596.0, 5.0, &[onward("regulatory--maximum-speed-limit-20--g1", Entry::Missing).since_2023()]),
];
