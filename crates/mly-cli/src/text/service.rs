//! Texts of the options that concern the service.

use super::Entry;

pub(super) const TEXTS: &[Entry] = &[
    (
        "",
        "token",
        "The access token, which begins with `MLY|` and is free on the dashboard of Mapillary. The environment variable is \
         the better place, since other users of a machine can see the arguments of commands. No message, log or file \
         has the token.",
    ),
    (
        "",
        "demo",
        "Query a small invented town that is built into the command, instead of Mapillary. It needs no token and no \
         network, and gives the same rows every time.",
    ),
    (
        "",
        "graph_url",
        "The address of the Graph API, which answers by id and by search. Give another one to use an emulator or a proxy \
         of your own.",
    ),
    (
        "",
        "tiles_url",
        "The address of the vector tiles. Give another one to use an emulator or a proxy of your own.",
    ),
    (
        "",
        "concurrency",
        "The largest number of requests that are open at the same time. The pace of tiles does not depend on it.",
    ),
    (
        "",
        "retries",
        "How often a request that failed is sent again, with growing pauses. Errors that a retry cannot mend, such as a \
         refused token, are not retried.",
    ),
    ("", "timeout", "How many seconds to wait for a response before the request counts as failed."),
    (
        "",
        "tiles_per_minute",
        "The largest number of tiles in any 60 seconds, shared by all processes of this machine. 0 means no limit. Other \
         services than the official one have no limit unless this option sets it. A faster pace can block your IP \
         address for a day.",
    ),
    (
        "",
        "tiles_per_day",
        "The largest number of tiles in any 24 hours, shared by all processes of this machine. 0 means no limit. When it \
         is used up, the run stops with exit code 4, and the same command resumes it later.",
    ),
    (
        "",
        "cache_dir",
        "The folder of cached tiles and of the counts of requests. Without it, it is the cache folder of your system for \
         the official service, and there is none for others.",
    ),
    ("", "no_cache", "Fetch every tile from the service, and keep none."),
    (
        "",
        "max_age",
        "Use a cached tile only if it is younger than this: a number with `s`, `m`, `h` or `d`, such as `12h`. `0h` fetches \
         every tile again and caches it.",
    ),
];
