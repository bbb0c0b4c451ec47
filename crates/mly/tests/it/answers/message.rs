//! Messages of the service: they never show a part of the token, and they end.

use super::{envelope, of_graph};
use crate::support::SECRET;

#[tokio::test]
async fn a_message_that_echoes_a_part_of_the_token_is_shown_without_it() {
    // The token's application, its secret part, and pieces of that.
    let parts = ["123456789", SECRET, "00112233", "ddeeff", "CCDDEEFF"];
    for (head, code) in [("400 Bad", 190), ("400 Bad", 100), ("400 Bad", 4), ("500 Oops", 2)] {
        let (error, _) = of_graph(head, envelope(code, &format!("bad: {}", parts.join(" and ")))).await;
        let text = format!("{error} {error:?}").to_lowercase();
        assert!(text.contains("bad: *** and *** and *** and ddeeff and ***"), "{text}");
        assert!(!text.contains("00112233") && !text.contains("ccddeeff"), "{text}");
    }
}

#[tokio::test]
async fn a_message_without_end_is_cut_and_says_so() {
    let (error, _) = of_graph("400 Bad", envelope(100, &"x".repeat(10 << 20))).await;
    let text = error.to_string();
    assert!(text.len() < 1200, "{}", text.len());
    assert!(text.contains("xxx... (cut; it has 10485760 characters)"), "{}", &text[900..]);
    let title = format!("<html><title>{}</title></html>", "y".repeat(5000));
    let (error, _) = of_graph("403 No\r\nContent-Type: text/html", title).await;
    assert!(error.to_string().len() < 300, "{error}");
}
