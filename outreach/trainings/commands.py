import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from outreach import clock
from outreach.accounts.audit import operator, record_act
from outreach.database import transaction
from outreach.process import connected
from outreach.trainings.catalogue import add_training, list_trainings, same_title
from outreach.trainings.exports import export_rsvps
from outreach.trainings.local_time import read_local_time
from outreach.trainings.models import Level, SessionKind, Training, TrainingSession
from outreach.trainings.plans import SessionChange, SessionPlan, check_zone
from outreach.trainings.refusals import RefusedError
from outreach.trainings.sessions import add_session, cancel_session, list_sessions, move_session

ROW_ID = click.IntRange(1, 2**63 - 1)
TIME = "2026-12-05T10:00"


@dataclass(frozen=True)
class Desk:
    """What a command works with: an open transaction, the chapter's zone, the moment."""

    session: Session
    zone: ZoneInfo
    now: datetime

    def audit(self, act: str, **details: int) -> None:
        """Keep what the operator did in the audit trail."""
        record_act(self.session, operator(), act, self.now, **details)


@contextlib.contextmanager
def _desk() -> Iterator[Desk]:
    with connected() as process, transaction() as session:
        yield Desk(session, process.settings.zone, clock.now())


@click.group()
def training() -> None:
    """The catalogue of trainings."""


@training.command("add")
@click.argument("title")
@click.option("--level", type=click.Choice([level.value for level in Level]), required=True)
@click.option("--title-es", default="", help="The title in Spanish.")
def add_training_command(title: str, level: str, title_es: str) -> None:
    """Add a training to the catalogue and print its id."""
    with _desk() as desk:
        twin = same_title(desk.session, title)
        added = add_training(desk.session, title, Level(level), desk.now, title_es)
        desk.audit("training.add", training_id=added.id)
    if twin is not None:
        click.echo(f"Note: training {twin} has the same title.", err=True)
    click.echo(added.id)


@training.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def list_trainings_command(as_json: bool) -> None:  # noqa: FBT001 - click passes flags as booleans
    """List the catalogue, fundamentals first."""
    with _desk() as desk:
        _print_rows([_training_row(entry) for entry in list_trainings(desk.session)], as_json=as_json)


@click.group("session")
def session() -> None:
    """The sessions that people are invited to."""


def _time_options(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator with the options that say when and where a session is."""
    optional = partial(click.option, default=None)
    options = [
        click.option("--starts", required=required, help=f"{TIME}; without an offset in the chapter's zone."),
        click.option("--minutes", type=int, required=required, help="How long it lasts."),
        optional("--timezone", help="The session's zone, if not the chapter's: America/Los_Angeles."),
        optional("--place", help="Where it is, as people are told."),
        optional("--neighbourhood", help="Where it roughly is: public."),
        optional("--address", help="Exactly where it is: only for those who said yes."),
        optional("--link", help="Where it is online."),
        optional("--contact", help="Whom to call on the day."),
    ]

    def add_to(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return add_to


@session.command("add")
@click.option("--training", "training_id", type=ROW_ID, required=True, help="Its id in `training list`.")
@_time_options(required=True)
@click.option("--capacity", type=int, help="The number of seats; without it there is no bound.")
@click.option("--kind", type=click.Choice([kind.value for kind in SessionKind]), default=SessionKind.TRAINING.value)
@click.option("--language", "languages", multiple=True, default=("en",), help="Spoken there; may be repeated.")
@click.option("--host-committee", "hosts", multiple=True, help="Who puts it on; may be repeated.")
@click.option("--host", help="E-mail of the account that confirms each person of a sensitive session.")
@click.option("--sensitive", is_flag=True, help="Not public; the address goes out on the day alone.")
def add_session_command(starts: str, timezone: str | None, **given: object) -> None:
    """Add a session and print its id alone."""
    fields = {name: value for name, value in given.items() if value is not None}
    with _desk() as desk:
        zone = check_zone(timezone) if timezone else desk.zone
        plan = SessionPlan(starts_at=_read_time(starts, zone), timezone=zone.key, **fields)  # type: ignore[arg-type]
        added = add_session(desk.session, plan, desk.now)
        desk.audit("session.add", session_id=added.id)
    click.echo(added.id)


@session.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are over or cancelled too.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def list_sessions_command(everything: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes flags as booleans
    """List the sessions to come, soonest first."""
    with _desk() as desk:
        found = list_sessions(desk.session, None if everything else desk.now)
        _print_rows([_session_row(entry) for entry in found], as_json=as_json)


@session.command("move")
@click.argument("session_id", type=ROW_ID, metavar="ID")
@_time_options(required=False)
def move_session_command(session_id: int, starts: str | None, timezone: str | None, **given: object) -> None:
    """Change when or where a session is. Whoever is coming is told."""
    with _desk() as desk:
        zone = _zone_of(desk, session_id, timezone)
        starts_at = None if starts is None else _read_time(starts, zone)
        change = SessionChange(starts_at=starts_at, timezone=timezone, **given)  # type: ignore[arg-type]
        if not change.given:
            raise RefusedError("Nothing was given to change. Give --starts, --minutes, --place or another option.")
        move_session(desk.session, session_id, change, desk.now)
        desk.audit("session.move", session_id=session_id)


@session.command("cancel")
@click.argument("session_id", type=ROW_ID, metavar="ID")
def cancel_session_command(session_id: int) -> None:
    """Cancel a session. Whoever is coming is told."""
    with _desk() as desk:
        cancel_session(desk.session, session_id, desk.now)
        desk.audit("session.cancel", session_id=session_id)


@click.group()
def rsvps() -> None:
    """What people answered to sessions."""


@rsvps.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export_rsvps_command(file: Path) -> None:
    """Write all RSVPs to FILE as CSV; those of sensitive sessions are left out."""
    with _desk() as desk, _writable(file) as opened:
        count = export_rsvps(desk.session, opened)
        desk.audit("rsvps.export", rows=count)
    click.echo(f"{count} RSVPs written.", err=True)


def _writable(file: Path) -> TextIO:
    try:
        # A spreadsheet takes a file for UTF-8 only if it begins with a byte order mark.
        return file.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise RefusedError(f"{file} cannot be written ({error.strerror}). Name another file.") from None


def _read_time(text: str, zone: ZoneInfo) -> datetime:
    read = read_local_time(text, zone)
    if read.note:
        click.echo(f"Note: {read.note}", err=True)
    return read.at


def _zone_of(desk: Desk, session_id: int, timezone: str | None) -> ZoneInfo:
    """Return the zone that a new time is meant in: the one given, else the session's own."""
    if timezone is not None:
        return check_zone(timezone)
    gathering = desk.session.get(TrainingSession, session_id)
    return desk.zone if gathering is None else ZoneInfo(gathering.timezone)


def _training_row(entry: Training) -> dict[str, object]:
    return {
        "id": entry.id,
        "title": entry.title,
        "title_es": entry.title_es,
        "level": entry.level,
        "area": entry.area,
    }


def _session_row(entry: TrainingSession) -> dict[str, object]:
    return {
        "id": entry.id,
        "training": entry.training.title,
        "training_id": entry.training_id,
        "starts_at": entry.starts_at.astimezone(ZoneInfo(entry.timezone)).isoformat(),
        "minutes": entry.minutes,
        "place": entry.place or entry.neighbourhood or entry.link,
        "capacity": entry.capacity,
        "taken": entry.taken,
        "state": entry.state,
        "sensitive": entry.sensitive,
    }


def _print_rows(rows: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo("  ".join("" if value is None else str(value) for value in row.values()))
