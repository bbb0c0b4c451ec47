//! Filters, limits and fields that cannot be.

use insta::assert_snapshot;

use super::{refusal, refused};
use crate::support::{TOWN, mly, own_demo};

#[test]
fn a_filter_of_another_layer_is_refused() {
    assert_snapshot!(refused(&[
        "signs @ --since 2023",
        "points @ --image-type pano",
        "images @ --value x",
        "sequences @ --last-seen-until 2023",
        "sequences @ --compass 0,90",
        "signs @ --cut",
    ]), @r"
    $ mly signs @ --since 2023
    error: filter `since/until` does not fit signs
    hint: signs can be filtered by value, first-seen-since/until, last-seen-since/until

    $ mly points @ --image-type pano
    error: filter `image-type` does not fit points
    hint: points can be filtered by value, first-seen-since/until, last-seen-since/until

    $ mly images @ --value x
    error: filter `value` does not fit images
    hint: images can be filtered by since/until, image-type, compass, sequence, organization, creator, creator-username, not-creator, not-creator-username, make, model, min-quality, on-foot, looking-at, spacing, positions

    $ mly sequences @ --last-seen-until 2023
    error: filter `last-seen-since/until` does not fit sequences
    hint: sequences can be filtered by since/until, image-type, sequence, organization, creator, not-creator, min-quality, on-foot, positions

    $ mly sequences @ --compass 0,90
    error: filter `compass` does not fit sequences
    hint: sequences can be filtered by since/until, image-type, sequence, organization, creator, not-creator, min-quality, on-foot, positions

    $ mly signs @ --cut
    error: cut does not fit signs
    hint: only sequences can be cut
    ");
}

#[test]
fn a_value_that_a_filter_does_not_know_is_refused() {
    assert_snapshot!(refused(&[
        "images @ --image-type panorama",
        "images @ --compass 10",
        "images @ --compass -10,10",
        "images @ --compass 0,361",
        "images @ --looking-at 500,2",
        "images @ --sequence a,,b",
        "images @ --sequence x",
        "sequences @ --sequence abcdefghijklmnopqrstuv,abc",
        "images @ --organization=-1",
        "images @ --creator 0",
        "images @ --organization acme",
        "images @ --creator 99999999999999999999",
        "signs @ --value stop!",
    ]), @r"
    $ mly images @ --image-type panorama
    error: --image-type: unknown image type `panorama`
    hint: known: all, pano, flat

    $ mly images @ --compass 10
    error: --compass: expected 2 numbers, found 1
    hint: such as --compass 350,10 (degrees clockwise from north)

    $ mly images @ --compass -10,10
    error: --compass: compass angle -10 is not within 0..360
    hint: give degrees clockwise from north; MIN > MAX crosses north

    $ mly images @ --compass 0,361
    error: --compass: compass angle 361 is not within 0..360
    hint: give degrees clockwise from north; MIN > MAX crosses north

    $ mly images @ --looking-at 500,2
    error: --looking-at: longitude 500 is not within -180..180
    hint: longitude comes first, then latitude, both in degrees

    $ mly images @ --sequence a,,b
    error: --sequence: an entry of the list is empty
    hint: separate the entries by single commas

    $ mly images @ --sequence x
    error: `x` is not an id of a sequence
    hint: ids of sequences have 22 letters, digits, - and _

    $ mly sequences @ --sequence abcdefghijklmnopqrstuv,abc
    error: `abc` is not an id of a sequence
    hint: ids of sequences have 22 letters, digits, - and _

    $ mly images @ --organization=-1
    error: --organization: `-1` is not an id
    hint: ids of organizations and creators are whole numbers above 0

    $ mly images @ --creator 0
    error: --creator: `0` is not an id
    hint: ids of organizations and creators are whole numbers above 0

    $ mly images @ --organization acme
    error: --organization: `acme` is not an id
    hint: ids of organizations and creators are whole numbers above 0

    $ mly images @ --creator 99999999999999999999
    error: --creator: `99999999999999999999` is not an id
    hint: ids of organizations and creators are whole numbers above 0

    $ mly signs @ --value stop!
    error: --value: `stop!` is not a value of a map feature
    hint: values look like regulatory--stop--g1; `*` matches any text
    ");
}

#[test]
fn dates_that_are_no_dates_or_in_the_wrong_order_are_refused() {
    assert_snapshot!(refused(&[
        "images @ --since tomorrow",
        "images @ --until 2023-02-30",
        "images @ --since 2024 --until 2023",
        "signs @ --first-seen-since 2024 --first-seen-until 2023-12",
        "signs @ --last-seen-since 20230101",
    ]), @r"
    $ mly images @ --since tomorrow
    error: --since: `tomorrow` is not a date
    hint: write 2021, 2021-03, 2021-03-04, 2021-03-04T05:06:07Z, today, yesterday, or 30d, 6w, 6m, 2y (ago)

    $ mly images @ --until 2023-02-30
    error: --until: `2023-02-30` is not a date
    hint: write 2021, 2021-03, 2021-03-04, 2021-03-04T05:06:07Z, today, yesterday, or 30d, 6w, 6m, 2y (ago)

    $ mly images @ --since 2024 --until 2023
    error: captured_at: the range ends before it begins
    hint: the earlier date goes into `since`, the later one into `until`

    $ mly signs @ --first-seen-since 2024 --first-seen-until 2023-12
    error: first_seen_at: the range ends before it begins
    hint: the earlier date goes into `since`, the later one into `until`

    $ mly signs @ --last-seen-since 20230101
    error: --last-seen-since: `20230101` is not a date
    hint: write 2021, 2021-03, 2021-03-04, 2021-03-04T05:06:07Z, today, yesterday, or 30d, 6w, 6m, 2y (ago)
    ");
}

#[test]
fn limits_and_fields_that_give_nothing_are_refused() {
    assert_snapshot!(refused(&[
        "images @ --limit 0",
        "images @ --limit -1",
        "images @ --limit many",
        "images @ --fields captured",
        "images @ --fields id,,is_pano",
        "sequences @ --fields compass_angle",
    ]), @r"
    $ mly images @ --limit 0
    error: --limit: `0` is not a valid value
    hint: give a whole number, 1 or more

    $ mly images @ --limit -1
    error: --limit: `-1` is not a valid value
    hint: give a whole number, 1 or more

    $ mly images @ --limit many
    error: --limit: `many` is not a valid value
    hint: give a whole number, 1 or more

    $ mly images @ --fields captured
    error: unknown field of images `captured`
    hint: did you mean `captured_at`?

    $ mly images @ --fields id,,is_pano
    error: --fields: an entry of the list is empty
    hint: separate the entries by single commas

    $ mly sequences @ --fields compass_angle
    error: unknown field of sequences `compass_angle`
    hint: known: id, image_id, captured_at, is_pano, organization_id, creator_id, quality_score, foot, geometry
    ");
    let emulator = own_demo();
    let said = refusal(&emulator, mly(&format!("images {TOWN} --fields")).arg(""));
    assert_snapshot!(said, @r"
    error: --fields: an entry of the list is empty
    hint: separate the entries by single commas
    ");
}
