"""`outreach flows`: check flow files, try a flow in the terminal, draw it."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from outreach import clock, database
from outreach.conversations.flow import LANGUAGES
from outreach.conversations.flow_files import FlowFile, FlowFileError, flow_paths, load_flow, load_flows
from outreach.conversations.flow_graph import draw
from outreach.conversations.flow_reading import Complaint
from outreach.conversations.flow_trial import Trial
from outreach.conversations.standing import outcomes_of, people_at_steps, waiting_at_removed
from outreach.errors import OutreachError
from outreach.run_file import read_run_file
from outreach.settings import Settings, load_settings

HELP = "Write as the member would. Empty: time passes. =RESULT: what the next act comes to. Ctrl-D ends."


@click.group()
def flows() -> None:
    """Work with the conversations, which are files."""


@flows.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.pass_context
def check(ctx: click.Context, *, files: tuple[Path, ...]) -> None:
    """Check flow files, or all that would run: a line for each complaint, exit status 1 if there is any."""
    complaints = _complaints_about(files) if files else _all_complaints()
    for line in complaints:
        click.echo(line)
    ctx.exit(1 if complaints else 0)


@flows.command()
@click.argument("name")
def graph(*, name: str) -> None:
    """Draw a flow as SVG, with how many people stand where when the database is within reach."""
    settings = load_settings()
    flow = _flow_file(settings, name).flow
    standing, ended = dict[str, int](), dict[str, int]()
    with _database(settings) as session:
        if session is not None:
            standing, ended = people_at_steps(session, name), outcomes_of(session, name)
    click.echo(draw(flow, standing, ended), nl=False)


@flows.command("try")
@click.argument("name")
@click.option("--lang", type=click.Choice(LANGUAGES), default=LANGUAGES[0], help="The member's language.")
def try_(*, name: str, lang: str) -> None:
    """Play a flow in the terminal, with two made-up sessions: nothing is sent, nothing is kept."""
    settings = load_settings()
    trial = Trial(_flow_file(settings, name).flow, lang, clock.now(), settings.zone)
    click.echo(HELP)
    _show(trial.begin())
    while trial.outcome is None and (line := sys.stdin.readline()):
        words = line.strip()
        if words.startswith("="):
            trial.result = words.removeprefix("=").strip()
        else:
            _show(trial.write(words) if words else trial.stay_silent())


def _show(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)


def _flow_file(settings: Settings, name: str) -> FlowFile:
    paths = flow_paths(settings.flows_dir)
    if name not in paths:
        raise OutreachError(f"There is no flow “{name}”. There are: {', '.join(sorted(paths))}")
    return load_flow(paths[name])


def _complaints_about(files: Sequence[Path]) -> list[str]:
    """Return what is wrong with files that were named; two of one name would be one flow."""
    lines, known = list[str](), dict[str, Path]()
    for path in files:
        lines += _complaints(path)
        other = known.setdefault(path.stem, path)
        if other.absolute() != path.absolute():
            lines.append(f"{path}:1: {other} bears the same name, and a flow's name is its file's. Rename one of them")
    return lines


def _complaints(path: Path) -> tuple[str, ...]:
    try:
        load_flow(path)
    except FlowFileError as error:
        return error.lines
    return ()


def _all_complaints() -> list[str]:
    settings = load_settings()
    try:
        files = load_flows(settings.flows_dir)
    except FlowFileError as error:
        return list(error.lines)
    with _database(settings) as session:
        return [] if session is None else [line for file in files.values() for line in _removed_steps(session, file)]


def _removed_steps(session: Session, file: FlowFile) -> Iterator[str]:
    """Complain of steps that were taken out while people stand at them: they go on as it was, unseen in the file."""
    for step, count in waiting_at_removed(session, file.flow.name, file.flow.steps.keys()).items():
        what = f"“{step}” was taken out, and {count} {'person stands' if count == 1 else 'people stand'} at it"
        yield file.line(Complaint(("steps",), what, "Put it back until they are through"))


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[Session | None]:
    """Yield a session where a database is set or running; None where there is none, or nothing in it yet."""
    running = read_run_file(settings.var_dir) or {}
    url = settings.database_url or running.get("DATABASE_URL")
    if not url:
        yield None
        return
    engine = database.make_engine(str(url), pool_size=1)
    try:
        with Session(engine) as session:
            session.connection()
            yield session
    except (OperationalError, ProgrammingError):
        raise OutreachError(
            "DATABASE_URL: the database does not answer, or has no schema yet. Run `outreach migrate`"
        ) from None
    finally:
        engine.dispose()
