//! Running the command inside this process.

use std::ffi::OsString;
use std::io::{self, Cursor, Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};

use mly::env::Environment;
use mly_cli::{Console, MessageForm};
use mly_emulator::{Emulator, World};

use crate::read::{Row, arrow};

/// Options that ask for the box around the demo town.
pub(crate) const TOWN: &str = "--bbox 8.98,51.98,9.03,52.01";

/// The demo world, for tests that neither break it nor look at its requests.
pub(crate) fn demo() -> &'static Emulator {
    static DEMO: OnceLock<Emulator> = OnceLock::new();
    DEMO.get_or_init(own_demo)
}

/// A demo world of one's own.
pub(crate) fn own_demo() -> Emulator {
    Emulator::start(World::demo()).unwrap()
}

/// Every row of a layer of the demo world, as Arrow has it.
pub(crate) fn everything(layer: &str) -> Vec<Row> {
    arrow(&mly(&format!("{layer} {TOWN} -f arrow")).at(demo()).done().out)
}

/// A command to run inside this process.
pub(crate) struct Mly {
    args: Vec<OsString>,
    variables: Vec<(String, String)>,
    input: Vec<u8>,
    out: Option<Box<dyn Write + Send>>,
    out_is_terminal: bool,
    err_is_terminal: bool,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: u8,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

/// `mly` with arguments that are separated by spaces.
pub(crate) fn mly(args: &str) -> Mly {
    Mly {
        args: std::iter::once("mly").chain(args.split_whitespace()).map(OsString::from).collect(),
        variables: Vec::new(),
        input: Vec::new(),
        out: None,
        out_is_terminal: false,
        err_is_terminal: false,
    }
}

impl Mly {
    /// One more argument, which may hold anything.
    pub(crate) fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Writes to this file.
    pub(crate) fn to(self, path: &Path) -> Self {
        self.arg("-o").arg(path)
    }

    /// Asks this emulator.
    pub(crate) fn at(self, emulator: &Emulator) -> Self {
        self.variable("MAPILLARY_GRAPH_URL", emulator.url())
            .variable("MAPILLARY_TILES_URL", emulator.url())
            .variable("MAPILLARY_TOKEN", emulator.token())
    }

    /// Sets an environment variable; a later one of the same name wins.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What is on standard input.
    pub(crate) fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// Writes data here, and [`Outcome::out`] stays empty.
    pub(crate) fn out(mut self, writer: impl Write + Send + 'static) -> Self {
        self.out = Some(Box::new(writer));
        self
    }

    /// Takes standard output and standard error for terminals.
    pub(crate) fn on_terminal(mut self) -> Self {
        (self.out_is_terminal, self.err_is_terminal) = (true, true);
        self
    }

    pub(crate) fn run(self) -> Outcome {
        let (out, err) = (Buffer::default(), Buffer::default());
        let console = Console {
            input: Box::new(Cursor::new(self.input)),
            out: self.out.unwrap_or_else(|| Box::new(out.clone())),
            err: Box::new(err.clone()),
            out_is_terminal: self.out_is_terminal,
            err_is_terminal: self.err_is_terminal,
            out_has_colours: false,
            messages: MessageForm::Lines,
        };
        let environment = Environment::of(self.variables.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        let code = mly_cli::run(self.args, &environment, console);
        Outcome { code, out: out.take(), err: String::from_utf8(err.take()).unwrap() }
    }

    /// Runs, and insists on success.
    pub(crate) fn done(self) -> Outcome {
        let outcome = self.run();
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        outcome
    }

    /// Runs, and insists on this exit code with one error, one hint and no other line.
    pub(crate) fn fails(self, code: u8) -> Outcome {
        let outcome = self.run();
        assert_eq!(outcome.code, code, "{}", outcome.err);
        let heads: Vec<_> =
            outcome.err.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect();
        assert_eq!(heads, ["error:", "hint:"], "{}", outcome.err);
        outcome
    }
}

impl Outcome {
    /// What was printed, as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }
}

/// A stream whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The real binary with nothing in its environment but what Windows needs to open sockets.
pub(crate) fn binary(args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mly"));
    command.args(args.split_whitespace()).env_clear();
    command.envs(std::env::vars_os().filter(|(name, _)| name.eq_ignore_ascii_case("SYSTEMROOT")));
    command
}

/// The real binary, set up to ask an emulator.
pub(crate) fn binary_at(emulator: &Emulator, args: &str) -> Command {
    let mut command = binary(args);
    command.env("MAPILLARY_GRAPH_URL", emulator.url()).env("MAPILLARY_TILES_URL", emulator.url());
    command.env("MAPILLARY_TOKEN", emulator.token());
    command
}

/// A text without what differs from run to run: ports and times.
pub(crate) fn steady(text: &str, emulator: &Emulator) -> String {
    let text = text.replace(emulator.url(), "http://EMULATOR");
    let mut words: Vec<_> = text.split(' ').collect();
    for i in 1..words.len() {
        if words[i - 1] == "in" && words[i].parse::<f64>().is_ok() {
            words[i] = "TIME";
        }
    }
    words.join(" ")
}

/// A text without the path of the folder that files are in.
pub(crate) fn without_folder(text: &str, folder: &Path) -> String {
    text.replace(&format!("{}{}", folder.display(), std::path::MAIN_SEPARATOR), "")
}

/// A text without what the system says of its errors, which differs between systems.
pub(crate) fn without_system(text: &str) -> String {
    let without = |line: &str| {
        let (before, after) = line.split_once(" (os error ")?;
        let (_, after) = after.split_once(')')?;
        let (before, _) = before.rsplit_once(": ")?;
        Some(format!("{before}: ERROR OF THE SYSTEM{after}"))
    };
    text.split_inclusive('\n').map(|line| without(line).unwrap_or_else(|| line.to_owned())).collect()
}

/// Names in a folder, sorted.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The head of an HTTP request, for servers of tests that answer byte by byte; `None` if the connection ends before.
pub(crate) fn head_of(stream: &mut impl Read) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}
